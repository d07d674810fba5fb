//! What people and other processes see of groups and do to what is parked.

use super::Ledger;
use super::progress::{failed_again, number, text};
use crate::consumer::parked::{NewParked, Parked};
use crate::consumer::statement::{Row, RunError, SqlValue, Statement};
use crate::event::{Position, Tenant};
use crate::store::StoreError;
use crate::value::DateTime;

const COLUMNS: &str = "id, name, key, tenant, position, event_type, attempts, error, parked_at, resent, data";

/// A group as the database knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::consumer) struct Kept {
    pub(in crate::consumer) cursor: Position,
    pub(in crate::consumer) put_off: u64,
    pub(in crate::consumer) parked: u64,
}

impl Ledger {
    /// What a group has parked, oldest first, behind the one with the id `after`; at most `limit`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn parked(&self, group: &str, after: Option<&str>, limit: u32) -> Result<Vec<Parked>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM consumer_parked WHERE name = $1 AND id > $2 ORDER BY id LIMIT $3");
        self.read_parked(Statement::new(sql).bind(group).bind(after.unwrap_or_default()).bind(i64::from(limit))).await
    }

    /// Asks for a parked one to be tried once more, by whoever works for the group. False if there is none of this id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn resend(&self, group: &str, id: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE consumer_parked SET resent = 1 WHERE name = $1 AND id = $2 RETURNING id";
        let is_there = self.changed(Statement::new(sql).bind(group).bind(id)).await?;
        if is_there {
            self.tell_resent(group).await;
        }
        Ok(is_there)
    }

    /// Forgets a parked one. False if there is none of this id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn discard(&self, group: &str, id: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM consumer_parked WHERE name = $1 AND id = $2 RETURNING id";
        self.changed(Statement::new(sql).bind(group).bind(id)).await
    }

    /// Parks a run that no event started. One of the same key is parked again: it keeps its id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn park(&self, parked: &NewParked) -> Result<(), StoreError> {
        self.run(self.parking(parked, None)).await.map(drop)
    }

    /// Whether a run of this key is parked.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn is_parked(&self, group: &str, key: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM consumer_parked WHERE name = $1 AND key = $2";
        self.changed(Statement::new(sql).bind(group).bind(key)).await
    }

    /// What was parked and is to be tried once more, oldest first; at most `limit`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn resent(&self, group: &str, limit: u32) -> Result<Vec<Parked>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM consumer_parked WHERE name = $1 AND resent = 1 ORDER BY id LIMIT $2");
        self.read_parked(Statement::new(sql).bind(group).bind(i64::from(limit))).await
    }

    /// Notes what came of a parked run that was tried once more: it is forgotten, or parked with the new error.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn ran_again(&self, id: &str, outcome: Result<(), String>) -> Result<(), StoreError> {
        let statement = match outcome {
            Ok(()) => Statement::new("DELETE FROM consumer_parked WHERE id = $1").bind(id),
            Err(error) => failed_again(id, &error),
        };
        self.run(statement).await.map(drop)
    }

    /// A group as the database knows it; none before it has ever run.
    pub(in crate::consumer) async fn kept(&self, group: &str) -> Result<Option<Kept>, StoreError> {
        let sql = "SELECT position, (SELECT count(*) FROM consumer_put_off WHERE name = $1), \
                   (SELECT count(*) FROM consumer_parked WHERE name = $1) FROM consumer_groups WHERE name = $1";
        let rows = self.run(Statement::new(sql).bind(group)).await?;
        Ok(rows.first().map(|row| Kept {
            cursor: number(row, 0).unsigned_abs(),
            put_off: number(row, 1).unsigned_abs(),
            parked: number(row, 2).unsigned_abs(),
        }))
    }

    /// The groups that have parked something, and how much.
    pub(in crate::consumer) async fn have_parked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = self.run(Statement::new("SELECT name, count(*) FROM consumer_parked GROUP BY name")).await?;
        let group = |row: &Row| (text(row, 0).unwrap_or_default().to_owned(), number(row, 1).unsigned_abs());
        Ok(rows.iter().map(group).collect())
    }

    /// How many events of a correlation id a group has put off, and how many it has parked.
    pub(in crate::consumer) async fn unhandled(
        &self,
        group: &str,
        correlation: &str,
    ) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT (SELECT count(*) FROM consumer_put_off WHERE name = $1 AND correlation_id = $2), \
                   (SELECT count(*) FROM consumer_parked WHERE name = $1 AND correlation_id = $2)";
        let rows = self.run(Statement::new(sql).bind(group).bind(correlation)).await?;
        Ok(rows.first().map_or((0, 0), |row| (number(row, 0).unsigned_abs(), number(row, 1).unsigned_abs())))
    }

    async fn read_parked(&self, statement: Statement) -> Result<Vec<Parked>, StoreError> {
        self.run(statement).await?.iter().map(parked_of).collect()
    }

    async fn changed(&self, statement: Statement) -> Result<bool, StoreError> {
        Ok(!self.run(statement).await?.is_empty())
    }

    pub(super) async fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        match self.sql.run(None, vec![statement]).await {
            Ok(rows) => Ok(rows.into_iter().next().unwrap_or_default()),
            Err(RunError::Store(error)) => Err(error),
            // Nobody asked for a lease.
            Err(RunError::Stale) => Err(StoreError::Closed),
        }
    }
}

fn parked_of(row: &Row) -> Result<Parked, StoreError> {
    let is = |column| text(row, column).map(str::to_owned);
    let data = text(row, 10).map(serde_json::from_str).transpose();
    Ok(Parked {
        id: is(0).unwrap_or_default(),
        group: is(1).unwrap_or_default(),
        key: is(2).unwrap_or_default(),
        tenant: Tenant::new(is(3).unwrap_or_default()),
        position: matches!(row.get(4), Some(SqlValue::Integer(_))).then(|| number(row, 4).unsigned_abs()),
        event_type: is(5),
        attempts: u32::try_from(number(row, 6)).unwrap_or(0),
        error: is(7).unwrap_or_default(),
        parked_at: DateTime::from_millis(number(row, 8)),
        resent: number(row, 9) == 1,
        data: data.map_err(|error| StoreError::Invalid(format!("stored JSON is broken: {error}")))?,
    })
}
