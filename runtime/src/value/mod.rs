//! Values that events, entries and commands are made of.

mod date;
mod datetime;
mod decimal;
pub mod patch;

pub use date::{Date, InvalidDate};
pub use datetime::{DateTime, InvalidInstant};
pub use decimal::{Decimal, InvalidDecimal};

/// Untyped JSON.
pub type Json = serde_json::Value;
