//! The messages that all services share on the wire (`scaffold.v1`), and what turns values into
//! them and back.

mod convert;

pub use convert::{WireError, date, decimal, instant, json, timestamp};
pub use messages::*;

#[allow(missing_docs, clippy::all, unused_qualifications)]
#[rustfmt::skip]
#[path = "scaffold.v1.rs"]
mod messages;
