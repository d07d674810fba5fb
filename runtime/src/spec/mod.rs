//! Given, when, then: what the generated tests of slices and views are written with.
//!
//! Pure: no store, no clock. The events given are met by a command through its queries alone, just as in a store.

mod command;
mod history;
mod same;
mod sent;
#[cfg(test)]
mod tests;
mod view;

pub use command::Outcome;
pub use history::{Given, History, event, given, history, older};
pub use same::decimal;
pub use view::Rows;

use crate::value::DateTime;

/// The instant of every example: 2026-01-01T00:00:00Z.
pub const NOW: DateTime = DateTime::new(1_767_225_600_000);
