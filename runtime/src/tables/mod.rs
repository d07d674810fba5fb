//! Where entries are kept: what a database has to offer to projections and to reading calls.
//!
//! Each database implements it beside its event store, so that entries, checkpoint and change log
//! commit together.

mod aside;
mod logged;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
mod told;

pub(crate) use aside::Aside;
pub use aside::{Parked, PutAside, Retried};
pub use told::Told;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::entry::{Row, Table, ValueError};
use crate::event::{Position, Tenant};
use crate::query::{Filter, Selected, Selection, quote};
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

/// How far a table has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Every event up to here is applied.
    pub position: Position,
    /// The last number of its change log; 0 if nothing was ever logged.
    pub last_change: u64,
    /// The head when the table was made: nobody can have subscribed to what came before.
    pub history: Position,
}

/// What a projection has worked out from a batch of events, to be written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// The checkpoint from which the batch was worked out. If the stored one differs, nothing is written.
    pub from: Checkpoint,
    /// The checkpoint behind the batch.
    pub to: Position,
    /// Entries that are new or have changed.
    pub kept: Vec<Kept>,
    /// Entries that are no more.
    pub removed: Vec<(Tenant, String)>,
    /// What subscribers are to hear.
    pub changes: Vec<NewChange>,
    /// Events that could not be applied.
    pub parked: Vec<Parked>,
    /// What came of those that had been put aside before and were tried again.
    pub retried: Vec<Retried>,
    /// Entries whose earlier values go from the change log, those of these changes among them; of a tenant without an id, all.
    pub forgotten: Vec<(Tenant, Option<String>)>,
}

impl Batch {
    /// Whether there is nothing to be written but a checkpoint.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { kept, removed, parked, retried, forgotten, .. } = self;
        kept.is_empty() && removed.is_empty() && parked.is_empty() && retried.is_empty() && forgotten.is_empty()
    }

    /// The checkpoint behind it.
    #[must_use]
    pub fn behind(&self) -> Checkpoint {
        let changes = u64::try_from(self.changes.len()).unwrap_or(u64::MAX);
        Checkpoint { position: self.to, last_change: self.from.last_change.saturating_add(changes), ..self.from }
    }

    /// The changes, with their numbers in the log.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &NewChange)> {
        (self.from.last_change + 1..).zip(&self.changes)
    }
}

/// An entry as a table keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Whose it is.
    pub tenant: Tenant,
    /// The entry.
    pub row: Row,
    /// The event that changed it last.
    pub position: Position,
}

/// Which entries of all tenants are asked for, by tenant and id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Those that were changed behind this position.
    pub after: Position,
    /// Those behind this one.
    pub from: Option<(Tenant, String)>,
    /// At most so many.
    pub limit: usize,
}

/// A piece of what a filter means, in the order of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Only entries behind this id; none for the first page.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
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
    /// The entry as it was before, if there was one that may still be known.
    pub before: Option<Row>,
    /// Whether there was one that has been erased since.
    pub is_forgotten: bool,
}

/// A piece of a change log.
#[derive(Clone, Debug)]
pub enum Changes {
    /// The changes behind the number asked for, oldest first; none when there is nothing new.
    Found(Vec<LoggedChange>),
    /// Some of the changes asked for are no longer kept.
    Trimmed,
}

/// A table that nobody serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unused {
    /// Its name.
    pub table: String,
    /// The type whose entries it keeps.
    pub projection: String,
    /// The definition that it belongs to.
    pub definition: String,
    /// Every event up to here is applied to it.
    pub position: Position,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its rows.
    pub rows: Vec<Row>,
    /// All entries that the filter means, on whatever page; 0 if they were not to be counted.
    pub total: i64,
    /// What to ask with for the next page; none on the last one.
    pub cursor: Option<String>,
}

/// A database's tables of entries.
#[async_trait::async_trait]
pub trait Tables: Send + Sync + 'static {
    /// Creates what is missing and gives the checkpoint. `head` is that of the events, for a table that is new.
    ///
    /// # Errors
    /// If the database fails.
    async fn prepare(&self, place: &Place, head: Position) -> Result<Checkpoint, StoreError>;

    /// The checkpoint of a table that has been prepared.
    ///
    /// # Errors
    /// If the database fails or there is no such table any more.
    async fn checkpoint(&self, place: &Place) -> Result<Checkpoint, StoreError>;

    /// Whether this database can keep a row: what it cannot is put aside, so that it holds nothing else up.
    ///
    /// # Errors
    /// When a value cannot be stored or indexed.
    fn check(&self, place: &Place, row: &Row) -> Result<(), ValueError>;

    /// The rows of these entries, as far as there are any, in no order.
    ///
    /// # Errors
    /// If the database fails.
    async fn load(&self, place: &Place, keys: Vec<(Tenant, String)>) -> Result<Vec<Kept>, StoreError>;

    /// Entries of all tenants that were changed.
    ///
    /// # Errors
    /// If the database fails.
    async fn changed(&self, place: &Place, changed: Changed) -> Result<Vec<Kept>, StoreError>;

    /// Entries of a tenant that a filter means, a page of them in the order of their ids.
    ///
    /// # Errors
    /// If the database fails.
    async fn matching(
        &self,
        place: &Place,
        tenant: &Tenant,
        filter: &Filter,
        page: Page,
    ) -> Result<Vec<Kept>, StoreError>;

    /// Values of these columns that entries of a tenant share, none of them null: for each, one of the entries. At most `limit`.
    ///
    /// # Errors
    /// If the database fails.
    async fn shared(
        &self,
        place: &Place,
        columns: &'static [&'static str],
        limit: usize,
    ) -> Result<Vec<(Tenant, String)>, StoreError>;

    /// Writes a batch, all of it or nothing. Gives the new checkpoint, or nothing if somebody else had moved it.
    ///
    /// # Errors
    /// If the database fails.
    async fn write(&self, place: &Place, batch: Batch) -> Result<Option<Checkpoint>, StoreError>;

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

    /// Tells the other processes how far a table has come: a hint, which may be lost.
    async fn tell(&self, place: &Place, now: Checkpoint);

    /// What other processes tell of a table; none where there can be no others.
    fn told(&self, place: &Place) -> Option<Told>;

    /// Up to `limit` changes of a tenant's entries behind a number of the log.
    ///
    /// # Errors
    /// If the database fails.
    async fn changes(&self, place: &Place, tenant: &Tenant, after: u64, limit: usize) -> Result<Changes, StoreError>;

    /// Notes that a process serves these tables, so that nobody prunes them. Gives how soon that has to be said again; none
    /// where no other process can be.
    ///
    /// # Errors
    /// If the database fails.
    async fn attend(&self, process: &str, places: &[Place]) -> Result<Option<Duration>, StoreError>;

    /// Notes that a process serves nothing any more.
    ///
    /// # Errors
    /// If the database fails; what it noted runs out by itself then.
    async fn depart(&self, process: &str) -> Result<(), StoreError>;

    /// The tables of a service that no process serves; dropped, with all that belongs to them, if that is wanted. Those at
    /// `kept` stay in any case.
    ///
    /// # Errors
    /// If the database fails.
    async fn unused(&self, service: &str, kept: &[Place], drop: bool) -> Result<Vec<Unused>, StoreError>;
}

/// The statement behind [`Tables::shared`]; its one parameter is the limit. It goes through an index over the columns.
fn shared_sql(table: &str, columns: &[&str], limit: &str) -> String {
    let columns: Vec<String> = columns.iter().map(|column| quote(column)).collect();
    let (keys, there) = (columns.join(", "), columns.join(" IS NOT NULL AND "));
    format!(
        "SELECT tenant, min(id) FROM {table} WHERE {there} IS NOT NULL GROUP BY tenant, {keys} \
         HAVING count(*) > 1 ORDER BY 1, 2 LIMIT {limit}"
    )
}

/// The tables of a service that nobody keeps.
fn not_among(all: Vec<Unused>, service: &str, is_kept: impl Fn(&str) -> bool) -> Vec<Unused> {
    let own = format!("{service}_");
    all.into_iter().filter(|one| one.table.starts_with(&own) && !is_kept(&one.table)).collect()
}
