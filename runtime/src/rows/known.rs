//! What a filter says of other entries, looked up, so that it can be asked of rows at hand.

use crate::entry::{ColumnKind, Row, Value};
use crate::event::Tenant;
use crate::projection::Live;
use crate::query::{Filter, Refers, Test};
use crate::store::StoreError;
use crate::tables::{Page, Place};
use crate::value::Json;

/// Entries that are looked up at once.
const PAGE: usize = 1000;

/// The filter as far as these rows are concerned: instead of conditions on other entries it has the ids of those that meet them.
///
/// # Errors
/// If the database fails.
pub(crate) async fn known(live: &Live, tenant: &Tenant, filter: &Filter, rows: &[&Row]) -> Result<Filter, StoreError> {
    Ok(match filter {
        Filter::All(parts) => Filter::All(each(live, tenant, parts, rows).await?),
        Filter::Any(parts) => Filter::Any(each(live, tenant, parts, rows).await?),
        Filter::Refers(refers) => met(live, tenant, refers, rows).await?,
        Filter::Field { .. } => filter.clone(),
    })
}

async fn each(live: &Live, tenant: &Tenant, parts: &[Filter], rows: &[&Row]) -> Result<Vec<Filter>, StoreError> {
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        found.push(Box::pin(known(live, tenant, part, rows)).await?);
    }
    Ok(found)
}

async fn met(live: &Live, tenant: &Tenant, refers: &Refers, rows: &[&Row]) -> Result<Filter, StoreError> {
    let table = &live.place.table;
    let mut wanted: Vec<String> = rows.iter().flat_map(|row| ids(row.value(table, refers.column))).collect();
    wanted.sort();
    wanted.dedup();
    let place = Place { table: refers.table, name: refers.name.clone() };
    let mut met = Vec::new();
    for ids in wanted.chunks(PAGE) {
        let these = Filter::test("id", Test::In(ids.iter().map(|id| Value::from(id.as_str())).collect()));
        let which = Filter::all(vec![these, (*refers.filter).clone()]);
        let page = Page { after: None, limit: ids.len() };
        let found = live.tables.matching(&place, tenant, &which, page).await?;
        met.extend(found.into_iter().map(|kept| kept.row.base.id));
    }
    let is_list = table.column(refers.column).is_some_and(|column| column.kind == ColumnKind::Json);
    let test = if is_list { Test::Holds(met) } else { Test::In(met.into_iter().map(Value::Text).collect()) };
    Ok(Filter::test(refers.column, test))
}

/// The ids in a column of references; not every database can be asked for U+0000.
fn ids(value: Value) -> Vec<String> {
    let ids = match value {
        Value::Text(id) => vec![id],
        Value::Json(Json::Array(elements)) => {
            elements.into_iter().filter_map(|element| element.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    ids.into_iter().filter(|id| !id.contains('\0')).collect()
}
