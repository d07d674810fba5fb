//! A projection with its types left behind: what the engine has to know of it. So the engine is compiled once, in this crate,
//! and not once more for each projection of a project.

use std::any::{Any, TypeId};

use super::{Projection, Route, Source};
use crate::entry::{Row, Table, Unique, ValueError};
use crate::event::{DecodeError, EventSet, Meta, StoredEvent};
use crate::expr::EvalError;
use crate::value::DateTime;

/// An event of a projection, whatever its type.
pub(super) type Event = Box<dyn Happened>;

/// A projection as the engine knows it.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) id: TypeId,
    pub(super) table: Table,
    /// The service whose events it follows, where that is another one.
    pub(super) from: Option<&'static str>,
    /// The events that concern it.
    pub(super) sources: &'static [Source],
    /// Whether anything in the events that it follows can be erased.
    pub(super) is_personal: bool,
    /// Fields whose values no two entries of a tenant share.
    pub(super) unique: &'static [Unique],
    /// Whether events can break that.
    pub(super) holds_unique: bool,
    /// Reads a stored event; nothing for one that is not in its set.
    pub(super) decode: fn(&StoredEvent) -> Result<Option<Event>, DecodeError>,
    /// Says which entries an event reaches.
    pub(super) route: fn(&dyn Happened, &Meta) -> Result<Vec<Route>, EvalError>,
    /// Makes an entry that no event has reached yet.
    pub(super) new: fn(String, DateTime) -> Box<dyn Held>,
    /// Makes an entry of its row.
    pub(super) load: fn(Row) -> Result<Box<dyn Held>, ValueError>,
}

impl Kind {
    /// What there is to know of `P`.
    pub(super) fn of<P: Projection>() -> Self {
        Self {
            id: TypeId::of::<P>(),
            table: P::TABLE,
            from: P::FROM,
            sources: P::SOURCES,
            is_personal: !P::Event::PERSONAL.is_empty(),
            unique: P::UNIQUE,
            holds_unique: !P::UNIQUE.is_empty() && !P::HELD_BY_WRITERS,
            decode: decode::<P::Event>,
            route: |event, meta| P::route(typed(event)?, meta),
            new: |id, at| Box::new(P::new(id, at)),
            load: |row| Ok(Box::new(row.into_entry::<P>()?)),
        }
    }
}

/// An event of the set that a projection follows.
pub(super) trait Happened: Any + Send + Sync {
    /// Its type's name.
    fn event_type(&self) -> &'static str;
}

impl<E: EventSet> Happened for E {
    fn event_type(&self) -> &'static str {
        EventSet::event_type(self)
    }
}

/// An entry of a projection.
pub(super) trait Held: Send + Sync {
    /// Folds an event into it. If it fails, the entry stays as it was.
    ///
    /// # Errors
    /// When an expression fails.
    fn fold(&mut self, event: &dyn Happened, meta: &Meta) -> Result<(), EvalError>;

    /// The row that keeps it.
    ///
    /// # Errors
    /// When a value does not fit its column.
    fn row(&self) -> Result<Row, ValueError>;

    /// The same entry again.
    fn again(&self) -> Box<dyn Held>;
}

impl<P: Projection> Held for P {
    fn fold(&mut self, event: &dyn Happened, meta: &Meta) -> Result<(), EvalError> {
        let mut next = self.clone();
        next.apply(typed(event)?, meta)?;
        next.touch(meta.raised_at);
        *self = next;
        Ok(())
    }

    fn row(&self) -> Result<Row, ValueError> {
        Row::of(self)
    }

    fn again(&self) -> Box<dyn Held> {
        Box::new(self.clone())
    }
}

fn decode<E: EventSet>(stored: &StoredEvent) -> Result<Option<Event>, DecodeError> {
    let event = E::decode(&stored.event_type, stored.version, &stored.payload)?;
    Ok(event.map(|event| Box::new(event) as Event))
}

/// The event as its own type: a projection meets no others than those that its own kind has read.
fn typed<E: EventSet>(event: &dyn Happened) -> Result<&E, EvalError> {
    let event: &dyn Any = event;
    event.downcast_ref().ok_or_else(|| EvalError::Other("the event is of another set".to_owned()))
}
