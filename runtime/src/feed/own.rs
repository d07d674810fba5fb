//! The events of the service itself.

use std::sync::Arc;

use tokio::sync::watch;

use super::Feed;
use crate::event::{Position, Query, StoredEvent, Tenant};
use crate::store::{EventStore, Range, StoreError};

/// The service's own events.
pub struct Own(Arc<dyn EventStore>);

impl Own {
    /// Those of a store.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self(store)
    }
}

#[async_trait::async_trait]
impl Feed for Own {
    fn source(&self) -> Option<&'static str> {
        None
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.0.head().await
    }

    async fn known(&self) -> Result<Position, StoreError> {
        self.0.head().await
    }

    async fn read(&self, of: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        match of {
            Some(tenant) => self.0.read(tenant, query, range).await,
            None => self.0.read_all(query, range).await,
        }
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.0.watch()
    }
}
