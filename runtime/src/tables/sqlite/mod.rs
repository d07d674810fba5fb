//! Tables of entries in the SQLite file of the event store.

mod functions;
mod log;
mod read;
mod rows;
mod schema;
mod write;

pub(crate) use functions::register;

use super::{Batch, Changed, Changes, Checkpoint, Kept, Listed, Page, Place, Tables, Told, Unused};
use crate::entry::{Row, ValueError};
use crate::event::{Position, Tenant};
use crate::query::{Filter, Selected, Selection};
use crate::store::StoreError;
use crate::store::sqlite::Sqlite;
use std::time::Duration;

/// The tables of an open SQLite database. Cheap to clone.
#[derive(Clone)]
pub struct SqliteTables(Sqlite);

impl SqliteTables {
    /// The tables of this database.
    #[must_use]
    pub fn new(database: Sqlite) -> Self {
        Self(database)
    }
}

#[async_trait::async_trait]
impl Tables for SqliteTables {
    async fn prepare(&self, place: &Place, head: Position) -> Result<Checkpoint, StoreError> {
        let place = place.clone();
        self.0.writer().write(move |connection| schema::prepare(connection, &place, head)).await
    }

    async fn checkpoint(&self, place: &Place) -> Result<Checkpoint, StoreError> {
        let place = place.clone();
        self.0.readers().read(move |connection| schema::checkpoint(connection, &place)).await
    }

    fn check(&self, _place: &Place, _row: &Row) -> Result<(), ValueError> {
        Ok(())
    }

    async fn load(&self, place: &Place, keys: Vec<(Tenant, String)>) -> Result<Vec<Kept>, StoreError> {
        let place = place.clone();
        self.0.readers().read(move |connection| read::load(connection, &place, keys)).await
    }

    async fn changed(&self, place: &Place, changed: Changed) -> Result<Vec<Kept>, StoreError> {
        let place = place.clone();
        self.0.readers().read(move |connection| read::changed(connection, &place, &changed)).await
    }

    async fn matching(
        &self,
        place: &Place,
        tenant: &Tenant,
        filter: &Filter,
        page: Page,
    ) -> Result<Vec<Kept>, StoreError> {
        let (place, tenant, filter) = (place.clone(), tenant.clone(), filter.clone());
        self.0.readers().read(move |connection| read::matching(connection, &place, (&tenant, &filter), &page)).await
    }

    async fn shared(
        &self,
        place: &Place,
        columns: &'static [&'static str],
        limit: usize,
    ) -> Result<Vec<(Tenant, String)>, StoreError> {
        let place = place.clone();
        self.0.readers().read(move |connection| read::shared(connection, &place, columns, limit)).await
    }

    async fn write(&self, place: &Place, batch: Batch) -> Result<Option<Checkpoint>, StoreError> {
        let place = place.clone();
        self.0.writer().write(move |connection| write::batch(connection, &place, &batch)).await
    }

    async fn get(
        &self,
        place: &Place,
        tenant: &Tenant,
        ids: Vec<String>,
        selected: Selected,
    ) -> Result<Vec<Row>, StoreError> {
        let (place, tenant) = (place.clone(), tenant.clone());
        self.0.readers().read(move |connection| read::get(connection, &place, &tenant, &ids, &selected)).await
    }

    async fn list(&self, place: &Place, tenant: &Tenant, selection: Selection) -> Result<Listed, StoreError> {
        let (place, tenant) = (place.clone(), tenant.clone());
        self.0.readers().read(move |connection| read::list(connection, &place, &tenant, &selection)).await
    }

    async fn tell(&self, _place: &Place, _now: Checkpoint) {}

    fn told(&self, _place: &Place) -> Option<Told> {
        None
    }

    async fn changes(&self, place: &Place, tenant: &Tenant, after: u64, limit: usize) -> Result<Changes, StoreError> {
        let (place, tenant) = (place.clone(), tenant.clone());
        self.0.readers().read(move |connection| log::changes(connection, &place, &tenant, after, limit)).await
    }

    /// A file has one process.
    async fn attend(&self, _process: &str, _places: &[Place]) -> Result<Option<Duration>, StoreError> {
        Ok(None)
    }

    async fn depart(&self, _process: &str) -> Result<(), StoreError> {
        Ok(())
    }

    async fn unused(&self, service: &str, kept: &[Place], drop: bool) -> Result<Vec<Unused>, StoreError> {
        let (service, kept) = (service.to_owned(), kept.to_vec());
        self.0.writer().write(move |connection| schema::unused(connection, &service, &kept, drop)).await
    }
}
