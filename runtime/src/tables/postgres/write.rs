//! Writing what a projection has worked out from a batch of events.

use super::super::{Batch, Checkpoint, KEPT_CHANGES, Kept, Parked, Place, Retried, logged};
use super::schema::Names;
use super::values::{Bound, array, element};
use crate::entry::ColumnKind;
use crate::event::Tenant;
use crate::lease::postgres::NOW;
use crate::query::quote;
use crate::store::StoreError;
use crate::store::postgres::{Parameter, Pool, Transaction};
use futures_util::future::try_join5;
use tokio_postgres::types::Type;

/// Writes a batch, or nothing if the checkpoint has moved. Gives the new one.
///
/// # Errors
/// If the database fails.
pub(super) async fn batch(
    pool: &Pool,
    names: &Names,
    place: &Place,
    batch: &Batch,
) -> Result<Option<Checkpoint>, StoreError> {
    let transaction = pool.begin().await?;
    if !advance(&transaction, names, batch).await? {
        transaction.batch("ROLLBACK").await?;
        return Ok(None);
    }
    // All sent at once.
    try_join5(
        keep(&transaction, names, place, &batch.kept),
        remove(&transaction, names, &batch.removed),
        log(&transaction, names, batch),
        park(&transaction, names, &batch.parked),
        retried(&transaction, names, &batch.retried),
    )
    .await?;
    forget(&transaction, names, &batch.forgotten).await?;
    transaction.commit().await?;
    Ok(Some(batch.behind()))
}

/// Moves the checkpoint and keeps its row locked, so that who comes later finds it moved.
async fn advance(transaction: &Transaction<'_>, names: &Names, batch: &Batch) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE {}.projections SET position = $4, last_change = $5 \
         WHERE name = $1 AND position = $2 AND last_change = $3 RETURNING 1",
        names.schema
    );
    let (from, to) = (batch.from, batch.behind());
    let numbers = [from.position, from.last_change, to.position, to.last_change].map(u64::cast_signed);
    let mut parameters: Vec<Parameter<'_>> = vec![(&names.name, Type::TEXT)];
    parameters.extend(numbers.iter().map(|number| (number as _, Type::INT8)));
    Ok(!transaction.query(&sql, &parameters).await?.is_empty())
}

async fn keep(transaction: &Transaction<'_>, names: &Names, place: &Place, kept: &[Kept]) -> Result<(), StoreError> {
    if kept.is_empty() {
        return Ok(());
    }
    let base = [("tenant", ColumnKind::Text), ("id", ColumnKind::Text)];
    let times =
        [("created_at", ColumnKind::Instant), ("changed_at", ColumnKind::Instant), ("_position", ColumnKind::Integer)];
    let own = place.table.columns.iter().map(|column| (column.name, column.kind));
    let columns: Vec<(&str, ColumnKind)> = base.into_iter().chain(times).chain(own).collect();
    let tenants: Vec<&str> = kept.iter().map(|kept| kept.tenant.as_str()).collect();
    let ids: Vec<&str> = kept.iter().map(|kept| kept.row.base.id.as_str()).collect();
    let created: Vec<i64> = kept.iter().map(|kept| kept.row.base.created_at.millis()).collect();
    let changed: Vec<i64> = kept.iter().map(|kept| kept.row.base.changed_at.millis()).collect();
    let positions: Vec<i64> = kept.iter().map(|kept| kept.position.cast_signed()).collect();
    let own = place.table.columns.iter().enumerate();
    let own: Vec<Bound> = own
        .map(|(number, column)| array(column.kind, kept.iter().filter_map(|kept| kept.row.values.get(number))))
        .collect();
    let mut parameters: Vec<Parameter<'_>> = vec![
        (&tenants, Type::TEXT_ARRAY),
        (&ids, Type::TEXT_ARRAY),
        (&created, Type::INT8_ARRAY),
        (&changed, Type::INT8_ARRAY),
        (&positions, Type::INT8_ARRAY),
    ];
    parameters.extend(own.iter().map(Bound::parameter));
    transaction.query(&put(names, &columns), &parameters).await.map(drop)
}

/// One statement for any number of rows: an array a column.
fn put(names: &Names, columns: &[(&str, ColumnKind)]) -> String {
    let list = |part: &dyn Fn(usize, &str, ColumnKind) -> String| {
        let parts = columns.iter().enumerate().map(|(number, (name, kind))| part(number, name, *kind));
        parts.collect::<Vec<_>>().join(", ")
    };
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS n({}) ON CONFLICT (tenant, id) DO UPDATE SET {}",
        names.table(),
        list(&|_, name, _| quote(name)),
        list(&|_, name, kind| format!("n.{}{}", quote(name), element(kind).1)),
        list(&|number, _, kind| format!("${}::{}[]", number + 1, element(kind).0)),
        list(&|_, name, _| quote(name)),
        list(&|_, name, _| format!("{0} = excluded.{0}", quote(name))),
    )
}

async fn remove(transaction: &Transaction<'_>, names: &Names, removed: &[(Tenant, String)]) -> Result<(), StoreError> {
    let storable = removed.iter().filter(|(_, id)| !id.contains('\0'));
    let (tenants, ids): (Vec<&str>, Vec<&str>) = storable.map(|(tenant, id)| (tenant.as_str(), id.as_str())).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM {} AS e USING unnest($1::text[], $2::text[]) AS k(tenant, id) \
         WHERE e.tenant = k.tenant AND e.id = k.id",
        names.table()
    );
    transaction.query(&sql, &[(&tenants, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await.map(drop)
}

async fn log(transaction: &Transaction<'_>, names: &Names, batch: &Batch) -> Result<(), StoreError> {
    if batch.changes.is_empty() {
        return Ok(());
    }
    let number: Vec<i64> = batch.numbered().map(|(number, _)| number.cast_signed()).collect();
    let tenant: Vec<&str> = batch.changes.iter().map(|change| change.tenant.as_str()).collect();
    let id: Vec<&str> = batch.changes.iter().map(|change| change.id.as_str()).collect();
    let removed: Vec<bool> = batch.changes.iter().map(|change| change.removed).collect();
    let before: Vec<Option<String>> =
        batch.changes.iter().map(|change| change.before.as_ref().map(logged::to_text)).collect();
    let position = batch.to.cast_signed();
    let parameters: [Parameter<'_>; 6] = [
        (&number, Type::INT8_ARRAY),
        (&tenant, Type::TEXT_ARRAY),
        (&id, Type::TEXT_ARRAY),
        (&removed, Type::BOOL_ARRAY),
        (&before, Type::TEXT_ARRAY),
        (&position, Type::INT8),
    ];
    let log = names.log();
    let sql = format!(
        "INSERT INTO {log} (number, tenant, id, removed, before, position) \
         SELECT n.number, n.tenant, n.id, n.removed, n.before, $6::int8 \
         FROM unnest($1::int8[], $2::text[], $3::text[], $4::boolean[], $5::text[]) AS n(number, tenant, id, removed, before)"
    );
    transaction.query(&sql, &parameters).await?;
    let last = batch.behind().last_change.saturating_sub(KEPT_CHANGES).cast_signed();
    transaction.query(&format!("DELETE FROM {log} WHERE number <= $1"), &[(&last, Type::INT8)]).await.map(drop)
}

/// Takes the earlier values of entries out of the log.
async fn forget(
    transaction: &Transaction<'_>,
    names: &Names,
    forgotten: &[(Tenant, Option<String>)],
) -> Result<(), StoreError> {
    let storable = forgotten.iter().filter(|(_, id)| !id.as_ref().is_some_and(|id| id.contains('\0')));
    let (tenants, ids): (Vec<&str>, Vec<Option<&str>>) =
        storable.map(|(tenant, id)| (tenant.as_str(), id.as_deref())).unzip();
    if tenants.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE {} AS l SET before = '{}' FROM unnest($1::text[], $2::text[]) AS k(tenant, id) \
         WHERE l.tenant = k.tenant AND (k.id IS NULL OR l.id = k.id) AND l.before IS NOT NULL",
        names.log(),
        logged::FORGOTTEN
    );
    transaction.query(&sql, &[(&tenants, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await.map(drop)
}

async fn park(transaction: &Transaction<'_>, names: &Names, parked: &[Parked]) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {}.parked (projection, position, tenant, type, entry, error, resent, parked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW})",
        names.schema
    );
    for Parked { position, tenant, event_type, entry, error, again } in parked {
        let (position, tenant, resent) = (position.cast_signed(), tenant.as_str(), i64::from(*again));
        let (entry, error) = (entry.as_deref().map(storable), storable(error));
        let parameters: [Parameter<'_>; 7] = [
            (&names.name, Type::TEXT),
            (&position, Type::INT8),
            (&tenant, Type::TEXT),
            (event_type, Type::TEXT),
            (&entry, Type::TEXT),
            (&error, Type::TEXT),
            (&resent, Type::INT8),
        ];
        transaction.query(&sql, &parameters).await?;
    }
    Ok(())
}

/// What has been applied lies aside no longer.
async fn retried(transaction: &Transaction<'_>, names: &Names, retried: &[Retried]) -> Result<(), StoreError> {
    let forget = format!("DELETE FROM {}.parked WHERE projection = $1 AND number = $2", names.schema);
    let failed = format!(
        "UPDATE {}.parked SET attempts = attempts + 1, error = $3, resent = 0 WHERE projection = $1 AND number = $2",
        names.schema
    );
    for Retried { number, error } in retried {
        let (number, error) = (number.cast_signed(), error.as_deref().map(storable));
        let mut parameters: Vec<Parameter<'_>> = vec![(&names.name, Type::TEXT), (&number, Type::INT8)];
        let sql = if error.is_some() { &failed } else { &forget };
        parameters.extend(error.as_ref().map(|error| (error as _, Type::TEXT)));
        transaction.query(sql, &parameters).await?;
    }
    Ok(())
}

fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
