//! Appending inside the writer's transaction.

use super::{rows, schema, select};
use crate::event::{Position, Tenant};
use crate::store::recent::{Recent, Seen};
use crate::store::{Answer, Append, Appended, Condition, Idempotency, Positions, StoreError};
use rusqlite::{Connection, OptionalExtension, Statement, params};
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

/// Why an append was not written.
pub(super) enum Failure {
    /// It is its own fault, and nothing of it is left: the others of its group are not touched.
    Own(StoreError),
    /// It stopped half way: its group cannot be committed.
    Half(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Own(error)
    }
}

/// Appends inside the transactions of the one connection that writes. Nobody else gives positions away, so the head and
/// the newest events are known without asking.
pub(super) struct Appender<'c> {
    connection: &'c Connection,
    recent: Recent,
    /// The head as the database has it.
    kept: Position,
    /// Whether that has to be read before anything else: it could not be when a group was taken back.
    is_lost: bool,
    event: Statement<'c>,
    tag: Statement<'c>,
}

impl<'c> Appender<'c> {
    /// Goes on behind the stored head.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let head = schema::head(connection)?;
        let (event, tag) = (connection.prepare(EVENT)?, connection.prepare(TAG)?);
        Ok(Self { connection, recent: Recent::behind(head), kept: head, is_lost: false, event, tag })
    }

    /// Appends all or nothing; nothing comes back on a conflict.
    ///
    /// # Errors
    /// If the database fails or an event cannot be stored.
    pub(super) fn append(&mut self, prepared: Prepared) -> Result<Option<Appended>, Failure> {
        self.attempt(prepared).map_err(|failure| match failure {
            // A disk that is full or fails makes SQLite give up the whole transaction by itself.
            Failure::Own(error) if self.connection.is_autocommit() => Failure::Half(error),
            other => other,
        })
    }

    fn attempt(&mut self, prepared: Prepared) -> Result<Option<Appended>, Failure> {
        let append = &prepared.append;
        if let Some(key) = &append.idempotency
            && let Some(first) = answer(self.connection, &append.tenant, &key.command, &key.key)?
        {
            return Ok(Some(Appended::Repeated(first)));
        }
        if has_doubled_ids(append) {
            return Err(StoreError::doubled_ids().into());
        }
        // An append that is repeated meets its own events: ids that are there already count before the condition.
        if self.is_violated(append)? {
            return Ok(known(self.connection, append)?.map(Appended::Done));
        }
        let before = self.head();
        match append.events.len() {
            1 => self.insert_one(prepared),
            _ => self.insert_several(prepared),
        }
        .map(|known| Some(Appended::Done(known.unwrap_or_else(|| positions(before, self.head())))))
    }

    /// The last position given away.
    pub(super) fn head(&self) -> Position {
        self.recent.head()
    }

    /// Notes the head in the database; what is written next, and the commit, belong to it.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn keep_head(&mut self) -> Result<(), StoreError> {
        if self.kept != self.head() {
            schema::keep_head(self.connection, self.head())?;
            self.kept = self.head();
        }
        Ok(())
    }

    /// Begins again behind what is stored: the last group was taken back.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn go_back(&mut self) -> Result<(), StoreError> {
        self.is_lost = true;
        self.kept = schema::head(self.connection)?;
        self.recent = Recent::behind(self.kept);
        self.is_lost = false;
        Ok(())
    }

    /// Makes sure that the head is known.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn find_head(&mut self) -> Result<(), StoreError> {
        if self.is_lost { self.go_back() } else { Ok(()) }
    }

    fn is_violated(&self, append: &Append) -> Result<bool, StoreError> {
        let Some(Condition { fail_if_events_match: query, after }) = &append.condition else { return Ok(false) };
        let after = after.unwrap_or(0);
        match self.recent.matches(&append.tenant, query, after) {
            Seen::No => Ok(false),
            Seen::Yes => Ok(true),
            Seen::Unknown => select::exists(self.connection, &append.tenant, query, after),
        }
    }

    /// The common case, which needs no savepoint: either the event's own row cannot be written, and nothing is, or all is.
    fn insert_one(&mut self, prepared: Prepared) -> Result<Option<Positions>, Failure> {
        match self.insert_event(&prepared, 0) {
            Ok(()) => {}
            Err(StoreError::Sqlite(error)) if is_doubled(&error) => {
                return known(self.connection, &prepared.append)?.map(Some).ok_or(Failure::Own(error.into()));
            }
            Err(error) => return Err(error.into()),
        }
        self.insert_tags(&prepared, 0).and_then(|()| self.finish(prepared)).map_err(Failure::Half)?;
        Ok(None)
    }

    /// All or none of them.
    fn insert_several(&mut self, prepared: Prepared) -> Result<Option<Positions>, Failure> {
        if let Some(positions) = known(self.connection, &prepared.append)? {
            return Ok(Some(positions));
        }
        let savepoint =
            |sql: &str| -> Result<(), StoreError> { Ok(self.connection.prepare_cached(sql)?.execute([]).map(drop)?) };
        savepoint("SAVEPOINT events")?;
        for number in 0..prepared.append.events.len() {
            let inserted = self.insert_event(&prepared, number).and_then(|()| self.insert_tags(&prepared, number));
            if let Err(error) = inserted {
                if self.connection.is_autocommit() {
                    // There is no savepoint any more to go back to.
                    return Err(Failure::Half(error));
                }
                let undone = savepoint("ROLLBACK TO events").and_then(|()| savepoint("RELEASE events"));
                return Err(undone.map_or_else(Failure::Half, |()| Failure::Own(error)));
            }
        }
        savepoint("RELEASE events").and_then(|()| self.finish(prepared)).map_err(Failure::Half)?;
        Ok(None)
    }

    fn insert_event(&mut self, prepared: &Prepared, number: usize) -> Result<(), StoreError> {
        let (append, (tags, payload)) = (&prepared.append, &prepared.texts[number]);
        let event = &append.events[number];
        let meta = &event.metadata;
        self.event.execute(params![
            stored(self.head() + 1 + number as Position)?,
            append.tenant.as_str(),
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
        Ok(())
    }

    fn insert_tags(&mut self, prepared: &Prepared, number: usize) -> Result<(), StoreError> {
        let (append, event) = (&prepared.append, &prepared.append.events[number]);
        let position = stored(self.head() + 1 + number as Position)?;
        for tag in &event.tags {
            self.tag.execute(params![append.tenant.as_str(), tag.as_str(), position, event.event_type])?;
        }
        Ok(())
    }

    /// The rows are there: now the answer, and what later conditions are checked against.
    fn finish(&mut self, prepared: Prepared) -> Result<(), StoreError> {
        let Append { tenant, events, idempotency, .. } = prepared.append;
        if let Some(key) = &idempotency {
            keep_answer(self.connection, &tenant, key, self.head() + events.len() as Position)?;
        }
        for event in events {
            self.recent.push(tenant.clone(), event.event_type, event.tags);
        }
        Ok(())
    }
}

/// Where events were put between two heads.
fn positions(before: Position, last: Position) -> Positions {
    Positions { first: if before == last { last } else { before + 1 }, last }
}

fn stored(position: Position) -> Result<i64, StoreError> {
    i64::try_from(position).map_err(|_| StoreError::Invalid("no position is left".to_owned()))
}

/// An id that is there already. No other rule of the table can be broken.
fn is_doubled(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}

const EVENT: &str = "INSERT INTO events (position, tenant, id, topic, stream, type, version, tags, payload, \
     correlation_id, causation_id, user_id, reason, traceparent, raised_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

/// The same tag twice on one event says nothing more.
const TAG: &str = "INSERT OR IGNORE INTO event_tags (tenant, tag, position, type) VALUES (?1, ?2, ?3, ?4)";

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

fn has_doubled_ids(append: &Append) -> bool {
    if append.events.len() < 2 {
        return false;
    }
    let distinct: BTreeSet<_> = append.events.iter().map(|event| event.id).collect();
    distinct.len() != append.events.len()
}

/// Where the events stand, if their ids were appended before.
fn known(connection: &Connection, append: &Append) -> Result<Option<Positions>, StoreError> {
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

fn keep_answer(
    connection: &Connection,
    tenant: &Tenant,
    key: &Idempotency,
    position: Position,
) -> Result<(), StoreError> {
    let position = stored(position)?;
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
