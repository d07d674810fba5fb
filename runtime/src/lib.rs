//! The runtime.

pub mod auth;
pub mod automation;
pub mod broadcast;
pub mod caller;
pub mod change;
pub mod codegen;
pub mod consumer;
pub mod convert;
pub mod crud;
pub mod database;
pub mod decision;
pub mod deletion;
pub mod entry;
pub mod erasure;
pub mod error;
pub mod event;
pub mod expr;
pub mod feed;
pub mod files;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod lease;
pub mod projection;
pub mod query;
mod remembered;
mod rows;
pub mod rpc;
pub mod serve;
pub mod service;
pub mod spec;
pub mod store;
pub mod tables;
#[cfg(all(test, feature = "gateway"))]
mod testing;
pub mod value;
pub mod wire;

pub use error::Error;
pub use serve::{ServiceDefinition, serve};
#[cfg(feature = "gateway")]
pub use serve::{app, serve_gateway};
