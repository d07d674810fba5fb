//! The projections of a service, before they run.

use super::Projection;
use super::engine::Engines;
use super::kind::Kind;
use crate::database::Databases;
use crate::feed::Feeds;
use crate::store::StoreError;

/// The projections and CRUD types that a service keeps.
#[derive(Clone)]
pub struct Registry {
    service: &'static str,
    kinds: Vec<Kind>,
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
        let kind = Kind::of::<P>();
        if self.kinds.iter().all(|other| other.id != kind.id) {
            self.kinds.push(kind);
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
