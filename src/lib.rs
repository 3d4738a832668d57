//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.

pub mod resource;
