//! What can be done for an append before its turn comes.

use super::statements::array;
use crate::event::{NewEvent, Query, Tenant};
use crate::store::{Append, StoreError};
use std::collections::BTreeSet;

/// An entry of an index takes 2,704 bytes in all.
const LONGEST_ENTRY: usize = 2_600;

/// An append whose texts are written already: that is done by whoever appends, not by the one task that writes.
pub(super) struct Prepared {
    pub(super) append: Append,
    /// Of each event.
    pub(super) texts: Vec<Texts>,
    /// The answer under its idempotency key.
    pub(super) answer: Option<String>,
    /// Whether two of its events have one id.
    pub(super) is_doubled: bool,
}

/// An event's JSON and array.
pub(super) struct Texts {
    pub(super) tags: String,
    pub(super) payload: String,
}

/// Writes the texts of an append, and refuses what the database would refuse: others share its transaction.
///
/// # Errors
/// [`StoreError::Invalid`].
pub(super) fn prepare(append: Append) -> Result<Prepared, StoreError> {
    check(&append)?;
    let mut texts = Vec::with_capacity(append.events.len());
    for event in &append.events {
        let payload = serde_json::to_string(&event.payload)
            .map_err(|error| StoreError::Invalid(format!("an event cannot be written: {error}")))?;
        texts.push(Texts { tags: array(event.tags.iter().map(crate::event::Tag::as_str)), payload });
    }
    let answer = append.idempotency.as_ref().map(|key| key.answer.to_string());
    let ids: BTreeSet<_> = append.events.iter().map(|event| event.id).collect();
    let is_doubled = ids.len() != append.events.len();
    Ok(Prepared { append, texts, answer, is_doubled })
}

fn check(append: &Append) -> Result<(), StoreError> {
    let tenant = append.tenant.as_str();
    let mut texts = vec![tenant];
    if let Some(key) = &append.idempotency {
        texts.extend([key.command.as_ref(), key.key.as_str()]);
        fits("an idempotency key", &[tenant, &key.command, &key.key])?;
    }
    for event in &append.events {
        texts.extend(texts_of(event));
        fits("an event's type", &[tenant, &event.event_type])?;
        for tag in &event.tags {
            fits("a tag", &[tenant, tag.as_str()])?;
        }
    }
    if texts.into_iter().any(is_unstorable) {
        return Err(StoreError::Invalid("a text holds the character U+0000, which PostgreSQL cannot store".to_owned()));
    }
    Ok(())
}

fn texts_of(event: &NewEvent) -> impl Iterator<Item = &str> {
    let meta = &event.metadata;
    let optional =
        [&event.stream, &meta.correlation_id, &meta.causation_id, &meta.user_id, &meta.reason, &meta.traceparent];
    let tags = event.tags.iter().map(crate::event::Tag::as_str);
    [event.topic.as_ref(), event.event_type.as_ref()]
        .into_iter()
        .chain(optional.into_iter().filter_map(|text| text.as_deref()))
        .chain(tags)
}

fn fits(what: &str, texts: &[&str]) -> Result<(), StoreError> {
    if texts.iter().map(|text| text.len()).sum::<usize>() <= LONGEST_ENTRY {
        return Ok(());
    }
    Err(StoreError::Invalid(format!("{what} is too long: with its tenant it may have {LONGEST_ENTRY} bytes")))
}

/// Whether PostgreSQL refuses the text even as a parameter.
pub(super) fn is_unstorable(text: &str) -> bool {
    text.contains('\0')
}

/// One walk along one index that finds what a query means.
pub(super) enum Walk<'a> {
    /// Everything of the tenant.
    All,
    /// One type.
    Type(&'a str),
    /// A tag, and what else the events need.
    Tag {
        tag: &'a str,
        /// The text of an array of types; none for every type.
        types: Option<String>,
        /// The text of an array of further tags.
        others: Option<String>,
    },
}

/// The walks that together find what a query means of one tenant. What cannot be stored is not looked for.
pub(super) fn walks<'a>(tenant: &Tenant, query: &'a Query) -> Vec<Walk<'a>> {
    if is_unstorable(tenant.as_str()) {
        return Vec::new();
    }
    let Query::Items(items) = query else { return vec![Walk::All] };
    if items.iter().any(|item| item.types.is_empty() && item.tags.is_empty()) {
        return vec![Walk::All];
    }
    let mut walks = Vec::new();
    for item in items {
        let types: Vec<&str> = item.types.iter().map(AsRef::as_ref).filter(|of| !is_unstorable(of)).collect();
        let is_nothing = types.is_empty() && !item.types.is_empty();
        if is_nothing || item.tags.iter().any(|tag| is_unstorable(tag.as_str())) {
            continue;
        }
        match item.tags.split_first() {
            None => walks.extend(types.into_iter().map(Walk::Type)),
            Some((first, others)) => walks.push(Walk::Tag {
                tag: first.as_str(),
                types: (!types.is_empty()).then(|| array(types)),
                others: (!others.is_empty()).then(|| array(others.iter().map(crate::event::Tag::as_str))),
            }),
        }
    }
    walks
}
