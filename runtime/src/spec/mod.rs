//! Given, when, then: what the generated tests of slices and views are written with.
//!
//! Pure: no store, no clock. The events given are met by a command through its queries alone, just as in a store.

mod command;
mod erased;
mod happened;
mod history;
mod same;
mod sent;
#[cfg(test)]
mod tests;
mod view;

pub use command::Outcome;
pub use happened::{Given, at, event, older};
pub use history::{History, given, history};
pub use same::decimal;
pub use view::Rows;

use crate::value::DateTime;

/// A second, in milliseconds.
pub const SECOND: i64 = 1000;
/// A minute, in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour, in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The instant of every example: 2026-01-01T00:00:00Z.
pub const NOW: DateTime = DateTime::new(1_767_225_600_000);
