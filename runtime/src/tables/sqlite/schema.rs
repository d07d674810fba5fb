//! The tables themselves: one an entry's definition, its change log, and what all share.

use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{Checkpoint, Place, Unused};
use crate::entry::{Column, ColumnKind, Table};
use crate::event::Position;
use crate::query::quote;
use crate::store::StoreError;

const SHARED: &str = "
CREATE TABLE IF NOT EXISTS projections (
    name TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    definition TEXT NOT NULL,
    position INTEGER NOT NULL,
    last_change INTEGER NOT NULL DEFAULT 0,
    history INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parked (
    number INTEGER PRIMARY KEY,
    projection TEXT NOT NULL,
    position INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    type TEXT NOT NULL,
    entry TEXT,
    error TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1,
    parked_at INTEGER,
    resent INTEGER NOT NULL DEFAULT 0,
    discarded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS parked_by_projection ON parked (projection, position);
";

/// Creates what is missing and gives the checkpoint.
///
/// # Errors
/// If the database fails.
pub(super) fn prepare(connection: &Connection, place: &Place, head: Position) -> Result<Checkpoint, StoreError> {
    connection.execute_batch(SHARED)?;
    complete(connection)?;
    connection.execute_batch(&table(place))?;
    for columns in indexes(&place.table) {
        connection.execute_batch(&index(place, &columns))?;
    }
    let sql =
        "INSERT OR IGNORE INTO projections (name, entry, definition, position, history) VALUES (?1, ?2, ?3, 0, ?4)";
    connection.execute(sql, (&*place.name, place.table.entry, place.table.definition, head.cast_signed()))?;
    let log = quote(&log_name(place));
    let sql = format!(
        "UPDATE projections SET last_change = (SELECT max(number) FROM {log}) \
         WHERE name = ?1 AND last_change = 0 AND EXISTS (SELECT 1 FROM {log})"
    );
    connection.execute(&sql, [&*place.name])?;
    checkpoint(connection, place)
}

/// What the tables of earlier runtimes lack, and how it is declared.
const LATER: [(&str, &str, &str); 6] = [
    ("projections", "last_change", "INTEGER NOT NULL DEFAULT 0"),
    ("projections", "history", "INTEGER NOT NULL DEFAULT 0"),
    ("parked", "attempts", "INTEGER NOT NULL DEFAULT 1"),
    ("parked", "parked_at", "INTEGER"),
    ("parked", "resent", "INTEGER NOT NULL DEFAULT 0"),
    ("parked", "discarded", "INTEGER NOT NULL DEFAULT 0"),
];

/// Adds the columns that a file of an earlier runtime lacks.
fn complete(connection: &Connection) -> Result<(), StoreError> {
    for (table, column, declared) in LATER {
        let known = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2";
        if !connection.prepare_cached(known)?.exists([table, column])? {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {declared}"))?;
        }
    }
    Ok(())
}

/// The stored checkpoint.
///
/// # Errors
/// If the database fails or the table was never prepared.
pub(super) fn checkpoint(connection: &Connection, place: &Place) -> Result<Checkpoint, StoreError> {
    let sql = "SELECT position, last_change, history FROM projections WHERE name = ?1";
    let read = |row: &Row<'_>| {
        Ok(Checkpoint {
            position: row.get::<_, i64>(0)?.unsigned_abs(),
            last_change: row.get::<_, i64>(1)?.unsigned_abs(),
            history: row.get::<_, i64>(2)?.unsigned_abs(),
        })
    };
    let found = connection.prepare_cached(sql)?.query_row([&*place.name], read).optional()?;
    found.ok_or_else(|| StoreError::Invalid(format!("the table {} is gone", place.name)))
}

/// The tables of a service that are not among these, and what belongs to them dropped if that is wanted.
///
/// # Errors
/// If the database fails.
pub(super) fn unused(
    connection: &Connection,
    service: &str,
    kept: &[Place],
    drop: bool,
) -> Result<Vec<Unused>, StoreError> {
    // Nothing is there before the first projection has been prepared.
    connection.execute_batch(SHARED)?;
    let mut statement =
        connection.prepare("SELECT name, entry, definition, position FROM projections ORDER BY entry, name")?;
    let read = |row: &Row<'_>| {
        Ok(Unused {
            table: row.get(0)?,
            projection: row.get(1)?,
            definition: row.get(2)?,
            position: row.get::<_, i64>(3)?.unsigned_abs(),
        })
    };
    let all: Vec<Unused> = statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    let found = super::super::not_among(all, service, |name| kept.iter().any(|place| *place.name == *name));
    for unused in found.iter().filter(|_| drop) {
        let name = &unused.table;
        for table in [name.clone(), log_of(name)] {
            connection.execute_batch(&format!("DROP TABLE IF EXISTS {}", quote(&table)))?;
        }
        connection.execute("DELETE FROM parked WHERE projection = ?1", [name])?;
        connection.execute("DELETE FROM projections WHERE name = ?1", [name])?;
    }
    Ok(found)
}

/// The name of a table's change log.
pub(super) fn log_name(place: &Place) -> String {
    log_of(&place.name)
}

fn log_of(name: &str) -> String {
    format!("{name}_changes")
}

/// With a rowid: without one, SQLite's planner takes the key's id range over a column's index and walks the tenant.
fn table(place: &Place) -> String {
    let columns: String =
        place.table.columns.iter().map(|column| format!(", {} {}", quote(column.name), storage(column))).collect();
    let log = log_name(place);
    format!(
        "CREATE TABLE IF NOT EXISTS {name} (tenant TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, \
         changed_at INTEGER NOT NULL, _position INTEGER NOT NULL{columns}, PRIMARY KEY (tenant, id)) STRICT;
         CREATE TABLE IF NOT EXISTS {log_table} (number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, \
         id TEXT NOT NULL, position INTEGER NOT NULL, removed INTEGER NOT NULL, before TEXT) STRICT;
         CREATE INDEX IF NOT EXISTS {log_index} ON {log_table} (tenant, number);",
        name = quote(&place.name),
        log_table = quote(&log),
        log_index = quote(&format!("{log}_by_tenant")),
    )
}

fn storage(column: &Column) -> &'static str {
    match column.kind {
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Json => "TEXT",
        ColumnKind::Integer | ColumnKind::Boolean | ColumnKind::Instant => "INTEGER",
        ColumnKind::Real => "REAL",
        ColumnKind::Decimal => "TEXT COLLATE scaffold_decimal",
    }
}

/// Every indexed column by itself, then the indexes over several. JSON has no useful order.
fn indexes(table: &Table) -> Vec<Vec<&'static str>> {
    let alone = Table::BASE.iter().skip(1).chain(table.columns);
    let alone = alone.filter(|column| column.indexed && column.kind != ColumnKind::Json);
    let mut found: Vec<Vec<&'static str>> = alone.map(|column| vec![column.name]).collect();
    for columns in table.indexes {
        let columns = columns.to_vec();
        if !found.contains(&columns) && !columns.is_empty() {
            found.push(columns);
        }
    }
    found
}

fn index(place: &Place, columns: &[&str]) -> String {
    let quoted: String = columns.iter().map(|column| format!("{}, ", quote(column))).collect();
    let name = quote(&format!("{}_by_{}", place.name, columns.join("_")));
    format!("CREATE INDEX IF NOT EXISTS {name} ON {} (tenant, {quoted}id)", quote(&place.name))
}
