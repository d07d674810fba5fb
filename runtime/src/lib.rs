//! The runtime.

pub mod auth;
pub mod caller;
pub mod codegen;
pub mod database;
pub mod error;
pub mod event;
pub mod expr;
pub mod store;
pub mod value;
pub mod wire;
