//! Reading entries.

use std::collections::BTreeSet;

use rusqlite::{Connection, params_from_iter};

use super::super::{Changed, Kept, Listed, Page, Place, shared_sql};
use super::rows;
use crate::entry::{Row, Value};
use crate::event::Tenant;
use crate::query::{Filter, On, Selected, Selection, Sql, SqliteDialect, quote};
use crate::store::StoreError;

/// The rows of these entries, as far as there are any.
///
/// # Errors
/// If the database fails.
pub(super) fn load(
    connection: &Connection,
    place: &Place,
    keys: Vec<(Tenant, String)>,
) -> Result<Vec<Kept>, StoreError> {
    let mut statement = connection.prepare_cached(&whole(place, "tenant = ?1 AND id = ?2"))?;
    let mut found = Vec::with_capacity(keys.len());
    for (tenant, id) in keys {
        let mut result = statement.query((tenant.as_str(), &id))?;
        if let Some(row) = result.next()? {
            found.push(kept(place, row)?);
        }
    }
    Ok(found)
}

/// Entries of all tenants that were changed.
///
/// # Errors
/// If the database fails.
pub(super) fn changed(connection: &Connection, place: &Place, changed: &Changed) -> Result<Vec<Kept>, StoreError> {
    let condition = "_position > ?1 AND (tenant, id) > (?2, ?3) ORDER BY tenant, id LIMIT ?4";
    let mut statement = connection.prepare_cached(&whole(place, condition))?;
    let (tenant, id) = changed.from.as_ref().map_or(("", ""), |(tenant, id)| (tenant.as_str(), id));
    let limit = i64::try_from(changed.limit).unwrap_or(i64::MAX);
    let mut result = statement.query((changed.after.cast_signed(), tenant, id, limit))?;
    let mut found = Vec::new();
    while let Some(row) = result.next()? {
        found.push(kept(place, row)?);
    }
    Ok(found)
}

fn whole(place: &Place, condition: &str) -> String {
    let mut sql = selecting(place);
    sql.push(condition);
    sql.finish().0
}

/// All columns, behind them the position and the tenant, up to the condition.
fn selecting(place: &Place) -> Sql<'static> {
    let mut sql = Sql::new(&SqliteDialect);
    sql.push("SELECT ");
    Selected::all(&place.table).push(&mut sql, &place.table);
    sql.push(", _position, tenant FROM ").identifier(&place.name).push(" WHERE ");
    sql
}

fn kept(place: &Place, row: &rusqlite::Row<'_>) -> Result<Kept, StoreError> {
    let behind = place.table.columns.len() + 3;
    let (position, tenant) = (row.get::<_, i64>(behind)?.unsigned_abs(), row.get::<_, String>(behind + 1)?);
    Ok(Kept { tenant: Tenant::new(tenant), row: rows::row(&place.table, row)?, position })
}

/// The selected columns of these entries of one tenant.
///
/// # Errors
/// If the database fails.
pub(super) fn get(
    connection: &Connection,
    place: &Place,
    tenant: &Tenant,
    ids: &[String],
    selected: &Selected,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(&by_id(place, selected))?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids.iter().collect::<BTreeSet<_>>() {
        let mut result = statement.query((tenant.as_str(), id))?;
        if let Some(row) = result.next()? {
            found.push(rows::row(&place.table, row)?);
        }
    }
    Ok(found)
}

/// Entries of a tenant that a filter means, in the order of their ids.
///
/// # Errors
/// If the database fails.
pub(super) fn matching(
    connection: &Connection,
    place: &Place,
    (tenant, filter): (&Tenant, &Filter),
    page: &Page,
) -> Result<Vec<Kept>, StoreError> {
    let mut sql = selecting(place);
    sql.push("tenant = ").bind(tenant.as_str()).push(" AND id > ").bind(page.after.as_deref().unwrap_or(""));
    sql.push(" AND ").filter(&place.table, filter).push(" ORDER BY id LIMIT ");
    sql.bind(i64::try_from(page.limit).unwrap_or(i64::MAX));
    let (text, parameters) = sql.finish();
    let mut statement = connection.prepare_cached(&text)?;
    let mut result = statement.query(params_from_iter(&parameters))?;
    let mut found = Vec::new();
    while let Some(row) = result.next()? {
        found.push(kept(place, row)?);
    }
    Ok(found)
}

/// One entry of each group that shares its values of these columns.
///
/// # Errors
/// If the database fails.
pub(super) fn shared(
    connection: &Connection,
    place: &Place,
    columns: &[&str],
    limit: usize,
) -> Result<Vec<(Tenant, String)>, StoreError> {
    let mut statement = connection.prepare_cached(&shared_sql(&quote(&place.name), columns, "?1"))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = statement.query_map([limit], |row| Ok((Tenant::new(row.get::<_, String>(0)?), row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// One page of a list and how many entries there are in all.
///
/// # Errors
/// If the database fails.
pub(super) fn list(
    connection: &Connection,
    place: &Place,
    tenant: &Tenant,
    selection: &Selection,
) -> Result<Listed, StoreError> {
    let table = quote(&place.name);
    let on = On { dialect: &SqliteDialect, table: &table, tenant };
    // One more than wanted says whether there is a next page.
    let mut wanted = selection.limit + 1;
    let mut found: Vec<(Row, Vec<Value>)> = Vec::new();
    for number in 0..selection.statements() {
        found.extend(rows_of(connection, place, selection, selection.rows(on, number, wanted))?);
        wanted = selection.limit + 1 - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if wanted <= 0 {
            break;
        }
    }
    let total = if selection.counted {
        let (count, parameters) = selection.count(on);
        connection.prepare_cached(&count)?.query_row(params_from_iter(&parameters), |row| row.get(0))?
    } else {
        0
    };
    let limit = usize::try_from(selection.limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let cursor = if more { found.last().map(|(_, keys)| selection.cursor(keys)) } else { None };
    Ok(Listed { rows: found.into_iter().map(|(row, _)| row).collect(), total, cursor })
}

fn rows_of(
    connection: &Connection,
    place: &Place,
    selection: &Selection,
    (text, parameters): (String, Vec<Value>),
) -> Result<Vec<(Row, Vec<Value>)>, StoreError> {
    let keys = selection.keys();
    let behind_columns = place.table.columns.len() + 3;
    let mut statement = connection.prepare_cached(&text)?;
    let mut result = statement.query(params_from_iter(&parameters))?;
    let mut found = Vec::new();
    while let Some(row) = result.next()? {
        let keys = keys.iter().enumerate();
        let keys: Result<_, StoreError> =
            keys.map(|(number, key)| rows::value(key.kind, row, behind_columns + number)).collect();
        found.push((rows::row(&place.table, row)?, keys?));
    }
    Ok(found)
}

fn by_id(place: &Place, selected: &Selected) -> String {
    let mut sql = Sql::new(&SqliteDialect);
    sql.push("SELECT ");
    selected.push(&mut sql, &place.table);
    sql.push(" FROM ").identifier(&place.name).push(" WHERE tenant = ?1 AND id = ?2");
    sql.finish().0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::entry::{Column, ColumnKind, Table};
    use crate::query::{List, Order};

    const TITLE: Column = Column { name: "title", field: "title", kind: ColumnKind::Text, indexed: true };
    const TABLE: Table = Table { entry: "Course", name: "course", definition: "d", columns: &[TITLE], indexes: &[] };

    fn plans(list: List) -> Vec<String> {
        let connection = Connection::open_in_memory().unwrap();
        let place = Place::new("s", TABLE);
        super::super::schema::prepare(&connection, &place, 0).unwrap();
        let tenant = Tenant::new("t");
        let table = quote(&place.name);
        let on = On { dialect: &SqliteDialect, table: &table, tenant: &tenant };
        let first = Selection::new(TABLE, List { after: None, ..list.clone() }).unwrap();
        let after = Some(first.cursor(&[Value::from("m"), Value::from("c1")]));
        let selection = Selection::new(TABLE, List { after, ..list }).unwrap();
        let explain = |(sql, parameters): (String, Vec<Value>)| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let lines = statement.query_map(params_from_iter(&parameters), |row| row.get::<_, String>(3)).unwrap();
            lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
        };
        (0..selection.statements()).map(|number| explain(selection.rows(on, number, 10))).collect()
    }

    /// What makes a page cost the same at any depth: a range of an index, already in order.
    #[test]
    fn every_range_of_a_page_is_a_range_of_an_index() {
        for order in [Order::ascending("title"), Order::descending("title")] {
            let plans = plans(List { order: vec![order], ..List::default() });
            assert!(plans.len() >= 2);
            for plan in plans {
                assert!(plan.contains("SEARCH") && plan.contains("by_title"), "{plan}");
                assert!(plan.contains("title>?") || plan.contains("title<?") || plan.contains("title=?"), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            }
        }
    }
}
