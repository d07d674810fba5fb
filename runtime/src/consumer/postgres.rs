//! Statements on PostgreSQL: all sent at once, committed when the fence has held.

use super::statement::{Fence, Row, RunError, SqlValue, Statement, Transactions};
use crate::lease::postgres::{NOW, holds};
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, Transaction};
use futures_util::future::join_all;
use std::sync::Arc;
use tokio_postgres::types::Type;

/// The transactions of a schema.
pub(super) struct Postgres {
    pub(super) pool: Arc<Pool>,
    pub(super) schema: String,
}

/// How often a transaction is carried out while others stand in its way.
const ATTEMPTS: u32 = 3;

#[async_trait::async_trait]
impl Transactions for Postgres {
    async fn run(&self, fence: Option<Fence>, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, RunError> {
        for _ in 1..ATTEMPTS {
            match self.once(fence.as_ref(), &statements).await {
                // Nothing of it is written, and it may be another one that has to wait the next time.
                Err(RunError::Store(StoreError::Busy(problem))) => {
                    tracing::debug!(problem, "others stood in the way of a transaction, which is tried again");
                }
                outcome => return outcome,
            }
        }
        self.once(fence.as_ref(), &statements).await
    }

    fn now(&self) -> &'static str {
        NOW
    }
}

impl Postgres {
    async fn once(&self, fence: Option<&Fence>, statements: &[Statement]) -> Result<Vec<Vec<Row>>, RunError> {
        let transaction = self.pool.begin().await?;
        transaction.batch(&format!("SET LOCAL search_path = \"{}\"", self.schema)).await?;
        if let Some(Fence { lease, epoch }) = fence
            && !holds(&transaction, &self.schema, lease, *epoch).await?
        {
            return Err(RunError::Stale);
        }
        // Polled in this order, so sent in this order; the server does not wait for us in between.
        let outcomes = join_all(statements.iter().map(|statement| one(&transaction, statement))).await;
        // The first error is the reason, the others follow from it.
        let rows = outcomes.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        transaction.commit().await?;
        Ok(rows)
    }
}

async fn one(transaction: &Transaction<'_>, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    let parameters: Vec<Parameter<'_>> = statement.values.iter().map(parameter).collect();
    let rows = transaction.query(&statement.sql, &parameters).await?;
    rows.iter().map(|row| (0..row.len()).map(|column| value(row, column)).collect()).collect()
}

fn parameter(value: &SqlValue) -> Parameter<'_> {
    match value {
        // The server works out what nothing is.
        SqlValue::Null => (&None::<&str>, Type::UNKNOWN),
        SqlValue::Integer(value) => (value, Type::INT8),
        SqlValue::Real(value) => (value, Type::FLOAT8),
        SqlValue::Text(value) => (value, Type::TEXT),
    }
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<SqlValue, StoreError> {
    let of = row.columns().get(column).map(tokio_postgres::Column::type_);
    let read = match of {
        Some(of) if *of == Type::INT8 => row.try_get::<_, Option<i64>>(column).map(SqlValue::from),
        Some(of) if *of == Type::TEXT => row.try_get::<_, Option<String>>(column).map(SqlValue::from),
        // None of our statements reads anything else.
        _ => Ok(SqlValue::Null),
    };
    read.map_err(|error| StoreError::Postgres(error.to_string()))
}
