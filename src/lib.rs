//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.

pub mod expression;
pub mod resource;
pub mod sandbox;
