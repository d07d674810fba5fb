//! Leases in a PostgreSQL schema, for all processes that share it.

use super::{COLUMNS, Epoch, Leases, RELEASE, TAKE, Timing, millis};
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, PostgresEvents, Transaction};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::types::Type;

/// The clock in milliseconds since 1970; it goes on while a statement waits for a lock.
pub(crate) const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::int8";

/// Makes the table; `{s}` stands before its name.
pub(crate) fn table() -> String {
    format!("CREATE TABLE IF NOT EXISTS {{s}}leases ({COLUMNS})")
}

/// Whether this epoch is still the newest: to be asked in the same transaction as what the owner writes. Until that
/// transaction ends nobody else gets the lease.
///
/// # Errors
/// If the database fails.
pub(crate) async fn holds(
    transaction: &Transaction<'_>,
    schema: &str,
    name: &str,
    epoch: Epoch,
) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM \"{schema}\".leases WHERE name = $1 AND epoch = $2 FOR UPDATE");
    let epoch = epoch.cast_signed();
    let parameters: [Parameter<'_>; 2] = [(&name, Type::TEXT), (&epoch, Type::INT8)];
    Ok(!transaction.query(&sql, &parameters).await?.is_empty())
}

/// The leases of a PostgreSQL schema. Cheap to clone.
#[derive(Clone)]
pub struct PostgresLeases {
    pool: Arc<Pool>,
    schema: Arc<str>,
    take: Arc<str>,
    release: Arc<str>,
}

impl PostgresLeases {
    /// The leases beside these events.
    #[must_use]
    pub fn new(events: &PostgresEvents) -> Self {
        let (schema, pool) = events.rest();
        let before = format!("\"{schema}\".");
        Self {
            pool: Arc::clone(pool),
            schema: schema.into(),
            take: TAKE.replace("{s}", &before).replace("{now}", NOW).into(),
            release: RELEASE.replace("{s}", &before).into(),
        }
    }
}

#[async_trait::async_trait]
impl Leases for PostgresLeases {
    async fn take(&self, name: &str, owner: &str, span: Duration) -> Result<Option<Epoch>, StoreError> {
        let span = millis(span);
        let parameters: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&owner, Type::TEXT), (&span, Type::INT8)];
        let transaction = self.pool.begin().await?;
        let rows = transaction.query(&self.take, &parameters).await?;
        let epoch = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose();
        let epoch = epoch.map_err(|error| StoreError::Postgres(error.to_string()))?;
        transaction.commit().await?;
        Ok(epoch.map(i64::unsigned_abs))
    }

    async fn release(&self, name: &str, owner: &str) -> Result<(), StoreError> {
        let parameters: [Parameter<'_>; 2] = [(&name, Type::TEXT), (&owner, Type::TEXT)];
        let transaction = self.pool.begin().await?;
        transaction.query(&self.release, &parameters).await?;
        transaction.commit().await
    }

    async fn is_current(&self, name: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let transaction = self.pool.begin().await?;
        let current = holds(&transaction, &self.schema, name, epoch).await?;
        transaction.commit().await?;
        Ok(current)
    }

    fn timing(&self) -> Timing {
        Timing::SHARED
    }
}
