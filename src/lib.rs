//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.

pub mod cloudflare;
pub mod config;
pub mod desired;
pub mod execute;
pub mod expression;
pub mod live;
pub mod observe;
pub mod plan;
pub mod resource;
pub mod sandbox;
