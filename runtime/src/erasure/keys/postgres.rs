//! Wrapped keys in a table of a PostgreSQL schema: that of the service, or one elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{KeyStore, Slot, Wrapped};
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, connections};

const COLUMNS: &str = "tenant, kind, subject, id, master, sealed";

/// Wrapped keys in a schema.
pub(crate) struct PostgresKeys {
    pool: Arc<Pool>,
    /// The table, with its schema.
    table: String,
    /// Whether the connections are its own, to be closed with it.
    is_apart: bool,
}

impl PostgresKeys {
    /// Beside a service's events, over the same connections.
    ///
    /// # Errors
    /// If the table cannot be made.
    pub(crate) async fn beside(schema: &str, pool: &Arc<Pool>) -> Result<Self, StoreError> {
        let keys = Self { pool: Arc::clone(pool), table: format!("\"{schema}\".data_keys"), is_apart: false };
        keys.prepare(schema).await
    }

    /// In the database of this address, in the schema of its parameter `schema` or else in the default one.
    ///
    /// # Errors
    /// If it cannot be reached, or the schema or its table not be made.
    pub(crate) async fn open(url: &str, default_schema: &str) -> Result<Self, StoreError> {
        let (schema, pool) = connections(url, default_schema).await?;
        let keys = Self { pool, table: format!("\"{schema}\".data_keys"), is_apart: true };
        keys.prepare(&schema).await
    }

    /// Makes what is missing. To make a schema takes a right even if it is there: so look first.
    async fn prepare(self, schema: &str) -> Result<Self, StoreError> {
        let transaction = self.pool.begin().await?;
        transaction.query("SELECT pg_advisory_xact_lock(hashtext($1))", &[(&self.table, Type::TEXT)]).await?;
        let there = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
        if transaction.query(there, &[(&schema, Type::TEXT)]).await?.is_empty() {
            transaction.batch(&format!("CREATE SCHEMA \"{schema}\"")).await?;
        }
        let there = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'data_keys'";
        if transaction.query(there, &[(&schema, Type::TEXT)]).await?.is_empty() {
            transaction.batch(&made(&self.table)).await?;
        }
        transaction.commit().await?;
        Ok(self)
    }

    async fn write(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let transaction = self.pool.begin().await?;
        let rows = transaction.query(sql, parameters).await?;
        transaction.commit().await?;
        Ok(rows)
    }
}

fn made(table: &str) -> String {
    let text = "text COLLATE \"C\" NOT NULL";
    format!(
        "CREATE TABLE {table} (tenant {text}, kind {text}, subject {text}, id {text}, master {text}, sealed {text}, \
         PRIMARY KEY (tenant, kind, subject)); CREATE INDEX data_keys_by_master ON {table} (master)"
    )
}

#[async_trait::async_trait]
impl KeyStore for PostgresKeys {
    async fn find(&self, slots: Vec<Slot>) -> Result<Vec<Wrapped>, StoreError> {
        let slots: Vec<&Slot> = slots.iter().filter(|slot| is_storable(slot)).collect();
        if slots.is_empty() {
            return Ok(Vec::new());
        }
        let tenants: Vec<&str> = slots.iter().map(|slot| slot.tenant.as_str()).collect();
        let kinds: Vec<&str> = slots.iter().map(|slot| slot.kind.as_str()).collect();
        let subjects: Vec<&str> = slots.iter().map(|slot| slot.subject.as_str()).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM {} JOIN unnest($1::text[], $2::text[], $3::text[]) AS k(tenant, kind, subject) \
             USING (tenant, kind, subject)",
            self.table
        );
        let parameters: [Parameter<'_>; 3] =
            [(&tenants, Type::TEXT_ARRAY), (&kinds, Type::TEXT_ARRAY), (&subjects, Type::TEXT_ARRAY)];
        self.pool.read(&sql, &parameters).await?.iter().map(wrapped).collect()
    }

    async fn keep(&self, key: Wrapped) -> Result<Option<Wrapped>, StoreError> {
        if !is_storable(&key.slot) {
            return Err(StoreError::Invalid("a subject's id cannot hold U+0000".to_owned()));
        }
        let sql =
            format!("INSERT INTO {} ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", self.table);
        self.write(&sql, &of_key(&key)).await?;
        Ok(self.find(vec![key.slot.clone()]).await?.pop())
    }

    async fn remove(&self, slot: Slot) -> Result<bool, StoreError> {
        if !is_storable(&slot) {
            return Ok(false);
        }
        let sql = format!("DELETE FROM {} WHERE tenant = $1 AND kind = $2 AND subject = $3 RETURNING true", self.table);
        Ok(!self.write(&sql, &of_slot(&slot)).await?.is_empty())
    }

    async fn replace(&self, key: Wrapped) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE {} SET master = $5, sealed = $6 WHERE tenant = $1 AND kind = $2 AND subject = $3 AND id = $4",
            self.table
        );
        self.write(&sql, &of_key(&key)).await.map(drop)
    }

    async fn wrapped_by_others(&self, master: &str, limit: usize) -> Result<Vec<Wrapped>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE master <> $1 LIMIT $2", self.table);
        let parameters: [Parameter<'_>; 2] = [(&master, Type::TEXT), (&limit, Type::INT8)];
        self.pool.read(&sql, &parameters).await?.iter().map(wrapped).collect()
    }

    async fn masters(&self) -> Result<BTreeSet<String>, StoreError> {
        let sql = format!("SELECT DISTINCT master FROM {}", self.table);
        self.pool.read(&sql, &[]).await?.iter().map(|row| text(row, 0)).collect()
    }

    async fn close(&self) {
        if self.is_apart {
            self.pool.close().await;
        }
    }
}

/// A text with U+0000 cannot be stored; what is under it is not there.
fn is_storable(slot: &Slot) -> bool {
    ![&slot.tenant, &slot.subject].iter().any(|text| text.contains('\0'))
}

fn of_slot(slot: &Slot) -> [Parameter<'_>; 3] {
    [(&slot.tenant, Type::TEXT), (&slot.kind, Type::TEXT), (&slot.subject, Type::TEXT)]
}

fn of_key(key: &Wrapped) -> [Parameter<'_>; 6] {
    let [tenant, kind, subject] = of_slot(&key.slot);
    [tenant, kind, subject, (&key.id, Type::TEXT), (&key.master, Type::TEXT), (&key.sealed, Type::TEXT)]
}

fn wrapped(row: &Row) -> Result<Wrapped, StoreError> {
    let slot = Slot { tenant: text(row, 0)?, kind: text(row, 1)?, subject: text(row, 2)? };
    Ok(Wrapped { slot, id: text(row, 3)?, master: text(row, 4)?, sealed: text(row, 5)? })
}

fn text(row: &Row, column: usize) -> Result<String, StoreError> {
    row.try_get(column).map_err(|error| StoreError::Postgres(error.to_string()))
}
