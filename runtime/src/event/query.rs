//! Queries over events, as dcb.events specifies them.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A label that an event carries, by which queries find it: `course:c1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tag(String);

impl Tag {
    /// The tag of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Events of any of the types (none named: of every type) that carry all of the tags, and maybe more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QueryItem {
    /// Any of these; empty for every type.
    pub types: Vec<Cow<'static, str>>,
    /// All of these; empty for no matter which.
    pub tags: Vec<Tag>,
}

impl QueryItem {
    /// An item of types and tags.
    pub fn of(types: &[&'static str], tags: impl IntoIterator<Item = Tag>) -> Self {
        Self { types: types.iter().copied().map(Cow::Borrowed).collect(), tags: tags.into_iter().collect() }
    }

    /// Whether an event of this type with these tags is meant.
    pub fn matches(&self, event_type: &str, tags: &[Tag]) -> bool {
        (self.types.is_empty() || self.types.iter().any(|of| of == event_type))
            && self.tags.iter().all(|tag| tags.contains(tag))
    }
}

/// Which events are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// All of them.
    All,
    /// Those that any of the items means; no items, no events.
    Items(Vec<QueryItem>),
}

impl Query {
    /// A query of items.
    pub fn of(items: impl IntoIterator<Item = QueryItem>) -> Self {
        Self::Items(items.into_iter().collect())
    }

    /// Whether an event of this type with these tags is meant.
    pub fn matches(&self, event_type: &str, tags: &[Tag]) -> bool {
        match self {
            Self::All => true,
            Self::Items(items) => items.iter().any(|item| item.matches(event_type, tags)),
        }
    }
}
