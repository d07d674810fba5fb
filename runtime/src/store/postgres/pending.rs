//! The earlier appends of a group, as the later ones have to see them.

use super::prepare::Prepared;
use crate::event::{NewEvent, Position, Query, QueryItem, Tenant};
use crate::store::Answer;
use std::collections::HashMap;
use uuid::Uuid;

/// An event that is to be written.
pub(super) struct Placed<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) event: &'a NewEvent,
    pub(super) texts: &'a super::prepare::Texts,
    pub(super) position: Position,
}

/// An answer that is to be written.
pub(super) struct Kept<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) command: &'a str,
    pub(super) key: &'a str,
    pub(super) text: &'a str,
    pub(super) answer: Answer,
}

/// What a group has decided to write so far.
#[derive(Default)]
pub(super) struct Pending<'a> {
    pub(super) events: Vec<Placed<'a>>,
    pub(super) answers: Vec<Kept<'a>>,
    by_tag: HashMap<(&'a str, &'a str), Vec<usize>>,
    by_type: HashMap<(&'a str, &'a str), Vec<usize>>,
    by_tenant: HashMap<&'a str, Vec<usize>>,
    by_id: HashMap<(&'a str, Uuid), Position>,
    by_key: HashMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> Pending<'a> {
    /// Takes an append in, behind the position `head`. Gives the last position taken.
    pub(super) fn add(&mut self, prepared: &'a Prepared, head: Position) -> Position {
        let append = &prepared.append;
        let mut position = head;
        for (event, texts) in append.events.iter().zip(&prepared.texts) {
            position += 1;
            let place = self.events.len();
            let tenant = append.tenant.as_str();
            for tag in &event.tags {
                self.by_tag.entry((tenant, tag.as_str())).or_default().push(place);
            }
            self.by_type.entry((tenant, event.event_type.as_ref())).or_default().push(place);
            self.by_tenant.entry(tenant).or_default().push(place);
            self.by_id.insert((tenant, event.id), position);
            self.events.push(Placed { tenant: &append.tenant, event, texts, position });
        }
        if let (Some(key), Some(text)) = (&append.idempotency, &prepared.answer) {
            let (command, name) = (key.command.as_ref(), key.key.as_str());
            self.by_key.insert((append.tenant.as_str(), command, name), self.answers.len());
            let answer = Answer { position, answer: key.answer.clone() };
            self.answers.push(Kept { tenant: &append.tenant, command, key: name, text, answer });
        }
        position
    }

    /// The answer that an earlier append has given under a key.
    pub(super) fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Option<&Answer> {
        self.by_key.get(&(tenant.as_str(), command, key)).map(|place| &self.answers[*place].answer)
    }

    /// Where an earlier append has put an id.
    pub(super) fn position(&self, tenant: &Tenant, id: Uuid) -> Option<Position> {
        self.by_id.get(&(tenant.as_str(), id)).copied()
    }

    /// Whether an earlier append has an event behind `after` that a query means.
    pub(super) fn matches(&self, tenant: &Tenant, query: &Query, after: Position) -> bool {
        match query {
            Query::All => self.any(self.by_tenant.get(tenant.as_str()), after, &QueryItem::default()),
            Query::Items(items) => items.iter().any(|item| self.item_matches(tenant.as_str(), item, after)),
        }
    }

    fn item_matches(&self, tenant: &str, item: &QueryItem, after: Position) -> bool {
        if let Some(first) = item.tags.first() {
            return self.any(self.by_tag.get(&(tenant, first.as_str())), after, item);
        }
        if item.types.is_empty() {
            return self.any(self.by_tenant.get(tenant), after, item);
        }
        item.types.iter().any(|of| self.any(self.by_type.get(&(tenant, of.as_ref())), after, item))
    }

    fn any(&self, places: Option<&Vec<usize>>, after: Position, item: &QueryItem) -> bool {
        let mut placed = places.into_iter().flatten().rev().map(|place| &self.events[*place]);
        placed.any(|found| found.position > after && item.matches(&found.event.event_type, &found.event.tags))
    }
}
