//! The vocabulary: what exists in an account, as checked values.
//!
//! Owns the types that every other stage speaks of, and nothing that knows a file, a wire format or a
//! plan. A value of one of these types has been validated when it was made; none has a setter.

pub mod bundle;
pub mod certificate;
pub mod defect;
pub mod digest;
pub mod distinguished_name;
pub mod hostname;
pub mod id;
pub mod issuance;
mod issuer;
pub mod mark;
pub mod name;
pub mod rule;
pub mod seal;
pub mod zone;

pub use bundle::Bundle;
pub use bundle::InvalidBundle;
pub use certificate::Certificate;
pub use certificate::Fingerprint;
pub use certificate::KeyId;
pub use defect::Defect;
pub use digest::Digest;
pub use digest::InvalidDigest;
pub use distinguished_name::DistinguishedName;
pub use hostname::Hostname;
pub use hostname::InvalidHostname;
pub use id::AccountId;
pub use id::CaId;
pub use id::InvalidId;
pub use id::RuleId;
pub use id::RulesetId;
pub use id::ZoneId;
pub use issuer::Issuer;
pub use mark::CaMark;
pub use mark::MarkedRule;
pub use mark::RuleMark;
pub use name::InvalidName;
pub use name::Name;
pub use rule::CustomRule;
pub use rule::EntryPoint;
pub use rule::RuleBody;
pub use seal::Seal;
pub use zone::Zone;
pub use zone::ZoneName;
pub use zone::ZoneStatus;

/// The most characters an expression may have, measured on its whitespace-normalised form.
///
/// Beyond it Cloudflare answers 20127 (API reference, section 3.6).
pub const EXPRESSION_LIMIT: usize = 4096;

/// CA certificates an account may hold unless its contract says otherwise.
///
/// <https://developers.cloudflare.com/ssl/client-certificates/byo-ca/>
pub const DEFAULT_QUOTA: usize = 5;
