//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.

pub mod cloudflare;
pub mod config;
pub mod expression;
pub mod live;
pub mod resource;
pub mod sandbox;
