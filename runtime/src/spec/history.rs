//! What happened before.

use super::command::{self, Outcome};
use super::{NOW, erased, sent, view};
use crate::caller::Caller;
use crate::decision::Decision;
use crate::event::{EventSet, Meta, Payload, Position, Tag, Tenant};
use crate::expr::EvalError;
use crate::projection::Projection;
use crate::value::{DateTime, Json};
use serde::Serialize;
use uuid::Uuid;

/// The tenant of every example.
const TENANT: &str = "spec";

/// An event of an example, with what stands beside it.
#[derive(Clone, Debug)]
pub struct Given<E> {
    event: E,
    at: i64,
    user_id: Option<String>,
}

/// An event that happened at the example's instant, by nobody in particular.
pub fn event<E>(event: E) -> Given<E> {
    Given { event, at: 0, user_id: None }
}

/// An event that happened so many milliseconds after the example's instant; negative: before.
pub fn at<E>(millis: i64, event: E) -> Given<E> {
    Given { event, at: millis, user_id: None }
}

/// An event as an earlier program stored it: of an older version, its payload as it was then.
///
/// # Panics
/// If it does not become one of today's; the test fails then.
#[track_caller]
#[allow(clippy::panic)]
pub fn older<E: EventSet>(event_type: &str, version: u32, payload: Json) -> E {
    match E::decode(event_type, version, &payload) {
        Ok(Some(event)) => event,
        Ok(None) => panic!("the given event {event_type} is not among the service's"),
        Err(error) => panic!("a given event cannot be read: {error}"),
    }
}

impl<E> Given<E> {
    /// Raised by this user. Permissions are the caller's, an event does not keep them.
    #[must_use]
    pub fn by<'a>(self, user_id: &str, _permissions: impl IntoIterator<Item = &'a str>) -> Self {
        Self { user_id: Some(user_id.to_owned()), ..self }
    }
}

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

/// A given event as a store would give it back.
pub(super) struct Happened<E> {
    pub(super) event: E,
    pub(super) tags: Vec<Tag>,
    pub(super) meta: Meta,
}

impl<E: EventSet> Happened<E> {
    /// Through JSON and back, so that an example sees what a store keeps and nothing else.
    #[track_caller]
    #[allow(clippy::panic)]
    fn new(given: &Given<E>, payload: Payload, position: Position) -> Self {
        let event = match E::decode(payload.event_type, payload.version, &payload.json) {
            Ok(Some(event)) => event,
            Ok(None) => panic!("the given event {} is not among the service's", payload.event_type),
            Err(error) => panic!("a given event cannot be read back: {error}"),
        };
        let meta = meta(given, &payload, position);
        Self { event, tags: payload.tags, meta }
    }
}

#[track_caller]
#[allow(clippy::panic)]
fn encoded<E: EventSet>(given: &Given<E>) -> Payload {
    match given.event.encode() {
        Ok(payload) => payload,
        Err(error) => panic!("a given event cannot be stored: {error}"),
    }
}

fn meta<E>(given: &Given<E>, payload: &Payload, position: Position) -> Meta {
    Meta {
        id: Uuid::from_u128(u128::from(position)),
        tenant_id: TENANT.to_owned(),
        topic: payload.topic.to_owned(),
        stream: None,
        event_type: payload.event_type.to_owned(),
        position,
        correlation_id: None,
        causation_id: None,
        user_id: given.user_id.clone(),
        reason: None,
        raised_at: DateTime::from_millis(NOW.millis().saturating_add(given.at)),
    }
}
