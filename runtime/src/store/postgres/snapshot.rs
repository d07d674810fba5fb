//! Kept states of decisions.

use super::connection::Parameter;
use super::pool::Pool;
use super::prepare::is_unstorable;
use super::read::json;
use super::rows::column;
use crate::event::Tenant;
use crate::store::snapshot::{FIND, KEEP};
use crate::store::{Snapshot, SnapshotKey, StoreError};
use tokio_postgres::types::Type;

/// What was kept.
///
/// # Errors
/// If the database fails.
pub(super) async fn find(
    (pool, schema): (&Pool, &str),
    tenant: &Tenant,
    of: &SnapshotKey,
) -> Result<Option<Snapshot>, StoreError> {
    if !of.fits(tenant) || texts(tenant, of).into_iter().any(is_unstorable) {
        return Ok(None);
    }
    let [tenant, command, reads, definition] = texts(tenant, of);
    let parameters: [Parameter<'_>; 4] =
        [(&tenant, Type::TEXT), (&command, Type::TEXT), (&reads, Type::TEXT), (&definition, Type::TEXT)];
    let rows = pool.read_often(&[(&of_schema(FIND, schema), parameters.to_vec())]).await?;
    let Some(row) = rows.first().and_then(|rows| rows.first()) else { return Ok(None) };
    Ok(Some(Snapshot { position: column::<i64>(row, 0)?.unsigned_abs(), state: json(&column::<String>(row, 1)?)? }))
}

/// Keeps a state, if it is newer or of another definition.
///
/// # Errors
/// If the database fails.
pub(super) async fn keep(
    (pool, schema): (&Pool, &str),
    tenant: &Tenant,
    of: &SnapshotKey,
    snapshot: &Snapshot,
) -> Result<(), StoreError> {
    let Some(text) = snapshot.text(tenant, of) else { return Ok(()) };
    if texts(tenant, of).into_iter().any(is_unstorable) {
        return Ok(());
    }
    let [tenant, command, reads, definition] = texts(tenant, of);
    let position = snapshot.position.cast_signed();
    let parameters: [Parameter<'_>; 6] = [
        (&tenant, Type::TEXT),
        (&command, Type::TEXT),
        (&reads, Type::TEXT),
        (&definition, Type::TEXT),
        (&position, Type::INT8),
        (&text, Type::TEXT),
    ];
    let transaction = pool.begin().await?;
    transaction.query(&of_schema(KEEP, schema), &parameters).await?;
    transaction.commit().await
}

fn texts<'a>(tenant: &'a Tenant, of: &'a SnapshotKey) -> [&'a str; 4] {
    [tenant.as_str(), &of.command, &of.reads, &of.definition]
}

fn of_schema(sql: &str, schema: &str) -> String {
    sql.replace("{s}", &format!("\"{schema}\"."))
}
