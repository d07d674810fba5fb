//! Where events are read that something follows: in the service's own database, or at another service that serves them.
//!
//! What follows another service's events keeps its place in its own database. The positions are the other service's: they are
//! visible in order there, so that nothing is passed over and nothing comes twice, however often the connection is lost.

mod convert;
mod follow;
mod known;
mod own;
mod remote;
mod serve;
#[cfg(test)]
pub(crate) mod tests;
mod way;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::automation::Peers;
use crate::consumer::Ledger;
use crate::database::Database;
use crate::event::{Names, Position, Query, Renamed, StoredEvent, Tenant};
use crate::store::{EventStore, Range, StoreError};

pub use own::Own;
pub(crate) use remote::Remote;
pub(crate) use serve::Events;

/// The gRPC service by which services read each other's events.
const SERVICE: &str = "scaffold.v1.Events";

/// Events that can be read and followed, of one service.
#[async_trait::async_trait]
pub trait Feed: Send + Sync + 'static {
    /// The service whose events they are; none for those of the service itself.
    fn source(&self) -> Option<&'static str>;

    /// The position of the newest event of all tenants, asked for now; 0 when there is none.
    ///
    /// # Errors
    /// If the store cannot be read, or the other service not be reached.
    async fn head(&self) -> Result<Position, StoreError>;

    /// The same for whoever reads on: up to there everything can be read. It may be a moment old.
    ///
    /// # Errors
    /// If the store cannot be read. A service that cannot be reached is no error: there is nothing new of it then.
    async fn known(&self) -> Result<Position, StoreError>;

    /// The events that a query means, of one tenant or of all, in order of position. Never backwards.
    ///
    /// # Errors
    /// If the store cannot be read, or the other service not be reached.
    async fn read(&self, of: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError>;

    /// The head as it moves on, for whoever waits for new events.
    fn watch(&self) -> watch::Receiver<Position>;

    /// Today's name of an event that was noted under an earlier one.
    fn today(&self, _event_type: &str) -> Option<&str> {
        None
    }

    /// Why the other service cannot be reached at the moment, if it cannot.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Follows the other service no longer: nothing new will be known of it.
    fn stop(&self) {}
}

/// The ways to the events that a service reads. Cheap to clone.
#[derive(Clone, Default)]
pub struct Feeds(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Who reads.
    reader: &'static str,
    peers: Option<(Peers, Ledger)>,
    /// The names that its own events have had.
    names: Names,
    /// Those that had other names, of the services that it reads.
    renamed: BTreeMap<&'static str, &'static [Renamed]>,
    /// One for each service, whoever reads there.
    others: Mutex<BTreeMap<&'static str, Arc<dyn Feed>>>,
}

impl Feeds {
    /// Those of a service that reaches others, which may have renamed these of their events. Whose events they were is noted in
    /// its own database.
    pub(crate) fn new(
        (reader, own): (&'static str, &Database),
        peers: Peers,
        renamed: BTreeMap<&'static str, &'static [Renamed]>,
    ) -> Self {
        let peers = Some((peers, own.groups().clone()));
        Self(Arc::new(Inner { reader, peers, names: own.names().clone(), renamed, others: Mutex::default() }))
    }

    /// These alone, by the names of their services.
    #[must_use]
    pub fn given(others: impl IntoIterator<Item = (&'static str, Arc<dyn Feed>)>) -> Self {
        Self(Arc::new(Inner { others: Mutex::new(others.into_iter().collect()), ..Inner::default() }))
    }

    /// Follows other services no longer.
    pub(crate) fn stop(&self) {
        self.0.others.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(|feed| feed.stop());
    }

    /// The events of a service, or of the reader's own store.
    ///
    /// # Errors
    /// [`StoreError::Away`] if there is no way to that service. Must be called in a runtime.
    pub fn of(&self, source: Option<&'static str>, own: &Arc<dyn EventStore>) -> Result<Arc<dyn Feed>, StoreError> {
        let Some(service) = source.filter(|service| *service != self.0.reader) else {
            return Ok(Arc::new(Own::named(Arc::clone(own), self.0.names.clone())));
        };
        let mut others = self.0.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(service) {
            return Ok(Arc::clone(known));
        }
        let Some((peers, ledger)) = &self.0.peers else {
            return Err(StoreError::Away { service, problem: "there is no way to it".to_owned() });
        };
        let names = Names::new(self.0.renamed.get(service).copied().unwrap_or_default());
        let remote = Remote::start((self.0.reader, service), (peers.clone(), ledger.clone()), names);
        let feed: Arc<dyn Feed> = Arc::new(remote);
        others.insert(service, Arc::clone(&feed));
        Ok(feed)
    }
}
