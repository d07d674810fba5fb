//! The events of the service itself.

use std::sync::Arc;

use tokio::sync::watch;

use super::Feed;
use crate::event::{Names, Position, Query, StoredEvent, Tenant};
use crate::store::{EventStore, Range, StoreError};

/// The service's own events.
pub struct Own {
    store: Arc<dyn EventStore>,
    names: Names,
}

impl Own {
    /// Those of a store.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self::named(store, Names::default())
    }

    /// The same, where some have had other names.
    pub(super) fn named(store: Arc<dyn EventStore>, names: Names) -> Self {
        Self { store, names }
    }
}

#[async_trait::async_trait]
impl Feed for Own {
    fn source(&self) -> Option<&'static str> {
        None
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn known(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn read(&self, of: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        match of {
            Some(tenant) => self.store.read(tenant, query, range).await,
            None => self.store.read_all(query, range).await,
        }
    }

    fn today(&self, event_type: &str) -> Option<&str> {
        self.names.other(event_type)
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
}
