//! Which tables processes serve, and those that none serves any more.

use std::time::Duration;

use tokio_postgres::types::Type;

use super::super::{Place, Unused, not_among};
use super::schema::Names;
use super::values::column;
use crate::lease::postgres::NOW;
use crate::query::quote;
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, Transaction};

/// So long a process is believed to serve what it said last, in milliseconds.
const SPAN: i64 = 90_000;
/// How soon it says so again.
const AGAIN: Duration = Duration::from_secs(30);

/// Whoever prunes and whoever begins to serve take turns; batches are written meanwhile.
async fn lock(transaction: &Transaction<'_>, schema: &str) -> Result<(), StoreError> {
    transaction.batch(&format!("LOCK TABLE {}.projections IN SHARE UPDATE EXCLUSIVE MODE", quote(schema))).await
}

/// Notes what a process serves.
///
/// # Errors
/// If the database fails.
pub(super) async fn attend(pool: &Pool, schema: &str, process: &str, places: &[Place]) -> Result<Duration, StoreError> {
    let transaction = pool.begin().await?;
    lock(&transaction, schema).await?;
    let processes = format!("{}.projection_processes", quote(schema));
    // Those that died left their notes behind.
    transaction.query(&format!("DELETE FROM {processes} WHERE until < {NOW}"), &[]).await?;
    let names: Vec<&str> = places.iter().map(|place| &*place.name).collect();
    let sql = format!(
        "INSERT INTO {processes} (process, name, until) SELECT $1, n, {NOW} + $3 FROM unnest($2::text[]) AS n \
         ON CONFLICT (process, name) DO UPDATE SET until = excluded.until"
    );
    let parameters: [Parameter<'_>; 3] = [(&process, Type::TEXT), (&names, Type::TEXT_ARRAY), (&SPAN, Type::INT8)];
    transaction.query(&sql, &parameters).await?;
    transaction.commit().await?;
    Ok(AGAIN)
}

/// Forgets what a process has served.
///
/// # Errors
/// If the database fails.
pub(super) async fn depart(pool: &Pool, schema: &str, process: &str) -> Result<(), StoreError> {
    let transaction = pool.begin().await?;
    let sql = format!("DELETE FROM {}.projection_processes WHERE process = $1", quote(schema));
    transaction.query(&sql, &[(&process, Type::TEXT)]).await?;
    transaction.commit().await
}

/// The tables of a service that are neither among these nor served by any process, dropped if that is wanted.
///
/// # Errors
/// If the database fails.
pub(super) async fn unused(
    pool: &Pool,
    schema: &str,
    service: &str,
    kept: &[Place],
    drop: bool,
) -> Result<Vec<Unused>, StoreError> {
    let transaction = pool.begin().await?;
    lock(&transaction, schema).await?;
    let quoted = quote(schema);
    // A process of an earlier runtime notes nothing, but keeps leases.
    let sql = format!(
        "SELECT name, entry, definition, position FROM {quoted}.projections AS p \
         WHERE NOT EXISTS (SELECT 1 FROM {quoted}.projection_processes AS s WHERE s.name = p.name AND s.until >= {NOW}) \
         AND NOT EXISTS (SELECT 1 FROM {quoted}.leases AS l WHERE l.name = 'projection/' || p.name \
         AND l.owner IS NOT NULL AND l.until >= {NOW}) ORDER BY entry, name"
    );
    let read = |row| {
        Ok(Unused {
            table: column(row, 0)?,
            projection: column(row, 1)?,
            definition: column(row, 2)?,
            position: column::<i64>(row, 3)?.unsigned_abs(),
        })
    };
    let rows = transaction.query(&sql, &[]).await?;
    let all = rows.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    let found = not_among(all, service, |name| kept.iter().any(|place| *place.name == *name));
    for unused in found.iter().filter(|_| drop) {
        remove(&transaction, schema, &unused.table).await?;
    }
    transaction.commit().await?;
    Ok(found)
}

/// Drops a table with its change log, and forgets all that is known of it.
async fn remove(transaction: &Transaction<'_>, schema: &str, name: &str) -> Result<(), StoreError> {
    let names = Names::named(schema, name.to_owned());
    transaction.batch(&format!("DROP TABLE IF EXISTS {}, {}", names.table(), names.log())).await?;
    let lease = format!("projection/{name}");
    let of: [(&str, &str, &str); 3] =
        [("projections", "name", name), ("parked", "projection", name), ("leases", "name", &lease)];
    for (table, column, value) in of {
        let sql = format!("DELETE FROM {}.{table} WHERE {column} = $1", names.schema);
        transaction.query(&sql, &[(&value, Type::TEXT)]).await?;
    }
    Ok(())
}
