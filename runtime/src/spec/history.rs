//! What happened before.

use super::command::{self, Outcome};
use super::happened::{Given, Happened, TENANT, encoded, event};
use super::{erased, sent, view};
use crate::caller::Caller;
use crate::decision::Decision;
use crate::event::{EventSet, Meta, Payload, Tenant};
use crate::expr::EvalError;
use crate::projection::Projection;
use crate::value::Json;
use serde::Serialize;

/// What happened before, and who acts now.
#[derive(Clone, Debug)]
pub struct History<E> {
    events: Vec<Given<E>>,
    caller: Caller,
}

/// These events happened, in this order.
pub fn given<E: EventSet>(events: impl IntoIterator<Item = E>) -> History<E> {
    history(events.into_iter().map(event))
}

/// These events happened, in this order, each when and by whom it says.
pub fn history<E: EventSet>(events: impl IntoIterator<Item = Given<E>>) -> History<E> {
    History { events: events.into_iter().collect(), caller: Caller::anonymous(Tenant::new(TENANT)) }
}

impl<E: EventSet> History<E> {
    /// Who sends the command.
    #[must_use]
    pub fn by<'a>(self, user_id: &str, permissions: impl IntoIterator<Item = &'a str>) -> Self {
        Self { caller: Caller::user(Tenant::new(TENANT), user_id, permissions), ..self }
    }

    /// Sends the command.
    ///
    /// # Panics
    /// If an event given cannot be stored and read back, or folding it fails; the test fails then.
    #[track_caller]
    pub fn when<D: Decision<Event = E>>(self, command: D) -> Outcome<E, D::Error> {
        command::run(&self.stored(), &self.caller, &command)
    }

    /// Checks what a view makes of the events: all of its entries by id, each with the fields named.
    ///
    /// # Panics
    /// If the entries differ; the test fails then.
    #[track_caller]
    pub fn then_entries<P: Projection<Event = E>>(self, expected: Json) {
        view::run::<P>(&self.stored()).then(&expected);
    }

    /// Checks what an automation sends when these events happen, each by itself and in their order: the named fields of every
    /// command.
    ///
    /// # Panics
    /// If the commands differ; the test fails then.
    #[track_caller]
    pub fn then_sent<C: Serialize>(self, command: impl Fn(&E, &Meta) -> Result<Option<C>, EvalError>, expected: Json) {
        sent::check(self.stored().iter().map(|happened| command(&happened.event, &happened.meta)), &expected);
    }

    /// Checks what an automation sends for the entries that a view holds after these events, by id: the named fields of every
    /// command.
    ///
    /// # Panics
    /// If the commands differ; the test fails then.
    #[track_caller]
    pub fn then_sent_for<P: Projection<Event = E>, C: Serialize>(
        self,
        command: impl Fn(&P) -> Result<Option<C>, EvalError>,
        expected: Json,
    ) {
        sent::check(view::run::<P>(&self.stored()).entries().map(command), &expected);
    }

    /// The events as a store would give them back.
    #[track_caller]
    fn stored(&self) -> Vec<Happened<E>> {
        let mut payloads: Vec<Payload> = self.events.iter().map(encoded).collect();
        erased::apply::<E>(&mut payloads);
        let stored = self.events.iter().zip(payloads).zip(1..);
        stored.map(|((given, payload), position)| Happened::new(given, payload, position)).collect()
    }
}
