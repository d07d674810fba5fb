//! The tables themselves: one an entry's definition, its change log, and what all share.

use super::super::{Checkpoint, Place};
use super::fold;
use super::indexes::indexes;
use super::values::{column, sql_type};
use crate::event::Position;
use crate::query::quote;
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, Transaction};
use tokio_postgres::types::Type;

/// PostgreSQL cuts longer names off, and would take two that begin alike for one.
const LONGEST_NAME: usize = 63;

/// The checkpoint's row is written with every batch: room on its page keeps that cheap.
const SHARED: &str = "
CREATE TABLE {s}.projections (
    name text COLLATE \"C\" PRIMARY KEY,
    entry text NOT NULL,
    definition text NOT NULL,
    position int8 NOT NULL,
    last_change int8 NOT NULL,
    history int8 NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE {s}.parked (
    number int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    projection text COLLATE \"C\" NOT NULL,
    position int8 NOT NULL,
    tenant text COLLATE \"C\" NOT NULL,
    type text NOT NULL,
    entry text,
    error text NOT NULL
);
CREATE INDEX parked_by_projection ON {s}.parked (projection, position);
";

/// What came later; programs of before go on working with it.
const PARKED: &str = "
ALTER TABLE {s}.parked ADD COLUMN attempts int8 NOT NULL DEFAULT 1, ADD COLUMN parked_at int8,
    ADD COLUMN resent int8 NOT NULL DEFAULT 0, ADD COLUMN discarded int8 NOT NULL DEFAULT 0;
";

/// Which processes serve which tables, until when they are believed to.
const PROCESSES: &str = "
CREATE TABLE {s}.projection_processes (
    process text COLLATE \"C\" NOT NULL,
    name text COLLATE \"C\" NOT NULL,
    until int8 NOT NULL,
    PRIMARY KEY (process, name)
);
";

/// What all projections share: for each part, whether it is there (a statement over the schema's name that gives a row), and
/// what makes it, where `{s}` stands for the schema.
pub(crate) fn shared() -> [(String, String); 4] {
    let function = format!(
        "SELECT 1 FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = '{}'",
        fold::name()
    );
    let table = |name| format!("SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = '{name}'");
    let column = "SELECT 1 FROM information_schema.columns \
         WHERE table_schema = $1 AND table_name = 'parked' AND column_name = 'resent'";
    [
        (table("projections"), SHARED.to_owned()),
        (column.to_owned(), PARKED.to_owned()),
        (table("projection_processes"), PROCESSES.to_owned()),
        (function, fold::function()),
    ]
}

/// The names of a table and of what belongs to it, in a schema.
pub(super) struct Names {
    /// The schema, quoted.
    pub(super) schema: String,
    /// The table as the projection calls it.
    pub(super) name: String,
    /// The table in SQL, without its schema.
    pub(super) table: String,
    /// The change log in SQL, without its schema.
    log: String,
}

impl Names {
    pub(super) fn of(schema: &str, place: &Place) -> Self {
        Self::named(schema, place.name.to_string())
    }

    /// Of a table that is known by its name only.
    pub(super) fn named(schema: &str, name: String) -> Self {
        Self { schema: quote(schema), table: fitting(&name), log: fitting(&format!("{name}_changes")), name }
    }

    /// The table with its schema, quoted.
    pub(super) fn table(&self) -> String {
        format!("{}.{}", self.schema, quote(&self.table))
    }

    /// The change log with its schema, quoted.
    pub(super) fn log(&self) -> String {
        format!("{}.{}", self.schema, quote(&self.log))
    }
}

/// A table by the name that its projection gives it, with its schema, quoted.
pub(crate) fn sql_name(schema: &str, name: &str) -> String {
    Names::named(schema, name.to_owned()).table()
}

/// The name, or its beginning with a hash of all of it.
fn fitting(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let end = (0..=LONGEST_NAME - 17).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}_{hash:016x}", &name[..end])
}

/// Creates what is missing, under a lock that all processes share, and gives the checkpoint.
///
/// # Errors
/// If the database fails.
pub(super) async fn prepare(
    pool: &Pool,
    names: &Names,
    place: &Place,
    head: Position,
) -> Result<Checkpoint, StoreError> {
    if let Some(found) = checkpoint(pool, names).await? {
        return Ok(found);
    }
    let transaction = pool.begin().await?;
    // Whoever is second finds the table made by the first. Batches are written meanwhile.
    transaction.batch(&format!("LOCK TABLE {}.projections IN SHARE UPDATE EXCLUSIVE MODE", names.schema)).await?;
    if is_missing(&transaction, names).await? {
        transaction.batch(&tables(names, place)).await?;
        let sql = format!(
            "INSERT INTO {}.projections (name, entry, definition, position, last_change, history) \
             VALUES ($1, $2, $3, 0, 0, $4)",
            names.schema
        );
        let head = head.cast_signed();
        let parameters: [Parameter<'_>; 4] = [
            (&names.name, Type::TEXT),
            (&place.table.entry, Type::TEXT),
            (&place.table.definition, Type::TEXT),
            (&head, Type::INT8),
        ];
        transaction.query(&sql, &parameters).await?;
    }
    transaction.commit().await?;
    let found = checkpoint(pool, names).await?;
    found.ok_or_else(|| StoreError::Invalid(format!("the table {} was dropped while it was made", names.name)))
}

async fn is_missing(transaction: &Transaction<'_>, names: &Names) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM {}.projections WHERE name = $1", names.schema);
    Ok(transaction.query(&sql, &[(&names.name, Type::TEXT)]).await?.is_empty())
}

/// The stored checkpoint, if the table is there.
///
/// # Errors
/// If the database fails.
pub(super) async fn checkpoint(pool: &Pool, names: &Names) -> Result<Option<Checkpoint>, StoreError> {
    let sql = format!("SELECT position, last_change, history FROM {}.projections WHERE name = $1", names.schema);
    let rows = pool.read(&sql, &[(&names.name, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let number = |place| column::<i64>(row, place).map(i64::unsigned_abs);
    Ok(Some(Checkpoint { position: number(0)?, last_change: number(1)?, history: number(2)? }))
}

/// The statements that make a table, its indexes and its change log.
fn tables(names: &Names, place: &Place) -> String {
    let columns = place.table.columns.iter();
    let columns: String = columns.map(|column| format!(", {} {}", quote(column.name), sql_type(column.kind))).collect();
    let text = "text COLLATE \"C\"";
    let mut sql = format!(
        "CREATE TABLE {table} (tenant {text} NOT NULL, id {text} NOT NULL, created_at int8 NOT NULL, \
         changed_at int8 NOT NULL, _position int8 NOT NULL{columns}, PRIMARY KEY (tenant, id));
         CREATE TABLE {log} (number int8 PRIMARY KEY, tenant {text} NOT NULL, id text NOT NULL, \
         position int8 NOT NULL, removed boolean NOT NULL, before text);
         CREATE INDEX ON {log} (tenant, number);\n",
        table = names.table(),
        log = names.log(),
    );
    for columns in indexes(&place.table) {
        sql.push_str(&index(names, &columns));
    }
    sql
}

/// In the order of a list: null is the smallest value, forwards and backwards.
fn index(names: &Names, columns: &[&str]) -> String {
    let keys: String = columns.iter().map(|column| format!("{} NULLS FIRST, ", quote(column))).collect();
    let name = quote(&fitting(&format!("{}_by_{}", names.name, columns.join("_"))));
    format!("CREATE INDEX {name} ON {} (tenant, {keys}id);\n", names.table())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_fit_and_stay_apart() {
        let (one, two) = ("ä".repeat(40) + "one", "ä".repeat(40) + "two");
        assert!(fitting(&one).len() <= LONGEST_NAME && fitting(&one) != fitting(&two));
        assert_eq!(fitting("course"), "course");
    }
}
