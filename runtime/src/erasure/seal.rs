//! Sealing events on their way into a store, and the tags of what is asked for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cipher::Secret;
use super::envelope::{self, Envelope, Sealed, place};
use super::keys::{DataKey, no_random_bytes};
use super::model::{Model, prefix};
use super::{PersonalEvent, Subject, subject_tag};
use crate::event::{NewEvent, Query, QueryItem, Tag, Tenant};
use crate::store::StoreError;
use crate::value::Json;

/// The subjects whose personal fields an event has.
///
/// # Errors
/// If it does not say whose they are.
pub(super) fn subjects(model: &Model, tenant: &Tenant, event: &NewEvent) -> Result<BTreeSet<Subject>, StoreError> {
    let Some(personal) = model.event(&event.event_type) else { return Ok(BTreeSet::new()) };
    let names: BTreeSet<&str> = personal.fields.iter().map(|field| field.subject).collect();
    let subject = |name| Ok(Subject { tenant: tenant.clone(), id: subject_of(event, name)?.to_owned() });
    names.into_iter().map(subject).collect()
}

/// The value of the field that says whose the personal ones are.
fn subject_of<'a>(event: &'a NewEvent, name: &str) -> Result<&'a str, StoreError> {
    let missing = || {
        let of = &event.event_type;
        StoreError::Invalid(format!(
            "an event `{of}` has no text in `{name}`, which says whose its personal fields are"
        ))
    };
    event.payload.get(name).and_then(Json::as_str).ok_or_else(missing)
}

/// Seals the personal fields of an event with the keys of their subjects, and marks it with the subjects.
///
/// # Errors
/// If it does not say whose they are, or the system gives no random bytes.
pub(super) fn seal(
    personal: &PersonalEvent,
    tenant: &Tenant,
    event: &mut NewEvent,
    keys: &HashMap<Subject, DataKey>,
) -> Result<(), StoreError> {
    let mut envelope = Envelope::new();
    let id = event.id.to_string();
    for field in personal.fields {
        let subject = Subject { tenant: tenant.clone(), id: subject_of(event, field.subject)?.to_owned() };
        let Some(key) = keys.get(&subject) else { continue };
        let Some(value) = event.payload.as_object_mut().and_then(|fields| fields.remove(field.field)) else { continue };
        let at = place(tenant, &id, &subject.id, field.field);
        let sealed = key.secret.seal(&at, value.to_string().as_bytes()).map_err(no_random_bytes)?;
        let one = entry(&mut envelope, &subject, key);
        one.fields.insert(field.field.to_owned(), sealed);
    }
    for tag in personal.tags {
        let subject = Subject { tenant: tenant.clone(), id: subject_of(event, tag.subject)?.to_owned() };
        if let Some(key) = keys.get(&subject) {
            entry(&mut envelope, &subject, key).tags.push(tag.prefix.to_owned());
        }
    }
    event.tags.extend(envelope.keys().map(|subject| subject_tag(subject)));
    envelope::close(event, &envelope)
}

fn entry<'e>(envelope: &'e mut Envelope, subject: &Subject, key: &DataKey) -> &'e mut Sealed {
    let empty = || Sealed { key: key.id.clone(), fields: BTreeMap::new(), tags: Vec::new() };
    envelope.entry(subject.id.clone()).or_insert_with(empty)
}

/// What stands in a store for a tag that is personal: equal for equal tags of a tenant, and nothing more.
pub(super) fn hidden(key: &Secret, tag: &Tag) -> Tag {
    Tag::new(format!("{}:~{}", prefix(tag), key.name(&["tag", tag.as_str()])))
}

/// Whether a query has a tag that is personal.
pub(super) fn asks(model: &Model, query: &Query) -> bool {
    match query {
        Query::All => false,
        Query::Items(items) => items.iter().flat_map(|item| &item.tags).any(|tag| model.hides(tag)),
    }
}

/// A query as it is put to the store, and what its hidden tags stand for. Without a key nothing has such tags yet.
pub(super) fn asked<'q>(model: &Model, key: Option<&Secret>, query: &'q Query) -> (Cow<'q, Query>, HashMap<Tag, Tag>) {
    let mut names = HashMap::new();
    let items = match query {
        Query::Items(items) if asks(model, query) => items,
        _ => return (Cow::Borrowed(query), names),
    };
    let mut hide = |item: &QueryItem| {
        let mut tags = Vec::with_capacity(item.tags.len());
        for tag in &item.tags {
            tags.push(match key {
                _ if !model.hides(tag) => tag.clone(),
                Some(key) => {
                    let hidden = hidden(key, tag);
                    names.insert(hidden.clone(), tag.clone());
                    hidden
                }
                None => return None,
            });
        }
        Some(QueryItem { types: item.types.clone(), tags })
    };
    let items = items.iter().filter_map(&mut hide).collect();
    (Cow::Owned(Query::Items(items)), names)
}
