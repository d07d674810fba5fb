//! Automations that events start, as consumer groups.

use std::marker::PhantomData;

use super::{Failure, OnEvents, Peers, Run};
use crate::consumer::{Consumer, Delivery, Options, Order, Start};
use crate::event::{DecodeError, EventSet, Query, QueryItem};

/// The consumer group of an automation.
pub(crate) struct Reacting<A> {
    peers: Option<Peers>,
    automation: PhantomData<fn() -> A>,
}

impl<A: OnEvents> Reacting<A> {
    /// Sends what it sends to these peers.
    pub(crate) fn new(peers: Option<Peers>) -> Self {
        Self { peers, automation: PhantomData }
    }
}

#[async_trait::async_trait]
impl<A: OnEvents> Consumer for Reacting<A> {
    fn name(&self) -> &str {
        A::NAME
    }

    fn query(&self) -> Query {
        Query::of([QueryItem::of(A::EVENTS, [])])
    }

    fn source(&self) -> Option<&'static str> {
        A::FROM
    }

    /// What was recorded before the automation existed does not start it.
    fn options(&self) -> Options {
        Options {
            order: Order::Tenant,
            retry: A::RETRY,
            start: Start::Now,
            at_most: super::AT_MOST,
            ..Options::default()
        }
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        let stored = delivery.event;
        let decoded = A::Event::decode(&stored.event_type, stored.version, &stored.payload);
        let Some(event) = decoded.map_err(|error| unread(&error))? else { return Ok(()) };
        let (meta, id) = (stored.meta(), stored.id.to_string());
        let key = super::run_key(A::NAME, &[&id]);
        let correlation_id = meta.correlation_id.as_deref();
        let run =
            Run { attempt: delivery.attempt, correlation_id, cause: Some(&id), ..Run::example(&stored.tenant, &key) };
        A::run(&event, &meta, &run.with_peers(self.peers.as_ref())).await
    }
}

/// What an event means that could not be read: a newer version of the program can read a newer version of the event.
fn unread(error: &DecodeError) -> Failure {
    match error {
        DecodeError::Newer { .. } => Failure::Stop(error.to_string()),
        _ => Failure::Retry(error.to_string()),
    }
}
