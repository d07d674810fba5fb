//! A group of appends in one transaction: all at once, or one round trip to look and one to write and commit.

use super::at_once;
use super::check::{self, Found};
use super::pending::Pending;
use super::pool::Parameter;
use super::prepare::Prepared;
use super::session;
use super::statements::Statements;
use crate::event::{Position, Tag};
use crate::store::recent::Recent;
use crate::store::{Answer, AppendError, Appended, Positions, StoreError};
use futures_util::future::join3;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};

/// Longer than any limit that the server keeps by itself.
pub(super) const AT_MOST: Duration = Duration::from_secs(45);

/// What came of each append, in order.
pub(super) type Outcomes = Vec<Result<Appended, AppendError>>;

/// A group that failed as a whole.
pub(super) enum Failed {
    /// The connection ended before the commit was asked for: nothing is written.
    Lost(String),
    /// The server refused: nothing is written.
    Refused {
        /// In its words.
        problem: String,
        /// Whether it may be the fault of one append alone.
        of_one: bool,
        /// Whether nothing can be written at all.
        of_the_disk: bool,
    },
    /// The connection ended after the commit was asked for; as every append is told by its ids, looking first tells.
    Unseen(String),
    /// The connection ended after the commit was asked for.
    Unknown(String),
}

impl Failed {
    /// The same, if an earlier attempt at the group may have been committed: nothing that hits the group later says that it
    /// was not.
    pub(super) fn after(self, may_be_written: bool) -> Self {
        match self {
            Self::Lost(problem) | Self::Unseen(problem) | Self::Refused { problem, of_one: false, .. }
                if may_be_written =>
            {
                Self::Unknown(problem)
            }
            other => other,
        }
    }
}

/// Where a group is written.
pub(super) struct Connected<'a> {
    pub(super) client: &'a Client,
    pub(super) sql: &'a Statements,
    /// Where other processes are told.
    pub(super) channel: &'a str,
}

/// Decides and writes a group. Gives the head behind it.
///
/// # Errors
/// [`Failed`]; unless it was refused, the connection is of no more use.
pub(super) async fn run(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<(Outcomes, Position), Failed> {
    match at_once::run(on, group, recent).await? {
        Some(done) => Ok(done),
        None => look_and_write(on, group, recent).await,
    }
}

/// The long way: one round trip to look, one to write.
async fn look_and_write(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<(Outcomes, Position), Failed> {
    let Connected { client, sql, .. } = *on;
    let found = match tokio::time::timeout(AT_MOST, check::look(client, sql, group)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(failed(client, &error).await),
        Err(_) => return Err(Failed::Lost("the server does not answer".to_owned())),
    };
    let mut pending = Pending::default();
    let mut head = found.head;
    let mut outcomes = Outcomes::with_capacity(group.len());
    for (no, prepared) in group.iter().enumerate() {
        outcomes.push(decide(no, prepared, &found, &mut pending, &mut head));
    }
    if pending.events.is_empty() && pending.answers.is_empty() {
        client.batch_execute("ROLLBACK").await.map_err(|error| Failed::Lost(session::text(&error)))?;
        return Ok((outcomes, head));
    }
    if found.head != recent.head() {
        *recent = Recent::behind(found.head);
    }
    match tokio::time::timeout(AT_MOST, write(on, &pending, head)).await {
        Ok(Ok(())) => {
            remember(recent, &pending);
            Ok((outcomes, head))
        }
        Ok(Err(error)) if session::is_lost(&error) => Err(Failed::Unknown(session::text(&error))),
        Ok(Err(error)) => Err(failed(client, &error).await),
        Err(_) => Err(Failed::Unknown("the server does not answer".to_owned())),
    }
}

/// What was written, for the conditions to come.
pub(super) fn remember(recent: &mut Recent, pending: &Pending<'_>) {
    for placed in &pending.events {
        let event = placed.event;
        recent.push(placed.tenant.clone(), event.event_type.clone(), event.tags.clone());
    }
}

/// A failure that has certainly committed nothing.
pub(super) async fn failed(client: &Client, error: &Error) -> Failed {
    let problem = session::text(error);
    if session::is_lost(error) || client.batch_execute("ROLLBACK").await.is_err() {
        return Failed::Lost(problem);
    }
    let code = error.code().map_or("", |code| code.code());
    // Data, constraints, limits of the program: one append's own. Locks, disks and the like hit all of them.
    let of_one = ["22", "23", "54"].iter().any(|class| code.starts_with(class));
    Failed::Refused { problem, of_one, of_the_disk: session::is_of_the_disk(error) }
}

/// The outcome of one append, given what the store holds and what the earlier ones of the group will have written.
fn decide<'a>(
    no: usize,
    prepared: &'a Prepared,
    found: &Found,
    pending: &mut Pending<'a>,
    head: &mut Position,
) -> Result<Appended, AppendError> {
    let append = &prepared.append;
    if let Some(first) = answered(no, prepared, found, pending)? {
        return Ok(Appended::Repeated(first));
    }
    if let Some(positions) = known(no, prepared, found, pending)? {
        return Ok(Appended::Done(positions));
    }
    if let Some(condition) = &append.condition {
        let after = condition.after.unwrap_or(0);
        if found.violated.contains(&no) || pending.matches(&append.tenant, &condition.fail_if_events_match, after) {
            return Err(AppendError::Conflict);
        }
    }
    let before = *head;
    *head = pending.add(prepared, before);
    let first = if append.events.is_empty() { before } else { before + 1 };
    Ok(Appended::Done(Positions { first, last: *head }))
}

fn answered(
    no: usize,
    prepared: &Prepared,
    found: &Found,
    pending: &Pending<'_>,
) -> Result<Option<Answer>, StoreError> {
    let append = &prepared.append;
    let Some(key) = &append.idempotency else { return Ok(None) };
    match found.answers.get(&no) {
        Some((position, text)) => super::read::answer(*position, text).map(Some),
        None => Ok(pending.answer(&append.tenant, &key.command, &key.key).cloned()),
    }
}

/// Where the events stand, if their ids were appended before.
fn known(
    no: usize,
    prepared: &Prepared,
    found: &Found,
    pending: &Pending<'_>,
) -> Result<Option<Positions>, StoreError> {
    if prepared.is_doubled {
        return Err(StoreError::doubled_ids());
    }
    let append = &prepared.append;
    let stored = found.ids.get(&no).into_iter().flatten().copied();
    let earlier = append.events.iter().filter_map(|event| pending.position(&append.tenant, event.id));
    let known: BTreeSet<Position> = stored.chain(earlier).collect();
    match (known.first(), known.last()) {
        (Some(&first), Some(&last)) if known.len() == append.events.len() => Ok(Some(Positions { first, last })),
        (Some(_), _) => Err(StoreError::partly_known_ids()),
        (None, _) => Ok(None),
    }
}

/// Writes, commits and tells the other processes, all sent at once. If a part is refused, the server refuses the commit too.
pub(super) async fn write(on: &Connected<'_>, pending: &Pending<'_>, head: Position) -> Result<(), Error> {
    let Connected { client, sql, channel } = *on;
    let commit = format!("{}{head}; COMMIT", sql.keep_head);
    let position = head.to_string();
    let note: [Parameter<'_>; 2] = [(&channel, Type::TEXT), (&position, Type::TEXT)];
    let rows = join3(
        insert_events(client, &sql.insert_events, pending),
        insert_tags(client, &sql.insert_tags, pending),
        insert_answers(client, &sql.insert_answers, pending),
    );
    // Told outside of the transaction: notifying within would make all commits of the whole server wait for each other.
    let told = client.query_typed("SELECT pg_notify($1, $2)", &note);
    let ((events, tags, answers), committed, told) = join3(rows, client.batch_execute(&commit), told).await;
    if let Err(error) = told {
        tracing::debug!(error = session::text(&error), "other processes were not told and will find out by themselves");
    }
    // The first error is the reason, the others follow from it.
    events.and(tags).and(answers).and(committed)
}

async fn insert_events(client: &Client, sql: &str, pending: &Pending<'_>) -> Result<(), Error> {
    let events = &pending.events;
    if events.is_empty() {
        return Ok(());
    }
    let position: Vec<i64> = events.iter().map(|one| one.position.cast_signed()).collect();
    let tenant: Vec<&str> = events.iter().map(|one| one.tenant.as_str()).collect();
    let id: Vec<uuid::Uuid> = events.iter().map(|one| one.event.id).collect();
    let topic: Vec<&str> = events.iter().map(|one| one.event.topic.as_ref()).collect();
    let stream: Vec<Option<&str>> = events.iter().map(|one| one.event.stream.as_deref()).collect();
    let of: Vec<&str> = events.iter().map(|one| one.event.event_type.as_ref()).collect();
    let version: Vec<i64> = events.iter().map(|one| i64::from(one.event.version)).collect();
    let tags: Vec<&str> = events.iter().map(|one| one.texts.tags.as_str()).collect();
    let payload: Vec<&str> = events.iter().map(|one| one.texts.payload.as_str()).collect();
    let meta = || events.iter().map(|one| &one.event.metadata);
    let correlation: Vec<Option<&str>> = meta().map(|meta| meta.correlation_id.as_deref()).collect();
    let causation: Vec<Option<&str>> = meta().map(|meta| meta.causation_id.as_deref()).collect();
    let user: Vec<Option<&str>> = meta().map(|meta| meta.user_id.as_deref()).collect();
    let reason: Vec<Option<&str>> = meta().map(|meta| meta.reason.as_deref()).collect();
    let trace: Vec<Option<&str>> = meta().map(|meta| meta.traceparent.as_deref()).collect();
    let raised: Vec<i64> = events.iter().map(|one| one.event.raised_at).collect();
    let parameters: [Parameter<'_>; 15] = [
        (&position, Type::INT8_ARRAY),
        (&tenant, Type::TEXT_ARRAY),
        (&id, Type::UUID_ARRAY),
        (&topic, Type::TEXT_ARRAY),
        (&stream, Type::TEXT_ARRAY),
        (&of, Type::TEXT_ARRAY),
        (&version, Type::INT8_ARRAY),
        (&tags, Type::TEXT_ARRAY),
        (&payload, Type::TEXT_ARRAY),
        (&correlation, Type::TEXT_ARRAY),
        (&causation, Type::TEXT_ARRAY),
        (&user, Type::TEXT_ARRAY),
        (&reason, Type::TEXT_ARRAY),
        (&trace, Type::TEXT_ARRAY),
        (&raised, Type::INT8_ARRAY),
    ];
    client.query_typed(sql, &parameters).await.map(drop)
}

async fn insert_tags(client: &Client, sql: &str, pending: &Pending<'_>) -> Result<(), Error> {
    let (mut tenant, mut tags, mut position, mut of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in &pending.events {
        // The same tag twice on one event says nothing more.
        for tag in one.event.tags.iter().map(Tag::as_str).collect::<BTreeSet<_>>() {
            tenant.push(one.tenant.as_str());
            tags.push(tag);
            position.push(one.position.cast_signed());
            of.push(one.event.event_type.as_ref());
        }
    }
    if tags.is_empty() {
        return Ok(());
    }
    let parameters: [Parameter<'_>; 4] = [
        (&tenant, Type::TEXT_ARRAY),
        (&tags, Type::TEXT_ARRAY),
        (&position, Type::INT8_ARRAY),
        (&of, Type::TEXT_ARRAY),
    ];
    client.query_typed(sql, &parameters).await.map(drop)
}

async fn insert_answers(client: &Client, sql: &str, pending: &Pending<'_>) -> Result<(), Error> {
    let kept = &pending.answers;
    if kept.is_empty() {
        return Ok(());
    }
    let tenant: Vec<&str> = kept.iter().map(|one| one.tenant.as_str()).collect();
    let command: Vec<&str> = kept.iter().map(|one| one.command).collect();
    let key: Vec<&str> = kept.iter().map(|one| one.key).collect();
    let position: Vec<i64> = kept.iter().map(|one| one.answer.position.cast_signed()).collect();
    let answer: Vec<&str> = kept.iter().map(|one| one.text).collect();
    let parameters: [Parameter<'_>; 5] = [
        (&tenant, Type::TEXT_ARRAY),
        (&command, Type::TEXT_ARRAY),
        (&key, Type::TEXT_ARRAY),
        (&position, Type::INT8_ARRAY),
        (&answer, Type::TEXT_ARRAY),
    ];
    client.query_typed(sql, &parameters).await.map(drop)
}
