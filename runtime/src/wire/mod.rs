//! The messages that all services share on the wire (`scaffold.v1`), and what turns values into
//! them and back.

mod convert;
#[rustfmt::skip]
#[path = "scaffold.v1.events.rs"]
mod events;

pub use convert::{WireError, date, decimal, instant, json, timestamp};
pub(crate) use events::EVENTS;
pub use messages::*;

#[allow(missing_docs, clippy::all, unused_qualifications)]
#[rustfmt::skip]
#[path = "scaffold.v1.rs"]
mod messages;
