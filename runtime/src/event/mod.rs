//! Events: what they are made of, and how a service's own types become stored ones.

mod query;
mod renamed;
mod set;
mod stored;
mod tenant;
#[cfg(test)]
mod version_tests;

pub use query::{Query, QueryItem, Tag};
pub(crate) use renamed::Names;
pub use renamed::Renamed;
pub use set::{DecodeError, DomainEvent, EncodeError, EventSet, Payload, decode, encode};
pub use stored::{Meta, Metadata, NewEvent, StoredEvent};
pub use tenant::Tenant;

/// Where an event stands in its database: strictly growing, never 0, with gaps as one tenant sees it. 0 means "before all".
pub type Position = u64;
