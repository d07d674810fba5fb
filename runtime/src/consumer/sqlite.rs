//! Statements on SQLite: one piece of work for the writer's thread.

use super::statement::{Fence, Row, RunError, SqlValue, Statement, Transactions};
use crate::lease::sqlite::{NOW, holds};
use crate::store::StoreError;
use crate::store::sqlite::Sqlite;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

#[async_trait::async_trait]
impl Transactions for Sqlite {
    async fn run(&self, fence: Option<Fence>, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, RunError> {
        let is_fenced = fence.is_some();
        let work = move |connection: &Connection| {
            if let Some(fence) = &fence
                && !holds(connection, &fence.lease, fence.epoch)?
            {
                return Ok(None);
            }
            statements.iter().map(|statement| one(connection, statement)).collect::<Result<_, _>>().map(Some)
        };
        match self.writer().write(work).await? {
            Some(rows) => Ok(rows),
            None if is_fenced => Err(RunError::Stale),
            None => Ok(Vec::new()),
        }
    }

    fn now(&self) -> &'static str {
        NOW
    }
}

fn one(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    for (number, value) in statement.values.iter().enumerate() {
        // `$1` is a name in SQLite, so that one value may stand in several places.
        if let Some(index) = prepared.parameter_index(&format!("${}", number + 1))? {
            prepared.raw_bind_parameter(index, value)?;
        }
    }
    let columns = prepared.column_count();
    let mut found = prepared.raw_query();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|column| Ok(value(row.get_ref(column)?)));
        rows.push(values.collect::<Result<Row, rusqlite::Error>>()?);
    }
    Ok(rows)
}

fn value(found: ValueRef<'_>) -> SqlValue {
    match found {
        ValueRef::Integer(value) => SqlValue::Integer(value),
        ValueRef::Real(value) => SqlValue::Real(value),
        ValueRef::Text(value) => SqlValue::Text(String::from_utf8_lossy(value).into_owned()),
        // None of our statements reads bytes.
        ValueRef::Null | ValueRef::Blob(_) => SqlValue::Null,
    }
}

impl rusqlite::ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(value) => ToSqlOutput::Owned(Value::Integer(*value)),
            Self::Real(value) => ToSqlOutput::Owned(Value::Real(*value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
        })
    }
}
