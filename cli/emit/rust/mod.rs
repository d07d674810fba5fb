//! Rust by quoting: one file an emitted thing, one function an item.

pub mod app;
pub mod automations;
pub mod commands;
pub mod crud;
mod definition;
pub mod docs;
pub mod entries;
pub mod events;
pub mod expression;
pub mod files;
pub mod gateway;
pub mod grpc;
mod home;
mod hug;
pub mod imports;
pub mod json;
pub mod names;
pub mod print;
pub mod projections;
pub mod service;
pub mod sharing;
pub mod tokens;
pub mod types;
pub mod wire;

pub use docs::docs;
pub use home::{Home, types_crate};
pub use imports::{from_crate, import};
