//! A list question, checked against its table, and the statements that answer it.

use super::cursor::Cursor;
use super::keyset::{Key, Segment, segments};
use super::{Dialect, Filter, Invalid, Order, Sql, check};
use crate::entry::{Column, ColumnKind, Table, Value};
use crate::event::Tenant;

/// Entries that one answer may hold, whatever limit is asked for.
pub const MAX_LIMIT: i64 = 1000;

/// Among the fields wanted of a list: the number of all entries is not. No field has such a name, and a service that does not
/// know it passes over it.
pub const WITHOUT_TOTAL: &str = "__withoutTotal";

/// What a caller asks a list for.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Entries wanted; 0 is no limit of the caller's own, the server's ceiling [`MAX_LIMIT`] holds.
    pub limit: i64,
    /// Which page, counted from 1; 0 is the first one too.
    pub page: i64,
    /// The cursor of the page before; then `page` must not be given.
    pub after: Option<String>,
    /// Which entries.
    pub filter: Filter,
    /// In which order; the id is always the last key.
    pub order: Vec<Order>,
    /// Wait until the projection has applied every event there was when the call began.
    pub strong: bool,
    /// The fields wanted; none named means all. May hold [`WITHOUT_TOTAL`].
    pub fields: Vec<String>,
}

/// Which of a table's own columns are wanted, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected(Vec<bool>);

/// A checked list question.
#[derive(Clone, Debug)]
pub struct Selection {
    table: Table,
    filter: Filter,
    keys: Vec<Key>,
    selected: Selected,
    /// Entries wanted, within the ceiling.
    pub limit: i64,
    /// Which page, counted from 1.
    pub page: i64,
    /// Whether to count all entries meant.
    pub counted: bool,
    segments: Vec<Segment>,
    question: u64,
}

impl Selected {
    /// All columns.
    #[must_use]
    pub fn all(table: &Table) -> Self {
        Self(vec![true; table.columns.len()])
    }

    /// The columns of these fields; no field named means all.
    ///
    /// # Errors
    /// When the type has no such field.
    pub fn of(table: &Table, fields: &[String]) -> Result<Self, Invalid> {
        if fields.is_empty() {
            return Ok(Self::all(table));
        }
        let mut wanted = vec![false; table.columns.len()];
        let mut unknown = Invalid::default();
        for field in fields.iter().filter(|field| !field.starts_with("__")) {
            let field = field.split('.').next().unwrap_or_default();
            match table.column(field) {
                None => unknown.push(field, format!("{} has no such field", table.entry)),
                Some(column) => {
                    let place = table.columns.iter().position(|other| other.name == column.name);
                    if let Some(flag) = place.and_then(|place| wanted.get_mut(place)) {
                        *flag = true;
                    }
                }
            }
        }
        unknown.into_result().map(|()| Self(wanted))
    }

    /// Adds the list of columns to a statement: id, createdAt, changedAt, then the table's own.
    pub fn push(&self, sql: &mut Sql<'_>, table: &Table) {
        sql.push("id, created_at, changed_at");
        for (column, wanted) in table.columns.iter().zip(&self.0) {
            sql.push(", ");
            if *wanted {
                sql.read(column)
            } else {
                sql.push("NULL")
            };
        }
    }
}

impl Selection {
    /// Checks a question that came through the API.
    ///
    /// # Errors
    /// When it breaks a rule; each field with a problem is named.
    pub fn new(table: Table, list: List) -> Result<Self, Invalid> {
        check::filter(&table, &list.filter)?;
        check::order(&table, &list.order)?;
        let (limit, page) = bounds(&list)?;
        let keys = keys(&table, &list.order);
        let selected = Selected::of(&table, &list.fields)?;
        let counted = !list.fields.iter().any(|field| field == WITHOUT_TOTAL);
        let question = Cursor::question(&table, &list.filter, &keys);
        let segments = match &list.after {
            None => vec![Segment::default()],
            Some(cursor) => segments(&keys, &Cursor::read(cursor, question, &keys)?),
        };
        Ok(Self { table, filter: list.filter, keys, selected, limit, page, counted, segments, question })
    }

    /// The same among those rows only that a filter of ours means. A cursor does not depend on it.
    #[must_use]
    pub fn among(mut self, rows: &Filter) -> Self {
        if !rows.is_everything() {
            self.filter = Filter::all(vec![self.filter, rows.clone()]);
        }
        self
    }

    /// The columns by which the rows are ordered.
    #[must_use]
    pub fn keys(&self) -> Vec<Column> {
        self.keys.iter().map(|key| key.column).collect()
    }

    /// How many statements it may take to fill a page.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.segments.len()
    }

    /// The `number`th statement for up to `limit` rows: the columns of [`Selected::push`], then the keys.
    #[must_use]
    pub fn rows(&self, on: On<'_>, number: usize, limit: i64) -> (String, Vec<Value>) {
        let mut sql = Sql::new(on.dialect);
        sql.push("SELECT ");
        self.selected.push(&mut sql, &self.table);
        for key in &self.keys {
            sql.push(", ").read(&key.column);
        }
        self.meant(&mut sql, on);
        if let Some(segment) = self.segments.get(number) {
            segment.push(&mut sql);
        }
        sql.push(" ORDER BY ");
        for (place, key) in self.keys.iter().enumerate() {
            sql.push(if place > 0 { ", " } else { "" }).identifier(key.column.name);
            sql.push(match (key.descending, key.column.name) {
                // Never null, and kept so in every index.
                (false, "id") => " ASC",
                (true, "id") => " DESC",
                (false, _) => " ASC NULLS FIRST",
                (true, _) => " DESC NULLS LAST",
            });
        }
        sql.push(" LIMIT ").bind(limit);
        if self.page > 1 {
            sql.push(" OFFSET ").bind((self.page - 1).saturating_mul(self.limit));
        }
        sql.finish()
    }

    /// The statement that counts all entries meant, whatever the page.
    #[must_use]
    pub fn count(&self, on: On<'_>) -> (String, Vec<Value>) {
        let mut sql = Sql::new(on.dialect);
        sql.push("SELECT count(*)");
        self.meant(&mut sql, on);
        sql.finish()
    }

    /// The cursor behind a row with these key values.
    #[must_use]
    pub fn cursor(&self, keys: &[Value]) -> String {
        Cursor::write(self.question, keys)
    }

    fn meant(&self, sql: &mut Sql<'_>, on: On<'_>) {
        sql.push(" FROM ").push(on.table).push(" WHERE tenant = ").bind(on.tenant.as_str());
        if !self.filter.is_everything() {
            sql.push(" AND ").filter(&self.table, &self.filter);
        }
    }
}

/// Where a question is asked.
#[derive(Clone, Copy)]
pub struct On<'a> {
    /// The database's dialect.
    pub dialect: &'a dyn Dialect,
    /// The table in SQL, quoted.
    pub table: &'a str,
    /// Whose entries.
    pub tenant: &'a Tenant,
}

fn bounds(list: &List) -> Result<(i64, i64), Invalid> {
    let mut found = Invalid::default();
    if list.limit < 0 {
        found.push("limit", "must not be negative");
    }
    if list.page < 0 {
        found.push("page", "must not be negative");
    }
    if list.after.is_some() && list.page > 1 {
        found.push("page", "cannot be given together with after");
    }
    found.into_result()?;
    let limit = if list.limit == 0 { MAX_LIMIT } else { list.limit.min(MAX_LIMIT) };
    Ok((limit, list.page.max(1)))
}

/// The order's keys up to the id, which makes it total. The id goes the way of the last key, so that
/// one index serves both directions.
fn keys(table: &Table, order: &[Order]) -> Vec<Key> {
    let mut order = order.to_vec();
    order.sort_by_key(|by| by.priority);
    let mut keys: Vec<Key> = Vec::new();
    for by in &order {
        let Some(column) = table.column(&by.column) else { continue };
        keys.push(Key { column, descending: by.descending });
        if column.name == "id" {
            return keys;
        }
    }
    let descending = keys.last().is_some_and(|key| key.descending);
    keys.push(Key { column: Column { name: "id", field: "id", kind: ColumnKind::Text, indexed: true }, descending });
    keys
}
