//! Deleting events: looked for without a lock, then written by their positions. Appends wait for none of it, as the counter is
//! not touched.

use super::connection::Parameter;
use super::pool::Pool;
use super::rows::column;
use crate::event::Position;
use crate::lease::postgres::NOW;
use crate::store::deletion::{Candidate, Plan, REMNANT};
use crate::store::{Deleted, Deletion, Forgetting, Forgotten, Horizon, StoreError};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Leaves remnants, and notes up to where each type was deleted.
///
/// # Errors
/// If the database fails.
pub(super) async fn delete(pool: &Pool, schema: &str, wished: &Deletion) -> Result<Deleted, StoreError> {
    let Plan { gone, horizons, deleted } = Plan::of(wished, candidates(pool, schema, wished).await?);
    if gone.is_empty() {
        return Ok(deleted);
    }
    let positions: Vec<i64> = gone.iter().map(|position| position.cast_signed()).collect();
    let types: Vec<&str> = horizons.iter().map(|horizon| horizon.event_type.as_str()).collect();
    let last: Vec<i64> = horizons.iter().map(|horizon| horizon.position.cast_signed()).collect();
    let remnants = format!(
        "UPDATE \"{schema}\".events SET version = {REMNANT}, payload = 'null', stream = NULL, correlation_id = NULL, \
         causation_id = NULL, user_id = NULL, reason = NULL, traceparent = NULL \
         WHERE position = ANY ($1) AND version >= 0"
    );
    let noted = format!(
        "INSERT INTO \"{schema}\".deletions AS d (type, position, at) SELECT n.type, n.position, {NOW} \
         FROM unnest($1::text[], $2::int8[]) AS n(type, position) ON CONFLICT (type) DO UPDATE SET \
         position = greatest(d.position, excluded.position), at = excluded.at"
    );
    let transaction = pool.begin().await?;
    transaction.query(&remnants, &[(&positions, Type::INT8_ARRAY)]).await?;
    transaction.query(&noted, &[(&types, Type::TEXT_ARRAY), (&last, Type::INT8_ARRAY)]).await?;
    transaction.commit().await?;
    Ok(deleted)
}

async fn candidates(pool: &Pool, schema: &str, wished: &Deletion) -> Result<Vec<Candidate>, StoreError> {
    let sql = format!(
        "SELECT position, type, raised_at FROM \"{schema}\".events WHERE type = ANY ($1) AND version >= 0 \
         AND position > $2 AND position > (SELECT min(position) FROM \"{schema}\".events) AND position <= $3 \
         ORDER BY position LIMIT $4"
    );
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let [after, until, limit] = [wished.after, wished.until, wished.limit as u64].map(number);
    let parameters: [Parameter<'_>; 4] =
        [(&wished.types, Type::TEXT_ARRAY), (&after, Type::INT8), (&until, Type::INT8), (&limit, Type::INT8)];
    pool.read(&sql, &parameters).await?.iter().map(candidate).collect()
}

fn candidate(row: &Row) -> Result<Candidate, StoreError> {
    let position = column::<i64>(row, 0)?.unsigned_abs();
    Ok(Candidate { position, event_type: column(row, 1)?, raised_at: column(row, 2)? })
}

/// Up to where each type was deleted; `schema` in quotes.
///
/// # Errors
/// If the database fails.
pub(super) async fn horizons(pool: &Pool, schema: &str) -> Result<Vec<Horizon>, StoreError> {
    let sql = format!("SELECT type, position FROM {schema}.deletions WHERE type <> '' ORDER BY type COLLATE \"C\"");
    let horizon = |row: &Row| -> Result<Horizon, StoreError> {
        Ok(Horizon { event_type: column(row, 0)?, position: column::<i64>(row, 1)?.unsigned_abs() })
    };
    pool.read(&sql, &[]).await?.iter().map(horizon).collect()
}

/// Lets go of remnants that are old enough.
///
/// # Errors
/// If the database fails.
pub(super) async fn forget(pool: &Pool, schema: &str, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
    let Forgetting { age, after, limit } = forgetting;
    let marked = format!("SELECT position, {NOW} - at FROM \"{schema}\".deletions WHERE type = ''");
    let marked = pool.read(&marked, &[]).await?;
    let Some(row) = marked.first() else {
        mark(pool, schema).await?;
        return Ok(Forgotten::default());
    };
    let (until, passed): (i64, i64) = (column(row, 0)?, column(row, 1)?);
    if passed < i64::try_from(age.as_millis()).unwrap_or(i64::MAX) {
        return Ok(Forgotten::default());
    }
    let (after, most) = (after.cast_signed(), i64::try_from(limit).unwrap_or(i64::MAX));
    let due = format!(
        "SELECT position FROM \"{schema}\".events WHERE position > $1 AND position <= $2 AND version = {REMNANT} \
         ORDER BY position LIMIT $3"
    );
    let parameters: [Parameter<'_>; 3] = [(&after, Type::INT8), (&until, Type::INT8), (&most, Type::INT8)];
    let rows = pool.read(&due, &parameters).await?;
    let due: Vec<i64> = rows.iter().map(|row| column(row, 0)).collect::<Result<_, _>>()?;
    remove(pool, schema, &due).await?;
    let next = due.last().filter(|_| due.len() == limit).map(|position| Position::from(position.unsigned_abs()));
    if next.is_none() {
        mark(pool, schema).await?;
    }
    Ok(Forgotten { events: due.len() as u64, next })
}

async fn remove(pool: &Pool, schema: &str, due: &Vec<i64>) -> Result<(), StoreError> {
    if due.is_empty() {
        return Ok(());
    }
    // Tags are found by tenant and tag.
    let tags = format!(
        "DELETE FROM \"{schema}\".event_tags AS t USING \"{schema}\".events AS e \
         WHERE e.position = ANY ($1) AND t.tenant = e.tenant AND t.tag = ANY (e.tags) AND t.position = e.position"
    );
    let events = format!("DELETE FROM \"{schema}\".events WHERE position = ANY ($1)");
    let transaction = pool.begin().await?;
    for sql in [tags, events] {
        transaction.query(&sql, &[(due, Type::INT8_ARRAY)]).await?;
    }
    transaction.commit().await
}

/// Notes the head as it is now.
async fn mark(pool: &Pool, schema: &str) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO \"{schema}\".deletions (type, position, at) SELECT '', position, {NOW} FROM \"{schema}\".counter \
         ON CONFLICT (type) DO UPDATE SET position = excluded.position, at = excluded.at"
    );
    let transaction = pool.begin().await?;
    transaction.query(&sql, &[]).await?;
    transaction.commit().await
}
