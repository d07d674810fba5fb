//! The service's schema, made and upgraded by whoever comes first.

use super::connection::Parameter;
use super::function;
use super::session;
use crate::consumer::TABLES as TABLES_OF_GROUPS;
use crate::store::StoreError;
use crate::store::deletion::TABLE as TABLE_OF_DELETIONS;
use crate::store::snapshot::TABLE as TABLE_OF_SNAPSHOTS;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

/// The layout that this program reads and writes.
const LAYOUT: i64 = 1;

/// The oldest server whose features are used.
const OLDEST_SERVER: i64 = 140_000;

/// The counter's row is written with every group: room on its page keeps that cheap.
const TABLES: &str = "
CREATE TABLE {s}.layout (one boolean PRIMARY KEY DEFAULT true CHECK (one), version int8 NOT NULL);
INSERT INTO {s}.layout (version) VALUES (0);
CREATE TABLE {s}.counter (one boolean PRIMARY KEY DEFAULT true CHECK (one), position int8 NOT NULL)
    WITH (fillfactor = 10);
INSERT INTO {s}.counter (position) VALUES (0);
CREATE TABLE {s}.events (
    position int8 PRIMARY KEY,
    tenant text COLLATE \"C\" NOT NULL,
    id uuid NOT NULL,
    topic text NOT NULL,
    stream text,
    type text COLLATE \"C\" NOT NULL,
    version int8 NOT NULL,
    tags text[] COLLATE \"C\" NOT NULL,
    payload json NOT NULL,
    correlation_id text,
    causation_id text,
    user_id text,
    reason text,
    traceparent text,
    raised_at int8 NOT NULL
);
CREATE UNIQUE INDEX events_by_id ON {s}.events (tenant, id);
CREATE INDEX events_by_type ON {s}.events (tenant, type, position);
CREATE TABLE {s}.event_tags (
    tenant text COLLATE \"C\" NOT NULL,
    tag text COLLATE \"C\" NOT NULL,
    position int8 NOT NULL,
    type text COLLATE \"C\" NOT NULL,
    PRIMARY KEY (tenant, tag, position) INCLUDE (type)
);
CREATE TABLE {s}.answers (
    tenant text COLLATE \"C\" NOT NULL,
    command text COLLATE \"C\" NOT NULL,
    key text COLLATE \"C\" NOT NULL,
    position int8 NOT NULL,
    answer json NOT NULL,
    PRIMARY KEY (tenant, command, key)
);
";

/// Makes what is missing, under a lock, so that several processes may start at once.
///
/// # Errors
/// If the server is too old, a later runtime made the schema, or a right is missing.
pub(super) async fn prepare(client: &Client, schema: &str) -> Result<(), StoreError> {
    check_server(client).await?;
    let lock = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '60s'; \
         SET LOCAL statement_timeout = '60s'; SELECT pg_advisory_xact_lock({})",
        lock_number(schema)
    );
    client.batch_execute(&lock).await.map_err(|error| session::failure(&error))?;
    match under_lock(client, schema).await {
        Ok(()) => client.batch_execute("COMMIT").await.map_err(|error| session::failure(&error)),
        Err(error) => {
            // The connection is thrown away when this fails, which ends the transaction too.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error)
        }
    }
}

async fn check_server(client: &Client) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_version_num')::int8, current_setting('server_version'), \
         current_setting('server_encoding')";
    let row = client.query_typed_one(sql, &[]).await.map_err(|error| session::failure(&error))?;
    let encoding: String = row.try_get(2).map_err(|error| session::failure(&error))?;
    if encoding != "UTF8" {
        return Err(StoreError::Invalid(format!("the database's encoding is {encoding}; UTF8 is needed")));
    }
    if row.try_get::<_, i64>(0).map_err(|error| session::failure(&error))? >= OLDEST_SERVER {
        return Ok(());
    }
    let version: String = row.try_get(1).map_err(|error| session::failure(&error))?;
    Err(StoreError::Invalid(format!("the server is PostgreSQL {version}; 14 or later is needed")))
}

async fn under_lock(client: &Client, schema: &str) -> Result<(), StoreError> {
    let failed = |error: Error| session::failure(&error);
    let name = &[(&schema as &(dyn tokio_postgres::types::ToSql + Sync), Type::TEXT)];
    // To make a schema takes a right even if it is there: so that it can be made by somebody else, look first.
    let there = client.query_typed("SELECT 1 FROM pg_namespace WHERE nspname = $1", name).await.map_err(failed)?;
    if there.is_empty() {
        client.batch_execute(&format!("CREATE SCHEMA \"{schema}\"")).await.map_err(failed)?;
    }
    if !is_there(client, schema, "layout").await? {
        client.batch_execute(&TABLES.replace("{s}", &format!("\"{schema}\""))).await.map_err(failed)?;
    }
    // What came later and harms no older program is no new layout: a program that is rolled back still opens the database.
    let place = format!("\"{schema}\".");
    let later = [
        ("leases", crate::lease::postgres::table()),
        ("consumer_groups", TABLES_OF_GROUPS.to_owned()),
        ("deletions", TABLE_OF_DELETIONS.to_owned()),
        ("snapshots", TABLE_OF_SNAPSHOTS.to_owned()),
        #[cfg(feature = "files")]
        ("files", crate::files::TABLES.to_owned()),
    ];
    for (table, sql) in later {
        if !is_there(client, schema, table).await? {
            client.batch_execute(&sql.replace("{s}", &place)).await.map_err(failed)?;
        }
    }
    for (probe, make) in crate::tables::postgres::shared().into_iter().chain([function::made_by()]) {
        if client.query_typed(&probe, name).await.map_err(failed)?.is_empty() {
            client.batch_execute(&make.replace("{s}", &format!("\"{schema}\""))).await.map_err(failed)?;
        }
    }
    let sql = format!("SELECT version FROM \"{schema}\".layout");
    let found: i64 = client.query_typed_one(&sql, &[]).await.and_then(|row| row.try_get(0)).map_err(failed)?;
    if found > LAYOUT {
        return Err(StoreError::Newer { found, known: LAYOUT });
    }
    let sql = format!("UPDATE \"{schema}\".layout SET version = {LAYOUT} WHERE version <> {LAYOUT}");
    client.batch_execute(&sql).await.map_err(failed)
}

async fn is_there(client: &Client, schema: &str, table: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2";
    let names: [Parameter<'_>; 2] = [(&schema, Type::TEXT), (&table, Type::TEXT)];
    let found = client.query_typed(sql, &names).await.map_err(|error| session::failure(&error))?;
    Ok(!found.is_empty())
}

/// The number of a schema's advisory lock: FNV-1a of a name that others hardly use.
fn lock_number(schema: &str) -> i64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("scaffold schema {schema}").bytes().fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
}
