//! Values that events, entries and commands are made of.

mod date;
mod datetime;
pub mod patch;

pub use date::{Date, InvalidDate};
pub use datetime::{DateTime, InvalidInstant};

/// Untyped JSON.
pub type Json = serde_json::Value;
