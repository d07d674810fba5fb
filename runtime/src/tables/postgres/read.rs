//! Reading entries.

use super::super::{Changed, Kept, Listed, Page, Place, shared_sql};
use super::schema::Names;
use super::values::{self, Bound, bound};
use crate::entry::{Row, Value};
use crate::event::Tenant;
use crate::query::{Filter, On, PostgresDialect, Selected, Selection, Sql};
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool};
use tokio_postgres::types::Type;

/// What is read, and whose.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) place: &'a Place,
    pub(super) tenant: &'a Tenant,
    pub(super) dialect: &'a PostgresDialect,
}

impl Of<'_> {
    /// What cannot be stored has no entries, and is not asked for.
    fn is_nobody(self) -> bool {
        self.tenant.as_str().contains('\0')
    }
}

/// The rows of these entries, as far as there are any.
///
/// # Errors
/// If the database fails.
pub(super) async fn load(
    pool: &Pool,
    names: &Names,
    (place, dialect): (&Place, &PostgresDialect),
    keys: &[(Tenant, String)],
) -> Result<Vec<Kept>, StoreError> {
    let storable = keys.iter().filter(|(tenant, id)| !tenant.as_str().contains('\0') && !id.contains('\0'));
    let (tenants, ids): (Vec<&str>, Vec<&str>) = storable.map(|(tenant, id)| (tenant.as_str(), id.as_str())).unzip();
    let mut sql = whole(place, dialect);
    sql.push(&format!(
        " FROM unnest($1::text[], $2::text[]) AS k(\"of tenant\", \"of id\") JOIN {} \
         ON tenant = \"of tenant\" AND id = \"of id\"",
        names.table()
    ));
    let parameters: [Parameter<'_>; 2] = [(&tenants, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)];
    let rows = pool.read(&sql.finish().0, &parameters).await?;
    rows.iter().map(|row| kept(place, row)).collect()
}

/// Entries of all tenants that were changed.
///
/// # Errors
/// If the database fails.
pub(super) async fn changed(
    pool: &Pool,
    names: &Names,
    (place, dialect): (&Place, &PostgresDialect),
    changed: &Changed,
) -> Result<Vec<Kept>, StoreError> {
    let mut sql = whole(place, dialect);
    sql.push(&format!(
        " FROM {} WHERE _position > $1 AND (tenant, id) > ($2, $3) ORDER BY tenant, id LIMIT $4",
        names.table()
    ));
    let (tenant, id) = changed.from.as_ref().map_or(("", ""), |(tenant, id)| (tenant.as_str(), id.as_str()));
    let (after, limit) = (changed.after.cast_signed(), i64::try_from(changed.limit).unwrap_or(i64::MAX));
    let parameters: [Parameter<'_>; 4] =
        [(&after, Type::INT8), (&tenant, Type::TEXT), (&id, Type::TEXT), (&limit, Type::INT8)];
    let rows = pool.read(&sql.finish().0, &parameters).await?;
    rows.iter().map(|row| kept(place, row)).collect()
}

/// The tenant, the position, and behind them all columns.
fn whole<'a>(place: &Place, dialect: &'a PostgresDialect) -> Sql<'a> {
    let mut sql = Sql::new(dialect);
    sql.push("SELECT tenant, _position, ");
    Selected::all(&place.table).push(&mut sql, &place.table);
    sql
}

fn kept(place: &Place, row: &tokio_postgres::Row) -> Result<Kept, StoreError> {
    let (tenant, position) = (values::column::<&str>(row, 0)?, values::column::<i64>(row, 1)?.unsigned_abs());
    Ok(Kept { tenant: Tenant::new(tenant), row: values::row(&place.table, row, 2)?, position })
}

/// The selected columns of these entries of one tenant.
///
/// # Errors
/// If the database fails.
pub(super) async fn get(
    pool: &Pool,
    names: &Names,
    of: Of<'_>,
    ids: &[String],
    selected: &Selected,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !id.contains('\0')).collect();
    if of.is_nobody() || ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(of.dialect);
    sql.push("SELECT ");
    selected.push(&mut sql, &of.place.table);
    sql.push(&format!(" FROM {} WHERE tenant = $1 AND id = ANY ($2)", names.table()));
    let tenant = of.tenant.as_str();
    let parameters: Vec<Parameter<'_>> = vec![(&tenant, Type::TEXT), (&ids, Type::TEXT_ARRAY)];
    let answers = pool.read_often(&[(&sql.finish().0, parameters)]).await?;
    answers.iter().flatten().map(|row| values::row(&of.place.table, row, 0)).collect()
}

/// Entries of a tenant that a filter means, in the order of their ids.
///
/// # Errors
/// If the database fails.
pub(super) async fn matching(
    pool: &Pool,
    names: &Names,
    of: Of<'_>,
    (filter, page): (&Filter, &Page),
) -> Result<Vec<Kept>, StoreError> {
    let after = page.after.as_deref().unwrap_or("");
    if of.is_nobody() || after.contains('\0') {
        return Ok(Vec::new());
    }
    let mut sql = whole(of.place, of.dialect);
    sql.push(&format!(" FROM {} WHERE tenant = ", names.table())).bind(of.tenant.as_str());
    sql.push(" AND id > ").bind(after).push(" AND ").filter(&of.place.table, filter).push(" ORDER BY id LIMIT ");
    sql.bind(i64::try_from(page.limit).unwrap_or(i64::MAX));
    let (text, parameters) = sql.finish();
    let bound: Vec<Bound> = parameters.into_iter().map(bound).collect();
    let parameters: Vec<Parameter<'_>> = bound.iter().map(Bound::parameter).collect();
    let rows = pool.read(&text, &parameters).await?;
    rows.iter().map(|row| kept(of.place, row)).collect()
}

/// One entry of each group that shares its values of these columns.
///
/// # Errors
/// If the database fails.
pub(super) async fn shared(
    pool: &Pool,
    names: &Names,
    columns: &[&str],
    limit: usize,
) -> Result<Vec<(Tenant, String)>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = shared_sql(&names.table(), columns, "$1");
    let rows = pool.read(&sql, &[(&limit, Type::INT8)]).await?;
    let group = |row| Ok((Tenant::new(values::column::<&str>(row, 0)?), values::column(row, 1)?));
    rows.iter().map(group).collect()
}

/// One page of a list and how many entries there are in all, in one round trip: every range of the page is asked for as if
/// those before it were empty.
///
/// # Errors
/// If the database fails.
pub(super) async fn list(pool: &Pool, names: &Names, of: Of<'_>, selection: &Selection) -> Result<Listed, StoreError> {
    if of.is_nobody() {
        return Ok(Listed { rows: Vec::new(), total: 0, cursor: None });
    }
    let table = names.table();
    let on = On { dialect: of.dialect, table: &table, tenant: of.tenant };
    // One more than wanted says whether there is a next page.
    let ranges = (0..selection.statements()).map(|number| selection.rows(on, number, selection.limit + 1));
    let statements: Vec<(String, Vec<Bound>)> = selection
        .counted
        .then(|| selection.count(on))
        .into_iter()
        .chain(ranges)
        .map(|(text, parameters)| (text, parameters.into_iter().map(bound).collect()))
        .collect();
    let statements: Vec<(&str, Vec<Parameter<'_>>)> =
        statements.iter().map(|(text, bound)| (text.as_str(), bound.iter().map(Bound::parameter).collect())).collect();
    let mut answers = pool.read_often(&statements).await?.into_iter();
    let counted = selection.counted.then(|| answers.next()).flatten();
    let total = counted.iter().flatten().next().map_or(Ok(0), |row| values::column(row, 0))?;
    let limit = usize::try_from(selection.limit).unwrap_or(usize::MAX);
    let mut found: Vec<_> = answers.flatten().take(limit.saturating_add(1)).collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let cursor = last.map(|last| keys(of.place, selection, last).map(|keys| selection.cursor(&keys))).transpose()?;
    let rows: Result<_, StoreError> = found.iter().map(|row| values::row(&of.place.table, row, 0)).collect();
    Ok(Listed { rows: rows?, total, cursor })
}

/// The values of a row's keys, which stand behind its columns.
fn keys(place: &Place, selection: &Selection, from: &tokio_postgres::Row) -> Result<Vec<Value>, StoreError> {
    let first = place.table.columns.len() + 3;
    let keys = selection.keys().into_iter().enumerate();
    keys.map(|(number, key)| values::value(key.kind, from, first + number)).collect()
}
