//! Numbers of new entries: no two entries have the same one, and none is left out.
//!
//! The number stands in the event that creates the entry, under a tag of its counter. The next one is that of the newest such event
//! and one more, appended on condition that no other event of the counter has come since. So it holds across processes too, and
//! whatever was not appended has taken no number.

use serde::Serialize;

use super::folded::Writing;
use super::{CrudError, CrudType};
use crate::auth::digest;
use crate::event::{EventSet, NewEvent, Position, Query, QueryItem, Tag};
use crate::query::Invalid;
use crate::store::Range;
use crate::value::Json;

/// The longest group, in bytes, that stands in a tag as it is.
const LONGEST: usize = 120;

/// A counter, and where its number stands in the event that creates an entry.
#[derive(Debug)]
pub struct Counter<'a> {
    name: &'static str,
    first: i64,
    group: String,
    number: &'a mut i64,
}

impl<'a> Counter<'a> {
    /// A counter of all entries, from 1. Its name is that of the type and that of the field: `ticket.number`.
    pub fn new(name: &'static str, number: &'a mut i64) -> Self {
        Self { name, first: 1, group: String::new(), number }
    }

    /// Begins with this number, or goes on with it where smaller ones were given before.
    #[must_use]
    pub fn first(self, first: i64) -> Self {
        Self { first, ..self }
    }

    /// One counter for each value of this field: a text, a number, a boolean, a time or null.
    #[must_use]
    pub fn within<T: Serialize>(mut self, field: &'static str, value: &T) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Json::Null);
        self.group.push_str(&format!("{field}={value};"));
        self
    }

    /// What the events have that it numbers. Two groups of which one is long may have one tag, though hardly ever.
    pub(super) fn tag(&self) -> Tag {
        let Self { name, group, .. } = self;
        Tag::new(match group.len() {
            0 => (*name).to_owned(),
            1..=LONGEST => format!("{name}:{group}"),
            _ => format!("{name}#{}", digest(group)),
        })
    }

    fn is(&self, other: &Counter<'_>) -> bool {
        (self.name, &self.group) == (other.name, &other.group)
    }

    /// The number behind the last one.
    fn next(&self, last: Option<i64>) -> Result<i64, Invalid> {
        let Some(last) = last else { return Ok(self.first) };
        let next = last.checked_add(1).map(|next| next.max(self.first));
        let field = self.name.rsplit('.').next().unwrap_or_default();
        next.ok_or_else(|| Invalid::field(field, "there is no number left"))
    }
}

/// What an event that was numbered must have and what must not come before it, by counter.
pub(super) struct Numbered(Vec<QueryItem>);

impl Numbered {
    /// Gives the event its tags, and adds to what must not have happened that a counter has gone on.
    pub(super) fn guard(self, event: &mut NewEvent, query: Query) -> Query {
        match query {
            Query::Items(items) if !self.0.is_empty() => {
                event.tags.extend(self.0.iter().flat_map(|item| item.tags.iter().cloned()));
                event.tags.sort();
                Query::of(items.into_iter().chain(self.0))
            }
            query => query,
        }
    }
}

/// Gives the event the numbers that are next as of this head.
///
/// # Errors
/// If a counter is at its end, or its last event cannot be read.
pub(super) async fn number<C: CrudType>(
    writing: &Writing<'_>,
    head: Position,
    event: &mut C::Event,
) -> Result<Numbered, CrudError> {
    let event_type = event.event_type();
    let mut items = Vec::new();
    for counter in C::counters(event) {
        let item = QueryItem::of(&[event_type], [counter.tag()]);
        let last = last::<C>(writing, head, &counter, &item).await?;
        *counter.number = counter.next(last)?;
        items.push(item);
    }
    Ok(Numbered(items))
}

/// The last number that a counter has given.
async fn last<C: CrudType>(
    writing: &Writing<'_>,
    head: Position,
    counter: &Counter<'_>,
    item: &QueryItem,
) -> Result<Option<i64>, CrudError> {
    let query = Query::of([item.clone()]);
    let mut until = head;
    loop {
        let newest = Range::default().until(until).limit(1).backwards();
        let Some(stored) = writing.events.read(writing.tenant, &query, newest).await?.pop() else { return Ok(None) };
        if let Some(mut event) = C::Event::decode(&stored.event_type, stored.version, &stored.payload)?
            && let Some(same) = C::counters(&mut event).into_iter().find(|other| other.is(counter))
        {
            return Ok(Some(*same.number));
        }
        // Another group under the same tag.
        until = stored.position.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tag(values: &[Option<&str>]) -> Tag {
        let mut number = 0;
        values
            .iter()
            .fold(Counter::new("ticket.number", &mut number), |counter, value| counter.within("room", value))
            .tag()
    }

    #[test]
    fn each_group_has_a_tag_of_its_own_however_long() {
        let long = ["a".repeat(10_000), "b".repeat(10_000)];
        let groups: [&[Option<&str>]; 8] = [
            &[],
            &[None],
            &[Some("")],
            &[Some("null")],
            &[Some("a\";room=\"b")],
            &[Some("a"), Some("b")],
            &[Some(&long[0])],
            &[Some(&long[1])],
        ];
        let mut tags: Vec<Tag> = groups.into_iter().map(tag).collect();
        assert!(tags.iter().all(|tag| tag.as_str().len() < 200));
        assert_eq!(tags[0].as_str(), "ticket.number");
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), groups.len());
        assert_eq!(tag(groups[6]), tag(groups[6]), "and always the same");
    }

    #[test]
    fn numbers_go_on_from_the_first_or_the_last() {
        let mut number = 0;
        let counter = Counter::new("ticket.number", &mut number).first(100);
        assert_eq!([None, Some(7), Some(99), Some(100)].map(|last| counter.next(last).unwrap()), [100, 100, 100, 101]);
        let end = counter.next(Some(i64::MAX)).unwrap_err();
        assert_eq!(end.problems[0].field, "number");
    }
}
