//! Where entries are kept: what a database has to offer to projections and to reading calls.
//!
//! SQLite implements it on the event store's own file, so that entries, checkpoint and change log
//! commit together. Another database is another implementation of [`Tables`].

pub mod sqlite;

use std::sync::Arc;

use crate::entry::{Row, Table};
use crate::event::{Position, Tenant};
use crate::query::{Filter, Selected, Selection};
use crate::store::StoreError;

/// Changes that a change log keeps; who reads slower than that has to start anew.
pub const KEPT_CHANGES: u64 = 10_000;

/// The table of one definition as it stands in a database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it keeps.
    pub table: Table,
    /// Its name in SQL.
    pub name: Arc<str>,
}

impl Place {
    /// The place of a type's table in the databases of `service`.
    #[must_use]
    pub fn new(service: &str, table: Table) -> Self {
        Self { table, name: table.sql_name(service).into() }
    }
}

/// What a projection has worked out from a batch of events, to be written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// The checkpoint from which the batch was worked out. If the stored one differs, nothing is written.
    pub from: Position,
    /// The checkpoint behind the batch.
    pub to: Position,
    /// Entries that are new or have changed.
    pub kept: Vec<(Tenant, Row)>,
    /// Entries that are no more.
    pub removed: Vec<(Tenant, String)>,
    /// What subscribers are to hear.
    pub changes: Vec<NewChange>,
    /// Events that could not be applied.
    pub parked: Vec<Parked>,
}

/// A change on its way into the log.
#[derive(Debug)]
pub struct NewChange {
    /// Whose entry.
    pub tenant: Tenant,
    /// Which entry.
    pub id: String,
    /// The entry as it was before, if there was one.
    pub before: Option<Row>,
    /// Whether it is gone now.
    pub removed: bool,
}

/// A change as the log keeps it.
#[derive(Clone, Debug)]
pub struct LoggedChange {
    /// Where it stands in the log.
    pub number: u64,
    /// Which entry.
    pub id: String,
    /// The entry as it was before, if there was one.
    pub before: Option<Row>,
}

/// A piece of a change log.
#[derive(Clone, Debug)]
pub enum Changes {
    /// The changes behind the number asked for, oldest first; none when there is nothing new.
    Found(Vec<LoggedChange>),
    /// Some of the changes asked for are no longer kept.
    Trimmed,
}

/// An event that could not be applied to an entry and was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Where the event stands.
    pub position: Position,
    /// Whose it is.
    pub tenant: Tenant,
    /// Its type.
    pub event_type: String,
    /// The entry it would have reached; none if that is what could not be worked out.
    pub entry: Option<String>,
    /// Why.
    pub error: String,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its rows.
    pub rows: Vec<Row>,
    /// All entries that the filter means, on whatever page.
    pub total: i64,
    /// What to ask with for the next page; none on the last one.
    pub cursor: Option<String>,
}

/// A database's tables of entries.
#[async_trait::async_trait]
pub trait Tables: Send + Sync + 'static {
    /// Creates what is missing and gives the checkpoint; a new table's is 0.
    ///
    /// # Errors
    /// If the database fails.
    async fn prepare(&self, place: &Place) -> Result<Position, StoreError>;

    /// The rows of these entries, as far as there are any, in no order.
    ///
    /// # Errors
    /// If the database fails.
    async fn load(&self, place: &Place, keys: Vec<(Tenant, String)>) -> Result<Vec<(Tenant, Row)>, StoreError>;

    /// All rows of a tenant that a filter means.
    ///
    /// # Errors
    /// If the database fails.
    async fn matching(&self, place: &Place, tenant: &Tenant, filter: &Filter) -> Result<Vec<Row>, StoreError>;

    /// Writes a batch, all of it or nothing. Gives the last number of the change log, or nothing if
    /// the checkpoint had moved.
    ///
    /// # Errors
    /// If the database fails.
    async fn write(&self, place: &Place, batch: Batch) -> Result<Option<u64>, StoreError>;

    /// The selected columns of these entries, in no order.
    ///
    /// # Errors
    /// If the database fails.
    async fn get(
        &self,
        place: &Place,
        tenant: &Tenant,
        ids: Vec<String>,
        selected: Selected,
    ) -> Result<Vec<Row>, StoreError>;

    /// One page of a list.
    ///
    /// # Errors
    /// If the database fails.
    async fn list(&self, place: &Place, tenant: &Tenant, selection: Selection) -> Result<Listed, StoreError>;

    /// Up to `limit` changes of a tenant's entries behind a number of the log.
    ///
    /// # Errors
    /// If the database fails.
    async fn changes(&self, place: &Place, tenant: &Tenant, after: u64, limit: usize) -> Result<Changes, StoreError>;

    /// The last number of the change log; 0 if nothing was ever logged.
    ///
    /// # Errors
    /// If the database fails.
    async fn last_change(&self, place: &Place) -> Result<u64, StoreError>;

    /// Events put aside, oldest first.
    ///
    /// # Errors
    /// If the database fails.
    async fn parked(&self, place: &Place, limit: usize) -> Result<Vec<Parked>, StoreError>;
}
