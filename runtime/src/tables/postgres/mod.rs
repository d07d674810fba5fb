//! Tables of entries in the PostgreSQL schema of the event store.
//!
//! They behave as those in SQLite do, to the letter: texts are kept under the collation "C", moments as milliseconds, days as
//! texts, JSON as it was written. What PostgreSQL cannot keep, a U+0000 or a long text in an index, is put aside by
//! [`Tables::check`].

mod fold;
mod indexes;
mod log;
mod read;
mod schema;
mod serving;
mod values;
mod write;

pub(crate) use schema::{shared, sql_name};

use super::{Batch, Changed, Changes, Checkpoint, Kept, Listed, Page, Place, Tables, Told, Unused};
use crate::entry::{Row, ValueError};
use crate::event::{Position, Tenant};
use crate::query::{Filter, PostgresDialect, Selected, Selection, quote};
use crate::store::StoreError;
use crate::store::postgres::{Pool, PostgresEvents};
use schema::Names;
use std::sync::Arc;
use std::time::Duration;

/// The tables of an open PostgreSQL schema. Cheap to clone.
#[derive(Clone)]
pub struct PostgresTables(Arc<Inner>);

/// What every statement needs.
struct Inner {
    events: PostgresEvents,
    dialect: PostgresDialect,
}

impl PostgresTables {
    /// The tables beside these events.
    #[must_use]
    pub fn new(events: &PostgresEvents) -> Self {
        let (schema, _) = events.rest();
        let dialect =
            PostgresDialect { fold: format!("{}.{}", quote(schema), fold::name()), schema: schema.to_owned() };
        Self(Arc::new(Inner { events: events.clone(), dialect }))
    }

    fn pool(&self) -> &Pool {
        self.0.events.rest().1
    }

    fn names(&self, place: &Place) -> Names {
        Names::of(self.0.events.rest().0, place)
    }
}

#[async_trait::async_trait]
impl Tables for PostgresTables {
    async fn prepare(&self, place: &Place, head: Position) -> Result<Checkpoint, StoreError> {
        schema::prepare(self.pool(), &self.names(place), place, head).await
    }

    async fn checkpoint(&self, place: &Place) -> Result<Checkpoint, StoreError> {
        let found = schema::checkpoint(self.pool(), &self.names(place)).await?;
        found.ok_or_else(|| StoreError::Invalid(format!("the table {} is gone", place.name)))
    }

    fn check(&self, place: &Place, row: &Row) -> Result<(), ValueError> {
        values::check(&place.table, row)
    }

    async fn load(&self, place: &Place, keys: Vec<(Tenant, String)>) -> Result<Vec<Kept>, StoreError> {
        read::load(self.pool(), &self.names(place), (place, &self.0.dialect), &keys).await
    }

    async fn changed(&self, place: &Place, changed: Changed) -> Result<Vec<Kept>, StoreError> {
        read::changed(self.pool(), &self.names(place), (place, &self.0.dialect), &changed).await
    }

    async fn matching(
        &self,
        place: &Place,
        tenant: &Tenant,
        filter: &Filter,
        page: Page,
    ) -> Result<Vec<Kept>, StoreError> {
        let of = read::Of { place, tenant, dialect: &self.0.dialect };
        read::matching(self.pool(), &self.names(place), of, (filter, &page)).await
    }

    async fn shared(
        &self,
        place: &Place,
        columns: &'static [&'static str],
        limit: usize,
    ) -> Result<Vec<(Tenant, String)>, StoreError> {
        read::shared(self.pool(), &self.names(place), columns, limit).await
    }

    async fn write(&self, place: &Place, batch: Batch) -> Result<Option<Checkpoint>, StoreError> {
        write::batch(self.pool(), &self.names(place), place, &batch).await
    }

    async fn get(
        &self,
        place: &Place,
        tenant: &Tenant,
        ids: Vec<String>,
        selected: Selected,
    ) -> Result<Vec<Row>, StoreError> {
        let of = read::Of { place, tenant, dialect: &self.0.dialect };
        read::get(self.pool(), &self.names(place), of, &ids, &selected).await
    }

    async fn list(&self, place: &Place, tenant: &Tenant, selection: Selection) -> Result<Listed, StoreError> {
        let of = read::Of { place, tenant, dialect: &self.0.dialect };
        read::list(self.pool(), &self.names(place), of, &selection).await
    }

    async fn tell(&self, place: &Place, now: Checkpoint) {
        if let Err(error) = self.0.events.tell(&Told::note(place, now)).await {
            tracing::debug!(table = &*place.name, %error, "other processes were not told and will find out by themselves");
        }
    }

    fn told(&self, place: &Place) -> Option<Told> {
        Some(Told::new(self.0.events.notes(), place))
    }

    async fn changes(&self, place: &Place, tenant: &Tenant, after: u64, limit: usize) -> Result<Changes, StoreError> {
        log::changes(self.pool(), &self.names(place), place, (tenant, after, limit)).await
    }

    async fn attend(&self, process: &str, places: &[Place]) -> Result<Option<Duration>, StoreError> {
        serving::attend(self.pool(), self.0.events.rest().0, process, places).await.map(Some)
    }

    async fn depart(&self, process: &str) -> Result<(), StoreError> {
        serving::depart(self.pool(), self.0.events.rest().0, process).await
    }

    async fn unused(&self, service: &str, kept: &[Place], drop: bool) -> Result<Vec<Unused>, StoreError> {
        serving::unused(self.pool(), self.0.events.rest().0, service, kept, drop).await
    }
}
