//! What can be asked of the API, as data: exactly the operations that this program needs.
//!
//! A [`Call`] knows what it asks for, which permission that takes and whether it may be sent twice. It
//! knows neither the host nor the token, and there is no call that replaces a whole rule list.

use std::fmt;

use crate::cloudflare::Position;
use crate::cloudflare::RuleBody;
use crate::live::HostList;
use crate::resource::AccountId;
use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::RuleId;
use crate::resource::RulesetId;
use crate::resource::ZoneId;

/// One operation of the API with everything it needs (API reference, sections 1.1, 2.1, 3.1 and 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// One page of the account's zones.
    ListZones {
        /// Whose zones.
        account: AccountId,
        /// Counted from 1.
        page: u32,
    },
    /// One page of the account's certificate store.
    ListCertificates {
        /// Whose store.
        account: AccountId,
        /// Counted from 1; the parameter is undocumented, so the first page does not name it.
        page: u32,
    },
    /// One object of the certificate store.
    GetCertificate {
        /// Whose store.
        account: AccountId,
        /// Which object.
        certificate: CaId,
    },
    /// A new CA.
    UploadCertificate {
        /// Whose store.
        account: AccountId,
        /// Its name, for people.
        name: String,
        /// Its certificates; never a key.
        pem: String,
    },
    /// The end of a CA.
    DeleteCertificate {
        /// Whose store.
        account: AccountId,
        /// Which object.
        certificate: CaId,
    },
    /// The kinds of services that use a certificate; it names neither zones nor hosts.
    CertificateAssociations {
        /// Whose store.
        account: AccountId,
        /// Which object.
        certificate: CaId,
    },
    /// The hosts of one CA in one zone.
    ListHosts {
        /// In which zone.
        zone: ZoneId,
        /// Of which CA.
        issuer: Issuer,
    },
    /// The whole list of hosts of one CA in one zone, in place of what was there.
    ReplaceHosts {
        /// In which zone.
        zone: ZoneId,
        /// Of which CA.
        issuer: Issuer,
        /// All of them; empty removes every host.
        hosts: HostList,
    },
    /// The custom rules of a zone.
    GetEntryPoint {
        /// Of which zone.
        zone: ZoneId,
    },
    /// The first custom rules of a zone that has no entry point.
    ///
    /// A POST, never the PUT which would replace somebody's rules: where an entry point exists by now,
    /// the answer is 20217 and nothing has changed.
    CreateEntryPoint {
        /// In which zone.
        zone: ZoneId,
        /// Its rules, first to last.
        rules: Vec<RuleBody>,
    },
    /// One more rule.
    CreateRule {
        /// In which zone.
        zone: ZoneId,
        /// In which ruleset.
        ruleset: RulesetId,
        /// The rule.
        rule: RuleBody,
        /// Where it goes.
        position: Position,
    },
    /// Another meaning for a rule. The definition is always whole: what a PATCH leaves out is dropped.
    ///
    /// <https://developers.cloudflare.com/ruleset-engine/rulesets-api/update-rule/>
    ChangeRule {
        /// In which zone.
        zone: ZoneId,
        /// In which ruleset.
        ruleset: RulesetId,
        /// Which rule.
        id: RuleId,
        /// All of its definition.
        rule: RuleBody,
    },
    /// Another place for a rule; a body with nothing but a position changes nothing else.
    MoveRule {
        /// In which zone.
        zone: ZoneId,
        /// In which ruleset.
        ruleset: RulesetId,
        /// Which rule.
        id: RuleId,
        /// Where it goes.
        position: Position,
    },
    /// The end of a rule.
    DeleteRule {
        /// In which zone.
        zone: ZoneId,
        /// In which ruleset.
        ruleset: RulesetId,
        /// Which rule.
        id: RuleId,
    },
    /// One ruleset of a zone, by its id: a custom ruleset that an `execute` rule names.
    GetRuleset {
        /// In which zone.
        zone: ZoneId,
        /// Which ruleset.
        ruleset: RulesetId,
    },
    /// The account's own rules in the phase of custom rules.
    GetAccountEntryPoint {
        /// Of which account.
        account: AccountId,
    },
    /// The Single Redirects of a zone.
    GetRedirects {
        /// Of which zone.
        zone: ZoneId,
    },
    /// One page of the IP Access rules of an account.
    ListAccountAccessRules {
        /// Of which account.
        account: AccountId,
        /// Counted from 1.
        page: u32,
    },
    /// One page of the IP Access rules of a zone.
    ListZoneAccessRules {
        /// Of which zone.
        zone: ZoneId,
        /// Counted from 1.
        page: u32,
    },
    /// One page of the DNS records of a zone.
    ListRecords {
        /// Of which zone.
        zone: ZoneId,
        /// Counted from 1.
        page: u32,
    },
    /// Whether the token is a user's, and stands.
    VerifyUserToken,
    /// Whether the token is the account's own, and stands.
    VerifyAccountToken {
        /// Whose token it would be.
        account: AccountId,
    },
}

impl Call {
    /// The permission group that the call needs, in the dashboard's words, where *Edit* stands for the
    /// API's *Write*; `None` where every token will do.
    ///
    /// <https://developers.cloudflare.com/fundamentals/api/reference/permissions/>
    #[must_use]
    pub fn permission(&self) -> Option<&'static str> {
        match self {
            Self::ListZones { .. } => Some("Zone · Zone: Read"),
            Self::ListCertificates { .. }
            | Self::GetCertificate { .. }
            | Self::CertificateAssociations { .. } => Some("Account · SSL and Certificates: Read"),
            Self::UploadCertificate { .. } | Self::DeleteCertificate { .. } => {
                Some("Account · SSL and Certificates: Edit")
            }
            Self::ListHosts { .. } => Some("Zone · SSL and Certificates: Read"),
            Self::ReplaceHosts { .. } => Some("Zone · SSL and Certificates: Edit"),
            Self::GetEntryPoint { .. } | Self::GetRuleset { .. } => Some("Zone · Zone WAF: Read"),
            Self::GetAccountEntryPoint { .. } => Some("Account · Account WAF: Read"),
            Self::GetRedirects { .. } => Some("Zone · Single Redirect: Read"),
            Self::ListAccountAccessRules { .. } => {
                Some("Account · Account Firewall Access Rules: Read")
            }
            Self::ListZoneAccessRules { .. } => Some("Zone · Firewall Services: Read"),
            Self::ListRecords { .. } => Some("Zone · DNS: Read"),
            Self::CreateEntryPoint { .. }
            | Self::CreateRule { .. }
            | Self::ChangeRule { .. }
            | Self::MoveRule { .. }
            | Self::DeleteRule { .. } => Some("Zone · Zone WAF: Edit"),
            Self::VerifyUserToken | Self::VerifyAccountToken { .. } => None,
        }
    }

    /// Whether sending the call twice does what sending it once does, and nothing else.
    ///
    /// Writes to a rule list are not: each makes a new version of the ruleset, and versions are how
    /// other people's changes are told from ours. Nor is a host list: sent again after a pause, it would
    /// overwrite what somebody else wrote meanwhile.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        match self {
            Self::ListZones { .. }
            | Self::ListCertificates { .. }
            | Self::GetCertificate { .. }
            | Self::CertificateAssociations { .. }
            | Self::ListHosts { .. }
            | Self::GetEntryPoint { .. }
            | Self::GetRuleset { .. }
            | Self::GetAccountEntryPoint { .. }
            | Self::GetRedirects { .. }
            | Self::ListAccountAccessRules { .. }
            | Self::ListZoneAccessRules { .. }
            | Self::ListRecords { .. }
            | Self::VerifyUserToken
            | Self::VerifyAccountToken { .. }
            | Self::DeleteCertificate { .. } => true,
            Self::UploadCertificate { .. }
            | Self::ReplaceHosts { .. }
            | Self::CreateEntryPoint { .. }
            | Self::CreateRule { .. }
            | Self::ChangeRule { .. }
            | Self::MoveRule { .. }
            | Self::DeleteRule { .. } => false,
        }
    }
}

impl fmt::Display for Call {
    /// Method and path, as errors name a call; the query says nothing more to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target();
        let path = target.split('?').next().unwrap_or(&target);
        write!(f, "{} {path}", self.method())
    }
}
