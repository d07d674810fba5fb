//! Our event stores, in this process.

use crate::account;
use crate::load::Target;
use scaffold_runtime::store::{Append, AppendError, Appended, EventStore};
use std::sync::Arc;

/// One of them.
pub struct Ours(pub Arc<dyn EventStore>);

impl Target for Ours {
    async fn append(&self, tag: &str, after: u64) -> Result<Option<u64>, String> {
        let append = Append::new(account::tenant(), vec![account::event(tag)]).unless(account::query(tag), after);
        match self.0.append(append).await {
            Ok(Appended::Done(positions)) => Ok(Some(positions.last)),
            Ok(Appended::Repeated(_)) => Err("an append without a key was repeated".to_owned()),
            Err(AppendError::Conflict) => Ok(None),
            Err(AppendError::Store(error)) => Err(error.to_string()),
        }
    }

    async fn head(&self) -> Result<u64, String> {
        self.0.head().await.map_err(|error| error.to_string())
    }
}
