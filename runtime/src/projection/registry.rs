//! The projections of a service, before they run.

use std::any::TypeId;

use super::Projection;
use super::engine::{Engines, Worker, spawn};
use crate::database::Databases;
use crate::feed::Feeds;
use crate::store::StoreError;
use crate::tables::Place;

/// The projections and CRUD types that a service keeps.
#[derive(Clone)]
pub struct Registry {
    service: &'static str,
    kinds: Vec<Kind>,
}

/// One of them, with its type left behind.
#[derive(Clone)]
pub(super) struct Kind {
    pub(super) id: TypeId,
    pub(super) place: Place,
    /// The service whose events it follows, where that is another one.
    pub(super) from: Option<&'static str>,
    pub(super) spawn: fn(Worker) -> tokio::task::JoinHandle<()>,
}

impl Registry {
    /// No projections yet; `service` is the service's name.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self { service, kinds: Vec::new() }
    }

    /// Adds a projection or CRUD type; adding it twice is the same as once.
    #[must_use]
    pub fn add<P: Projection>(mut self) -> Self {
        let id = TypeId::of::<P>();
        if self.kinds.iter().all(|kind| kind.id != id) {
            let place = Place::new(self.service, P::TABLE);
            self.kinds.push(Kind { id, place, from: P::FROM, spawn: spawn::<P> });
        }
        self
    }

    /// Creates missing tables and starts one task a projection and database. Must run inside tokio.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn start(&self, databases: &Databases) -> Result<Engines, StoreError> {
        self.start_on(databases, &Feeds::default()).await
    }

    /// The same for projections that follow other services too.
    ///
    /// # Errors
    /// If a database fails, or there is no way to one of the services. One that cannot be reached yet is waited for.
    pub async fn start_on(&self, databases: &Databases, feeds: &Feeds) -> Result<Engines, StoreError> {
        Engines::start(self.service, &self.kinds, (databases, feeds)).await
    }
}
