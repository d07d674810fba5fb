//! The events of another service, over its channel.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Feed;
use super::convert::{event_in, query_out};
use super::follow::follow;
use super::known::Known;
use super::way::Way;
use crate::automation::Peers;
use crate::consumer::Ledger;
use crate::event::{Names, Position, Query, StoredEvent, Tenant};
use crate::store::{Range, StoreError};
use crate::wire;

/// The events of another service. Ends when it is dropped.
pub(crate) struct Remote {
    way: Way,
    known: Known,
    /// Those that its events have had: it may be of before a rename, or of after it.
    names: Names,
    task: JoinHandle<()>,
}

impl Remote {
    /// Begins to follow the service's events; must be called in a runtime.
    pub(crate) fn start(
        (reader, service): (&'static str, &'static str),
        (peers, ledger): (Peers, Ledger),
        names: Names,
    ) -> Self {
        let (way, known) = (Way { reader, service, peers, ledger }, Known::default());
        let task = tokio::spawn(follow(way.clone(), known.clone()));
        Self { way, known, names, task }
    }

    /// The next page behind a position, and up to where it goes.
    async fn page(&self, message: wire::ReadEvents) -> Result<(Vec<StoredEvent>, Position), StoreError> {
        let (mut before, until) = (message.after, message.until.unwrap_or(Position::MAX));
        let page: wire::EventPage = self.way.one("Read", message).await?;
        if page.to <= before {
            // It had them, or nobody would ask for them.
            return Err(self.way.away(format!("its events end at {}, which is before {until}", page.to)));
        }
        let mut events = Vec::with_capacity(page.events.len());
        for event in page.events {
            if event.position <= before || event.position > page.to.min(until) {
                return Err(self.way.away(format!("it gave the event at {} out of order", event.position)));
            }
            before = event.position;
            events.push(event_in(event).map_err(|problem| self.way.away(problem))?);
        }
        self.names.show(&mut events);
        Ok((events, page.to))
    }
}

#[async_trait::async_trait]
impl Feed for Remote {
    fn source(&self) -> Option<&'static str> {
        Some(self.way.service)
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let head = self.way.head(&self.known).await?;
        self.known.reached(head);
        Ok(head)
    }

    async fn known(&self) -> Result<Position, StoreError> {
        Ok(self.known.head())
    }

    async fn read(&self, of: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        if range.backwards {
            return Err(StoreError::Invalid("the events of another service are not read backwards".to_owned()));
        }
        let until = match range.until {
            // Whoever read last time may have read others.
            Some(until) if self.known.first().is_some() => until,
            until => self.head().await?.min(until.unwrap_or(Position::MAX)),
        };
        let query = self.names.asked(query);
        let (mut found, mut after) = (Vec::new(), range.after);
        while after < until && range.limit.is_none_or(|limit| found.len() < limit) {
            let left = range.limit.map_or(usize::MAX, |limit| limit - found.len());
            let message = wire::ReadEvents {
                service: self.way.service.to_owned(),
                after,
                until: Some(until),
                limit: u32::try_from(left).unwrap_or(u32::MAX),
                query: query_out(&query),
                tenant: of.map(|tenant| tenant.as_str().to_owned()),
            };
            let (events, to) = self.page(message).await?;
            found.extend(events);
            after = to;
        }
        Ok(found)
    }

    fn today(&self, event_type: &str) -> Option<&str> {
        self.names.other(event_type)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.known.watch()
    }

    fn trouble(&self) -> Option<String> {
        self.known.trouble()
    }

    fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.task.abort();
    }
}
