//! CRUD types: entries that are written through the API and kept as events.

mod error;
mod folded;
mod id;
mod queue;
mod sequence;
mod unique;
mod write;
mod written;

use crate::caller::Context;
use crate::entry::OwnedField;
use crate::event::Tag;
use crate::projection::Projection;
use crate::query::Invalid;

pub use error::CrudError;
pub(crate) use folded::Writing;
pub(crate) use id::{check_id, new_id};
pub(crate) use queue::Queue;
pub use sequence::Counter;
pub(crate) use write::{Outcome, behind, current, write};
pub use written::{Texts, Written, new_uuid_v4};

/// An entry written by create, update and delete, each of which is an event.
pub trait CrudType: Projection {
    /// What a caller gives to create an entry.
    type Create: Send;
    /// What a caller gives to change an entry. It is cloned for an attempt after a conflict.
    type Update: Clone + Send + Sync;
    /// The type's name in the API, as `Student`.
    const NAME: &'static str;
    /// Fields that the token fills. Only callers with the same values change or remove an entry.
    const OWNED: &'static [OwnedField] = &[];

    /// The tag that all events of the entry `id` carry.
    fn tag(id: &str) -> Tag;

    /// The fields with a permission of their own that the data of a new entry sets.
    fn sets(_: &Self::Create) -> Vec<&'static str> {
        Vec::new()
    }

    /// The fields with a permission of their own that a change is about.
    fn changes(_: &Self::Update) -> Vec<&'static str> {
        Vec::new()
    }

    /// The counters that number a new entry, for the event that creates it; none for other events.
    fn counters(_: &mut Self::Event) -> Vec<Counter<'_>> {
        Vec::new()
    }

    /// The event that creates the entry `id`.
    ///
    /// # Errors
    /// When the data breaks a rule of a field.
    fn create(id: String, data: Self::Create, context: &Context<'_>) -> Result<Self::Event, Invalid>;

    /// The event that changes this entry, or `None` where `data` changes nothing.
    ///
    /// # Errors
    /// When the data breaks a rule of a field.
    fn update(&self, data: Self::Update, context: &Context<'_>) -> Result<Option<Self::Event>, Invalid>;

    /// The event that removes this entry.
    fn delete(&self) -> Self::Event;
}
