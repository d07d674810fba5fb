//! The runtime.

pub mod auth;
pub mod caller;
pub mod codegen;
pub mod crud;
pub mod database;
pub mod entry;
pub mod error;
pub mod event;
pub mod expr;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod projection;
pub mod query;
pub mod store;
pub mod value;
pub mod wire;
