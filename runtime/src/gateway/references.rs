//! References between entries: each is loaded by its id, those of one request and caller in one call a type.

use std::collections::HashMap;
use std::future::Future;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Error};
use tonic::Status;

use super::{Forward, error, forward, or_null};

/// Loads entries of one type by their ids, in one call.
pub trait ByIds: Send + Sync + 'static {
    /// What is loaded.
    type Entry: Clone + Send + Sync + 'static;

    /// The entries that there are, each with its id.
    ///
    /// # Errors
    /// What the service answered.
    fn by_ids(
        &self,
        forward: &Forward,
        ids: Vec<String>,
    ) -> impl Future<Output = Result<Vec<(String, Self::Entry)>, Status>> + Send;
}

/// References to entries of one type; belongs into the schema's data.
pub struct References<B: ByIds>(DataLoader<Batches<B>>);

struct Batches<B>(B);

type Key = (Forward, String);

impl<B: ByIds> References<B> {
    /// References that are loaded like this.
    pub fn new(by_ids: B) -> Self {
        Self(DataLoader::new(Batches(by_ids), tokio::spawn))
    }

    /// The entry with this id, for a field that may be null: null where it is not there, and where the service did not answer it,
    /// which is told beside.
    ///
    /// # Errors
    /// None by itself.
    pub async fn one(&self, ctx: &Context<'_>, id: &str) -> Result<Option<B::Entry>, Error> {
        Ok(or_null(ctx, self.load(ctx, id).await).flatten())
    }

    /// The entry with this id.
    ///
    /// # Errors
    /// What the service answered; `NOT_FOUND` if it is not there.
    pub async fn required(&self, ctx: &Context<'_>, id: &str) -> Result<B::Entry, Error> {
        let missing = || error(crate::error::status::not_found("the entry that is referred to does not exist"));
        self.load(ctx, id).await?.ok_or_else(missing)
    }

    async fn load(&self, ctx: &Context<'_>, id: &str) -> Result<Option<B::Entry>, Error> {
        let key = (forward(ctx)?, id.to_owned());
        self.0.load_one(key).await.map_err(error)
    }

    /// The entries with these ids, in their order; those that are not there are left out.
    ///
    /// # Errors
    /// What the service answered.
    pub async fn many(&self, ctx: &Context<'_>, ids: &[String]) -> Result<Vec<B::Entry>, Error> {
        let forward = forward(ctx)?;
        let keys = ids.iter().map(|id| (forward.clone(), id.clone()));
        let found = self.0.load_many(keys).await.map_err(error)?;
        Ok(ids.iter().filter_map(|id| found.get(&(forward.clone(), id.clone())).cloned()).collect())
    }
}

impl<B: ByIds> Loader<Key> for Batches<B> {
    type Value = B::Entry;
    type Error = Status;

    async fn load(&self, keys: &[Key]) -> Result<HashMap<Key, B::Entry>, Status> {
        let mut by_caller: HashMap<&Forward, Vec<String>> = HashMap::new();
        for (forward, id) in keys {
            by_caller.entry(forward).or_default().push(id.clone());
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (forward, ids) in by_caller {
            let entries = self.0.by_ids(forward, ids).await?;
            found.extend(entries.into_iter().map(|(id, entry)| ((forward.clone(), id), entry)));
        }
        Ok(found)
    }
}
