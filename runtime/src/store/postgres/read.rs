//! Queries as SQL, and stored rows as events.

use super::across;
use super::deletion;
use super::pool::Pool;
use super::prepare::{Walk, walks};
use super::rows::{Bounds, COLUMNS, Remnants, broken, column};
use super::statements::rest_of_tag_walk;
use crate::event::{Metadata, Position, Query, StoredEvent, Tag, Tenant};
use crate::store::deletion::{Memory, REMNANT};
use crate::store::{Answer, Range, StoreError};
use crate::value::Json;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// The events that a query means, of one tenant or of all.
///
/// # Errors
/// If the database fails; [`StoreError::Deleted`] if nothing may be missing and something is.
pub(super) async fn events(
    (pool, schema): (&Pool, &str),
    memory: &Memory,
    tenant: Option<&Tenant>,
    (query, range): (&Query, Range),
) -> Result<Vec<StoredEvent>, StoreError> {
    if range.limit == Some(0) || range.until.is_some_and(|until| until <= range.after) {
        return Ok(Vec::new());
    }
    let schema = format!("\"{schema}\"");
    if memory.is_old(range) {
        memory.learn(deletion::horizons(pool, &schema).await?);
    }
    memory.check(query, range)?;
    loop {
        let remnants = if memory.leaves_out(range) { Remnants::LeftOut } else { Remnants::Found };
        let rows = match tenant {
            Some(tenant) => of_one(pool, &schema, tenant, query, (range, remnants)).await?,
            None => across::rows(pool, &schema, query, (range, remnants)).await?,
        };
        let Some(remnant) = rows.iter().find(|row| is_remnant(row)) else { return rows.iter().map(event).collect() };
        memory.met(range, remnant.try_get(5).map_err(broken)?, column::<i64>(remnant, 0)?.unsigned_abs())?;
    }
}

fn is_remnant(row: &Row) -> bool {
    row.try_get::<_, i64>(6).is_ok_and(|version| version == REMNANT)
}

/// One tenant's: a walk for each tag or type, each in order and up to the limit, then the events that they hit.
async fn of_one(
    pool: &Pool,
    schema: &str,
    tenant: &Tenant,
    query: &Query,
    (range, remnants): (Range, Remnants),
) -> Result<Vec<Row>, StoreError> {
    let bounds = Bounds::of(range);
    let (mut tags, mut types, mut others, mut of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let name = tenant.as_str();
    for walk in walks(tenant, query) {
        match walk {
            Walk::All => return all_of_one(pool, schema, name, (&bounds, remnants)).await,
            Walk::Type(one) => of.push(one),
            Walk::Tag { tag, types: some, others: more } => {
                tags.push(tag);
                types.push(some);
                others.push(more);
            }
        }
    }
    let mut parts = Vec::new();
    if !tags.is_empty() {
        parts.push(tag_walks(schema, bounds.order, remnants));
    }
    if !of.is_empty() {
        parts.push(type_walks(schema, bounds.order, remnants));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM (SELECT DISTINCT position FROM ({}) AS hits ORDER BY position {order} LIMIT $3) AS hit \
         JOIN {schema}.events AS e ON e.position = hit.position ORDER BY e.position {order}",
        parts.join(" UNION ALL "),
        order = bounds.order,
    );
    let mut parameters = bounds.parameters();
    parameters.push((&name, Type::TEXT));
    parameters.push((&tags, Type::TEXT_ARRAY));
    parameters.push((&types, Type::TEXT_ARRAY));
    parameters.push((&others, Type::TEXT_ARRAY));
    parameters.push((&of, Type::TEXT_ARRAY));
    pool.read(&sql, &parameters).await
}

fn tag_walks(schema: &str, order: &str, remnants: Remnants) -> String {
    format!(
        "SELECT found.position FROM unnest($5::text[], $6::text[], $7::text[]) AS k(tag, types, others) \
         CROSS JOIN LATERAL (SELECT w.position FROM {schema}.event_tags AS w WHERE w.tenant = $4 AND w.tag = k.tag \
         AND w.position > $1 AND w.position <= $2{}{} ORDER BY w.position {order} LIMIT $3) AS found",
        rest_of_tag_walk(schema),
        remnants.test_of_tag(schema, "w")
    )
}

fn type_walks(schema: &str, order: &str, remnants: Remnants) -> String {
    format!(
        "SELECT found.position FROM unnest($8::text[]) AS k(type) CROSS JOIN LATERAL \
         (SELECT w.position FROM {schema}.events AS w WHERE w.tenant = $4 AND w.type = k.type \
         AND w.position > $1 AND w.position <= $2{} ORDER BY w.position {order} LIMIT $3) AS found",
        remnants.test("w")
    )
}

async fn all_of_one(
    pool: &Pool,
    schema: &str,
    tenant: &str,
    (bounds, remnants): (&Bounds, Remnants),
) -> Result<Vec<Row>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {schema}.events AS e WHERE e.tenant = $4 AND e.position > $1 AND e.position <= $2{} \
         ORDER BY e.position {} LIMIT $3",
        remnants.test("e"),
        bounds.order
    );
    let mut parameters = bounds.parameters();
    parameters.push((&tenant, Type::TEXT));
    pool.read(&sql, &parameters).await
}

/// The event in a row of [`COLUMNS`].
fn event(row: &Row) -> Result<StoredEvent, StoreError> {
    let version: i64 = column(row, 6)?;
    Ok(StoredEvent {
        position: column::<i64>(row, 0)?.unsigned_abs(),
        tenant: Tenant::new(row.try_get::<_, &str>(1).map_err(broken)?),
        id: column(row, 2)?,
        topic: column(row, 3)?,
        stream: column(row, 4)?,
        event_type: column(row, 5)?,
        version: u32::try_from(version).map_err(|_| StoreError::Invalid(format!("an event of version {version}")))?,
        tags: column::<Vec<String>>(row, 7)?.into_iter().map(Tag::new).collect(),
        payload: json(row.try_get(8).map_err(broken)?)?,
        metadata: Metadata {
            correlation_id: column(row, 9)?,
            causation_id: column(row, 10)?,
            user_id: column(row, 11)?,
            reason: column(row, 12)?,
            traceparent: column(row, 13)?,
        },
        raised_at: column(row, 14)?,
    })
}

/// A stored answer.
///
/// # Errors
/// If its text is no JSON.
pub(super) fn answer(position: Position, text: &str) -> Result<Answer, StoreError> {
    Ok(Answer { position, answer: json(text)? })
}

/// The value that a stored text stands for.
///
/// # Errors
/// If it is no JSON.
pub(super) fn json(text: &str) -> Result<Json, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Invalid(format!("a stored JSON text: {error}")))
}
