//! What the function that appends is given, and what it answers.

use super::check::Found;
use super::connection::Parameter;
use super::pending::Pending;
use super::prepare::Prepared;
use crate::event::{Position, Tag, Tenant};
use std::collections::BTreeSet;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

/// One call, column by column.
#[derive(Default)]
pub(super) struct Call<'a> {
    known: i64,
    events: Events<'a>,
    tags: (Vec<i64>, Vec<&'a str>),
    answers: Answers<'a>,
    ids: (Vec<i64>, Vec<&'a str>, Vec<Uuid>),
    keys: (Vec<i64>, Vec<&'a str>, Vec<&'a str>, Vec<&'a str>),
}

#[derive(Default)]
struct Events<'a> {
    tenant: Vec<&'a str>,
    id: Vec<Uuid>,
    topic: Vec<&'a str>,
    stream: Vec<Option<&'a str>>,
    of: Vec<&'a str>,
    version: Vec<i64>,
    tags: Vec<&'a str>,
    payload: Vec<&'a str>,
    correlation: Vec<Option<&'a str>>,
    causation: Vec<Option<&'a str>>,
    user: Vec<Option<&'a str>>,
    reason: Vec<Option<&'a str>>,
    trace: Vec<Option<&'a str>>,
    raised: Vec<i64>,
}

#[derive(Default)]
struct Answers<'a> {
    tenant: Vec<&'a str>,
    command: Vec<&'a str>,
    key: Vec<&'a str>,
    position: Vec<i64>,
    answer: Vec<&'a str>,
}

impl<'a> Call<'a> {
    /// Writes what is pending behind the position `known`.
    pub(super) fn of(known: Position, pending: &Pending<'a>) -> Self {
        let mut call = Self { known: known.cast_signed(), ..Self::default() };
        call.events = events(pending);
        for (one, number) in pending.events.iter().zip(1..) {
            // The same tag twice on one event says nothing more.
            let tags: BTreeSet<&str> = one.event.tags.iter().map(Tag::as_str).collect();
            call.tags.0.extend(tags.iter().map(|_| number));
            call.tags.1.extend(tags);
        }
        for one in &pending.answers {
            call.answers.tenant.push(one.tenant.as_str());
            call.answers.command.push(one.command);
            call.answers.key.push(one.key);
            call.answers.position.push(one.answer.position.cast_signed());
            call.answers.answer.push(one.text);
        }
        call
    }

    /// Looks an append up, under its number in the group: whether its key has an answer, where its ids stand.
    pub(super) fn look_up(&mut self, number: usize, prepared: &'a Prepared) {
        let append = &prepared.append;
        let (number, tenant) = (i64::try_from(number).unwrap_or(i64::MAX), append.tenant.as_str());
        for event in &append.events {
            self.ids.0.push(number);
            self.ids.1.push(tenant);
            self.ids.2.push(event.id);
        }
        if let Some(key) = &append.idempotency {
            self.keys.0.push(number);
            self.keys.1.push(tenant);
            self.keys.2.push(&key.command);
            self.keys.3.push(&key.key);
        }
    }

    /// Carries it out: outside of a transaction as one of its own.
    ///
    /// # Errors
    /// What the server says.
    pub(super) async fn send(&self, client: &Client, sql: &str) -> Result<Reply, Error> {
        let rows = client.query_typed(sql, &self.parameters()).await?;
        rows.first().map_or_else(|| Ok(Reply::default()), reply)
    }

    fn parameters(&self) -> [Parameter<'_>; 29] {
        let Self { known, events, tags, answers, ids, keys } = self;
        [
            (known, Type::INT8),
            (&events.tenant, Type::TEXT_ARRAY),
            (&events.id, Type::UUID_ARRAY),
            (&events.topic, Type::TEXT_ARRAY),
            (&events.stream, Type::TEXT_ARRAY),
            (&events.of, Type::TEXT_ARRAY),
            (&events.version, Type::INT8_ARRAY),
            (&events.tags, Type::TEXT_ARRAY),
            (&events.payload, Type::TEXT_ARRAY),
            (&events.correlation, Type::TEXT_ARRAY),
            (&events.causation, Type::TEXT_ARRAY),
            (&events.user, Type::TEXT_ARRAY),
            (&events.reason, Type::TEXT_ARRAY),
            (&events.trace, Type::TEXT_ARRAY),
            (&events.raised, Type::INT8_ARRAY),
            (&tags.0, Type::INT8_ARRAY),
            (&tags.1, Type::TEXT_ARRAY),
            (&answers.tenant, Type::TEXT_ARRAY),
            (&answers.command, Type::TEXT_ARRAY),
            (&answers.key, Type::TEXT_ARRAY),
            (&answers.position, Type::INT8_ARRAY),
            (&answers.answer, Type::TEXT_ARRAY),
            (&ids.0, Type::INT8_ARRAY),
            (&ids.1, Type::TEXT_ARRAY),
            (&ids.2, Type::UUID_ARRAY),
            (&keys.0, Type::INT8_ARRAY),
            (&keys.1, Type::TEXT_ARRAY),
            (&keys.2, Type::TEXT_ARRAY),
            (&keys.3, Type::TEXT_ARRAY),
        ]
    }
}

fn events<'a>(pending: &Pending<'a>) -> Events<'a> {
    let all = &pending.events;
    let meta = || all.iter().map(|one| &one.event.metadata);
    Events {
        tenant: all.iter().map(|one| one.tenant.as_str()).collect(),
        id: all.iter().map(|one| one.event.id).collect(),
        topic: all.iter().map(|one| one.event.topic.as_ref()).collect(),
        stream: sparse(all.iter().map(|one| one.event.stream.as_deref())),
        of: all.iter().map(|one| one.event.event_type.as_ref()).collect(),
        version: all.iter().map(|one| i64::from(one.event.version)).collect(),
        tags: all.iter().map(|one| one.texts.tags.as_str()).collect(),
        payload: all.iter().map(|one| one.texts.payload.as_str()).collect(),
        correlation: sparse(meta().map(|meta| meta.correlation_id.as_deref())),
        causation: sparse(meta().map(|meta| meta.causation_id.as_deref())),
        user: sparse(meta().map(|meta| meta.user_id.as_deref())),
        reason: sparse(meta().map(|meta| meta.reason.as_deref())),
        trace: sparse(meta().map(|meta| meta.traceparent.as_deref())),
        raised: all.iter().map(|one| one.event.raised_at).collect(),
    }
}

/// A column without what is missing at its end: there the server fills in NULL by itself.
fn sparse<'a>(column: impl DoubleEndedIterator<Item = Option<&'a str>> + Clone) -> Vec<Option<&'a str>> {
    let missing = column.clone().rev().take_while(Option::is_none).count();
    let length = column.clone().count() - missing;
    column.take(length).collect()
}

/// What the function answers.
#[derive(Default)]
pub(super) struct Reply {
    /// Whether it was carried out: the counter stood where it was thought to.
    pub(super) is_done: bool,
    /// Where the counter stands behind the call, and what was found of the appends that were looked up.
    pub(super) found: Found,
    /// The events between the known head and this one, if it is another one and they are not too many.
    pub(super) news: Vec<News>,
}

/// An event of somebody else, as conditions need it.
pub(super) struct News {
    pub(super) tenant: Tenant,
    pub(super) of: String,
    pub(super) tags: Vec<Tag>,
}

fn reply(row: &Row) -> Result<Reply, Error> {
    let column = |number| row.try_get::<_, Option<Vec<i64>>>(number).map(Option::unwrap_or_default);
    let (numbers, positions) = (column(2)?, column(3)?);
    let texts: Vec<Option<String>> = row.try_get::<_, Option<_>>(4)?.unwrap_or_default();
    let head = row.try_get::<_, i64>(1)?.unsigned_abs();
    let mut found = Found { head, ..Found::default() };
    for ((number, position), text) in numbers.into_iter().zip(positions).zip(texts) {
        let (number, position) = (usize::try_from(number).unwrap_or(usize::MAX), position.unsigned_abs());
        match text {
            Some(text) => drop(found.answers.insert(number, (position, text))),
            None => found.ids.entry(number).or_default().push(position),
        }
    }
    let news = row.try_get::<_, Option<&str>>(5)?.and_then(|text| serde_json::from_str(text).ok());
    Ok(Reply { is_done: row.try_get(0)?, found, news: news.map(told).unwrap_or_default() })
}

/// What is missing is noticed by its number.
fn told(news: Vec<(String, String, Vec<String>)>) -> Vec<News> {
    let one = |(tenant, of, tags): (String, String, Vec<String>)| News {
        tenant: Tenant::new(tenant),
        of,
        tags: tags.into_iter().map(Tag::new).collect(),
    };
    news.into_iter().map(one).collect()
}
