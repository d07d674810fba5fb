//! Reading the change log.

use super::super::{Changes, Place, logged};
use super::schema::Names;
use super::values::column;
use crate::event::Tenant;
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool};
use tokio_postgres::types::Type;

/// Up to so many changes of a tenant's entries behind a number.
///
/// # Errors
/// If the database fails.
pub(super) async fn changes(
    pool: &Pool,
    names: &Names,
    place: &Place,
    (tenant, after, limit): (&Tenant, u64, usize),
) -> Result<Changes, StoreError> {
    let oldest = format!("SELECT min(number) FROM {}", names.log());
    let sql = format!(
        "SELECT number, id, before FROM {} WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3",
        names.log()
    );
    let (tenant, number) = (tenant.as_str(), after.cast_signed());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let parameters: Vec<Parameter<'_>> = vec![(&tenant, Type::TEXT), (&number, Type::INT8), (&limit, Type::INT8)];
    let mut answers =
        pool.read_together(&[(oldest.as_str(), Vec::new()), (sql.as_str(), parameters)]).await?.into_iter();
    let (oldest, rows) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
    let oldest = oldest.first().map(|row| column::<Option<i64>>(row, 0)).transpose()?.flatten();
    if oldest.is_some_and(|oldest| oldest.unsigned_abs() > after + 1) {
        return Ok(Changes::Trimmed);
    }
    let read = |row| logged::change(&place.table, column(row, 0)?, column(row, 1)?, column::<Option<&str>>(row, 2)?);
    rows.iter().map(read).collect::<Result<_, StoreError>>().map(Changes::Found)
}
