//! Appending inside the writer's transaction.

use super::{rows, schema, select};
use crate::event::{NewEvent, Position, Tenant};
use crate::store::{Answer, Append, Appended, Condition, Idempotency, Positions, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// An append whose JSON is written already: that is done by whoever appends, not by the one thread that writes.
pub(super) struct Prepared {
    append: Append,
    /// Tags and payload of each event.
    texts: Vec<(String, String)>,
}

/// Writes the JSON of an append.
///
/// # Errors
/// If an event cannot be written.
pub(super) fn prepare(append: Append) -> Result<Prepared, StoreError> {
    let written = |error: serde_json::Error| StoreError::Invalid(format!("an event cannot be written: {error}"));
    let mut texts = Vec::with_capacity(append.events.len());
    for event in &append.events {
        let tags = serde_json::to_string(&event.tags).map_err(written)?;
        texts.push((tags, serde_json::to_string(&event.payload).map_err(written)?));
    }
    Ok(Prepared { append, texts })
}

/// Appends all or nothing; nothing comes back on a conflict.
///
/// # Errors
/// If the database fails or an event cannot be stored.
pub(super) fn append(connection: &Connection, prepared: &Prepared) -> Result<Option<Appended>, StoreError> {
    let append = &prepared.append;
    if let Some(key) = &append.idempotency
        && let Some(first) = answer(connection, &append.tenant, &key.command, &key.key)?
    {
        return Ok(Some(Appended::Repeated(first)));
    }
    if let Some(positions) = known(connection, append)? {
        return Ok(Some(Appended::Done(positions)));
    }
    let head = schema::head(connection)?;
    if let Some(condition) = &append.condition
        && is_violated(connection, &append.tenant, condition, head)?
    {
        return Ok(None);
    }
    let last = insert_all(connection, prepared, head)?;
    if let Some(key) = &append.idempotency {
        keep_answer(connection, &append.tenant, key, last)?;
    }
    let first = if append.events.is_empty() { last } else { head + 1 };
    Ok(Some(Appended::Done(Positions { first, last })))
}

/// The stored answer under an idempotency key.
///
/// # Errors
/// If the database fails.
pub(super) fn answer(
    connection: &Connection,
    tenant: &Tenant,
    command: &str,
    key: &str,
) -> Result<Option<Answer>, StoreError> {
    let sql = "SELECT position, answer FROM answers WHERE tenant = ?1 AND command = ?2 AND key = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row(params![tenant.as_str(), command, key], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let Some((position, text)) = found else { return Ok(None) };
    Ok(Some(Answer { position: position.unsigned_abs(), answer: rows::json(&text)? }))
}

/// Where the events stand, if their ids were appended before.
fn known(connection: &Connection, append: &Append) -> Result<Option<Positions>, StoreError> {
    let distinct: BTreeSet<_> = append.events.iter().map(|event| event.id).collect();
    if distinct.len() != append.events.len() {
        return Err(StoreError::doubled_ids());
    }
    let mut statement = connection.prepare_cached("SELECT position FROM events WHERE tenant = ?1 AND id = ?2")?;
    let mut found = BTreeSet::new();
    for event in &append.events {
        let id = event.id.as_bytes().as_slice();
        let position: Option<i64> =
            statement.query_row(params![append.tenant.as_str(), id], |row| row.get(0)).optional()?;
        found.extend(position.map(i64::unsigned_abs));
    }
    match (found.first(), found.last()) {
        (Some(&first), Some(&last)) if found.len() == append.events.len() => Ok(Some(Positions { first, last })),
        (Some(_), _) => Err(StoreError::partly_known_ids()),
        (None, _) => Ok(None),
    }
}

fn is_violated(
    connection: &Connection,
    tenant: &Tenant,
    condition: &Condition,
    head: Position,
) -> Result<bool, StoreError> {
    let after = condition.after.unwrap_or(0);
    // Nothing stands behind the newest event, so there is nothing to look for.
    if after >= head {
        return Ok(false);
    }
    select::exists(connection, tenant, &condition.fail_if_events_match, after)
}

fn insert_all(connection: &Connection, prepared: &Prepared, head: Position) -> Result<Position, StoreError> {
    let Prepared { append, texts } = prepared;
    let mut position = head;
    for (event, (tags, payload)) in append.events.iter().zip(texts) {
        position += 1;
        let row = (event, tags.as_str(), payload.as_str());
        insert(connection, &append.tenant, row, position)?;
    }
    if position != head {
        schema::keep_head(connection, position)?;
    }
    Ok(position)
}

fn insert(
    connection: &Connection,
    tenant: &Tenant,
    (event, tags, payload): (&NewEvent, &str, &str),
    position: Position,
) -> Result<(), StoreError> {
    let position = i64::try_from(position).map_err(|_| StoreError::Invalid("no position is left".to_owned()))?;
    let meta = &event.metadata;
    let mut row = connection.prepare_cached(
        "INSERT INTO events (position, tenant, id, topic, stream, type, version, tags, payload, correlation_id, \
         causation_id, user_id, reason, traceparent, raised_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    row.execute(params![
        position,
        tenant.as_str(),
        event.id.as_bytes().as_slice(),
        event.topic,
        event.stream,
        event.event_type,
        event.version,
        tags,
        payload,
        meta.correlation_id,
        meta.causation_id,
        meta.user_id,
        meta.reason,
        meta.traceparent,
        event.raised_at,
    ])?;
    // The same tag twice on one event says nothing more.
    let sql = "INSERT OR IGNORE INTO event_tags (tenant, tag, position, type) VALUES (?1, ?2, ?3, ?4)";
    let mut index = connection.prepare_cached(sql)?;
    for tag in &event.tags {
        index.execute(params![tenant.as_str(), tag.as_str(), position, event.event_type])?;
    }
    Ok(())
}

fn keep_answer(
    connection: &Connection,
    tenant: &Tenant,
    key: &Idempotency,
    position: Position,
) -> Result<(), StoreError> {
    let position = i64::try_from(position).map_err(|_| StoreError::Invalid("no position is left".to_owned()))?;
    let sql = "INSERT INTO answers (tenant, command, key, position, answer) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        tenant.as_str(),
        key.command,
        key.key,
        position,
        key.answer.to_string()
    ])?;
    Ok(())
}
