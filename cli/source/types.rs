//! Types as both languages write them: `[ID!]!`.

use super::text::Name;
use crate::place::Place;

/// A type as written, its names not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawType {
    /// A name or a list.
    pub kind: RawTypeKind,
    /// `!` was written.
    pub required: bool,
    /// All of it.
    pub place: Place,
}

/// The kinds of type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawTypeKind {
    /// `ID`, `Course`; in the event model also `service.Type`.
    Named(Name),
    /// `[…]`
    List(Box<RawType>),
}
