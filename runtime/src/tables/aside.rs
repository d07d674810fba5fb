//! Events that a projection has put aside, as operators see them and as they are tried again.
//!
//! The SQL is that of both databases. What is put aside is written along with the entries, see [`super::Batch`].

use serde::Serialize;

use super::Place;
use crate::consumer::{Ledger, Resent, Row, RunError, SqlValue, Statement};
use crate::event::{Position, Tenant};
use crate::store::StoreError;
use crate::value::DateTime;

const COLUMNS: &str = "number, position, tenant, type, entry, error, attempts, parked_at, resent, discarded";

/// An event that could not be applied and was put aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// Where the event stands.
    pub position: Position,
    /// Whose it is.
    pub tenant: Tenant,
    /// Its type.
    pub event_type: String,
    /// The entry that it was not applied to; empty for many that are not noted one by one; none if it was applied to nothing, as
    /// it cannot be said what it reaches.
    pub entry: Option<String>,
    /// Why.
    pub error: String,
    /// Whether it is to be tried again at once, since it is not certain that it was this event.
    #[serde(skip)]
    pub again: bool,
}

/// An event as it lies aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PutAside {
    /// Names it to whoever wants it tried again or forgotten.
    pub id: String,
    /// What was put aside.
    #[serde(flatten)]
    pub parked: Parked,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was put aside, on the database's clock; none for those of earlier runtimes.
    pub parked_at: Option<DateTime>,
    /// Whether it waits to be tried again.
    pub resent: bool,
    /// Whether it is left out for good.
    #[serde(skip)]
    pub(crate) discarded: bool,
    /// Its number in the table.
    #[serde(skip)]
    pub(crate) number: u64,
}

impl PutAside {
    /// Where it stands in a list.
    pub(crate) fn order(&self) -> (Position, u64) {
        (self.parked.position, self.number)
    }
}

/// What came of an event that was tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// Its number in the table.
    pub number: u64,
    /// Why it still cannot be applied; none if it has been.
    pub error: Option<String>,
}

/// What is put aside in a database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Aside(Ledger);

impl Aside {
    /// What is put aside beside what groups keep.
    pub(crate) fn new(ledger: &Ledger) -> Self {
        Self(ledger.clone())
    }

    /// Hints that something of a projection was asked for again, in any process, from now on.
    pub(crate) fn wishes(&self, place: &Place) -> Resent {
        self.0.resent_of(&named(place))
    }

    /// What lies aside of a projection, oldest first, behind the one with the id `after`.
    pub(crate) async fn page(
        &self,
        place: &Place,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PutAside>, StoreError> {
        let (position, number) = after.and_then(parts).unwrap_or_default();
        let sql = format!(
            "SELECT {COLUMNS} FROM parked WHERE projection = $1 AND discarded = 0 AND (position > $2 OR position = $2 \
             AND number > $3) ORDER BY position, number LIMIT $4"
        );
        let statement = Statement::new(sql).bind(&*place.name).bind(position).bind(number).bind(i64::from(limit));
        self.read(statement).await
    }

    /// How many lie aside.
    pub(crate) async fn count(&self, place: &Place) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM parked WHERE projection = $1 AND discarded = 0";
        let rows = self.run(Statement::new(sql).bind(&*place.name)).await?;
        Ok(rows.first().map_or(0, |row| integer(row, 0).unsigned_abs()))
    }

    /// Asks for one to be tried again. False if there is none of this id.
    pub(crate) async fn resend(&self, place: &Place, id: &str) -> Result<bool, StoreError> {
        let is_there = self.change(place, id, "UPDATE parked SET resent = 1").await?;
        if is_there {
            self.0.tell_resent(&named(place)).await;
        }
        Ok(is_there)
    }

    /// Leaves one out for good. False if there is none of this id.
    pub(crate) async fn discard(&self, place: &Place, id: &str) -> Result<bool, StoreError> {
        self.change(place, id, "UPDATE parked SET discarded = 1, resent = 0").await
    }

    /// The next one to be tried again.
    pub(crate) async fn wanted(&self, place: &Place) -> Result<Option<PutAside>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM parked WHERE projection = $1 AND resent = 1 AND discarded = 0 \
             ORDER BY position, number LIMIT 1"
        );
        Ok(self.read(Statement::new(sql).bind(&*place.name)).await?.into_iter().next())
    }

    /// All of a tenant's that lie aside or are left out for good.
    pub(crate) async fn of_tenant(&self, place: &Place, tenant: &Tenant) -> Result<Vec<PutAside>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM parked WHERE projection = $1 AND tenant = $2");
        self.read(Statement::new(sql).bind(&*place.name).bind(tenant.as_str())).await
    }

    async fn change(&self, place: &Place, id: &str, change: &str) -> Result<bool, StoreError> {
        let Some((position, number)) = parts(id) else { return Ok(false) };
        let which = "WHERE projection = $1 AND position = $2 AND number = $3 AND discarded = 0 RETURNING number";
        let statement = Statement::new(format!("{change} {which}"));
        Ok(!self.run(statement.bind(&*place.name).bind(position).bind(number)).await?.is_empty())
    }

    async fn read(&self, statement: Statement) -> Result<Vec<PutAside>, StoreError> {
        Ok(self.run(statement).await?.iter().map(put_aside).collect())
    }

    async fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match self.0.transactions().run(None, vec![statement]).await {
            Ok(rows) => Ok(rows.into_iter().next().unwrap_or_default()),
            Err(RunError::Store(error)) => Err(error),
            // Nobody asked for a lease.
            Err(RunError::Stale) => Err(StoreError::Closed),
        }
    }
}

/// What a projection is called in hints, as no group is.
fn named(place: &Place) -> String {
    format!("projection/{}", place.name)
}

/// Position and number, which an id is made of: SQLite may use a number again, but not for another event's.
fn parts(id: &str) -> Option<(Position, u64)> {
    let (position, number) = id.split_once('-')?;
    let within = |text: &str| text.parse::<u64>().ok().filter(|number| i64::try_from(*number).is_ok());
    Some((within(position)?, within(number)?))
}

fn put_aside(row: &Row) -> PutAside {
    let (number, position) = (integer(row, 0).unsigned_abs(), integer(row, 1).unsigned_abs());
    let parked_at = matches!(row.get(7), Some(SqlValue::Integer(_))).then(|| DateTime::from_millis(integer(row, 7)));
    let parked = Parked {
        position,
        tenant: Tenant::new(text(row, 2).unwrap_or_default()),
        event_type: text(row, 3).unwrap_or_default(),
        entry: text(row, 4),
        error: text(row, 5).unwrap_or_default(),
        again: false,
    };
    PutAside {
        id: format!("{position}-{number}"),
        parked,
        attempts: u32::try_from(integer(row, 6)).unwrap_or(u32::MAX),
        parked_at,
        resent: integer(row, 8) == 1,
        discarded: integer(row, 9) == 1,
        number,
    }
}

fn integer(row: &Row, column: usize) -> i64 {
    if let Some(SqlValue::Integer(value)) = row.get(column) { *value } else { 0 }
}

fn text(row: &Row, column: usize) -> Option<String> {
    if let Some(SqlValue::Text(value)) = row.get(column) { Some(value.clone()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_two_numbers() {
        assert_eq!(parts("7-12"), Some((7, 12)));
        for wrong in ["", "7", "7-", "-7", "a-b", "7-12-1", "7-99999999999999999999", "18446744073709551615-1"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
