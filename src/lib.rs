//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.

pub mod cloudflare;
pub mod config;
pub mod desired;
pub mod expression;
pub mod live;
pub mod plan;
pub mod resource;
pub mod sandbox;
