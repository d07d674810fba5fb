//! What a service seals and opens its events with.

use std::collections::{BTreeSet, HashMap};

use super::cipher::Secret;
use super::envelope::{self, Envelope, place};
use super::keys::{DataKey, Keys};
use super::model::Model;
use super::seal::{self, asked, asks, hidden, subjects};
use super::{PersonalEvent, Subject, subject_tag};
use crate::event::{NewEvent, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::store::{EventStore, Range, StoreError};
use crate::value::Json;

/// Events that are looked at for whether anything was ever sealed.
const LOOKED_AT: usize = 100;

/// What is personal, and the keys. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Vault {
    pub(super) model: Model,
    pub(super) keys: Keys,
}

/// What an opened event shows of its tags: what was asked for, as it was asked for.
pub(super) type Names = HashMap<Tag, Tag>;

impl Vault {
    /// For a service whose events say this, with keys that are open.
    pub(crate) fn new(personal: &[PersonalEvent], keys: Keys) -> Self {
        Self { model: Model::of(personal), keys }
    }

    /// Makes sure that the keys are those of these events: a store of keys that is new has to find nothing sealed, unless it
    /// is known that the keys are lost.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if they are not; what the stores say.
    pub(crate) async fn check(&self, events: &dyn EventStore, are_lost: bool) -> Result<(), StoreError> {
        if self.keys.is_begun().await? {
            return Ok(());
        }
        let query = Query::of([QueryItem::of(&self.model.types(), [])]);
        let newest = Range::default().backwards().limit(LOOKED_AT);
        for event in events.read_all(&query, newest).await? {
            if !are_lost && envelope::read(&event)?.is_some() {
                return Err(StoreError::Invalid(
                    "personal fields have been sealed, but the key store is new: KEYS_URL has to lead to the old one, or that \
                     has to be restored. If the keys are lost for good, `keys begin` lets the service start; what was sealed \
                     then reads as its defaults"
                        .to_owned(),
                ));
            }
        }
        self.keys.begin().await
    }

    /// The subjects of events that are to be stored.
    ///
    /// # Errors
    /// If one of them does not say whose its personal fields are.
    pub(super) fn subjects(&self, tenant: &Tenant, events: &[NewEvent]) -> Result<BTreeSet<Subject>, StoreError> {
        let mut found = BTreeSet::new();
        for event in events {
            found.extend(subjects(&self.model, tenant, event)?);
        }
        Ok(found)
    }

    /// Seals events, and hides their tags.
    ///
    /// # Errors
    /// If the key store fails.
    pub(super) async fn seal(
        &self,
        tenant: &Tenant,
        events: &mut [NewEvent],
        keys: &HashMap<Subject, DataKey>,
    ) -> Result<(), StoreError> {
        for event in events.iter_mut() {
            if let Some(personal) = self.model.event(&event.event_type) {
                seal::seal(personal, tenant, event, keys)?;
            }
            if event.tags.iter().any(|tag| self.model.hides(tag)) {
                let key = self.tag_key(tenant).await?;
                for tag in event.tags.iter_mut().filter(|tag| self.model.hides(tag)) {
                    *tag = hidden(&key, tag);
                }
            }
        }
        Ok(())
    }

    async fn tag_key(&self, tenant: &Tenant) -> Result<Secret, StoreError> {
        let made = self.keys.of_tags(tenant, true).await?;
        made.ok_or_else(|| StoreError::Invalid("the key of a tenant's tags was not made".to_owned()))
    }

    /// Whether a query may mean events with personal fields, or asks for tags that are hidden.
    pub(super) fn is_personal(&self, query: &Query) -> bool {
        let Query::Items(items) = query else { return true };
        let types = || items.iter().flat_map(|item| &item.types);
        asks(&self.model, query)
            || items.iter().any(|item| item.types.is_empty())
            || types().any(|of| self.model.event(of).is_some())
    }

    /// The query of a condition, as it is put to the store. Whoever appends under it finds the tags of whoever appends next.
    ///
    /// # Errors
    /// If the key store fails.
    pub(super) async fn condition(&self, tenant: &Tenant, query: Query) -> Result<Query, StoreError> {
        if !asks(&self.model, &query) {
            return Ok(query);
        }
        let key = self.tag_key(tenant).await?;
        Ok(asked(&self.model, Some(&key), &query).0.into_owned())
    }

    /// A query as it is put to the store, and what its tags stand for there; none if it is to be put as it is.
    ///
    /// # Errors
    /// If the key store fails, or personal tags are asked for across tenants, each of which has names of its own for them.
    pub(super) async fn query(
        &self,
        tenant: Option<&Tenant>,
        query: &Query,
    ) -> Result<Option<(Query, Names)>, StoreError> {
        if !asks(&self.model, query) {
            return Ok(None);
        }
        let Some(tenant) = tenant else {
            return Err(StoreError::Invalid("a personal tag can be asked for within one tenant alone".to_owned()));
        };
        let key = self.keys.of_tags(tenant, false).await?;
        let (query, names) = asked(&self.model, key.as_ref(), query);
        Ok(Some((query.into_owned(), names)))
    }

    /// Opens what was sealed of events. Keys are asked for here, after the events have been read: whoever sees that a subject
    /// was erased finds no key of it any more.
    ///
    /// # Errors
    /// If the key store fails, or what was sealed is not as it was.
    pub(super) async fn open(&self, events: &mut [StoredEvent], names: &Names) -> Result<(), StoreError> {
        let mut sealed: Vec<(usize, Envelope)> = Vec::new();
        let mut subjects = BTreeSet::new();
        for (number, event) in events.iter_mut().enumerate() {
            if let Some(envelope) = envelope::read(event)? {
                let whose = envelope.keys().map(|id| Subject { tenant: event.tenant.clone(), id: id.clone() });
                subjects.extend(whose);
                sealed.push((number, envelope));
            }
        }
        let keys = if subjects.is_empty() { HashMap::new() } else { self.keys.of_subjects(subjects).await? };
        for (number, envelope) in sealed {
            if let Some(event) = events.get_mut(number) {
                self.open_one(event, &envelope, &keys)?;
            }
        }
        for event in events {
            show(event, names);
        }
        Ok(())
    }

    fn open_one(
        &self,
        event: &mut StoredEvent,
        envelope: &Envelope,
        keys: &HashMap<Subject, DataKey>,
    ) -> Result<(), StoreError> {
        let (mut opened, id) = (Vec::new(), event.id.to_string());
        for (subject, sealed) in envelope {
            event.tags.retain(|tag| *tag != subject_tag(subject));
            let whose = Subject { tenant: event.tenant.clone(), id: subject.clone() };
            // One that came back has another key, and what was erased stays erased.
            let key = keys.get(&whose).filter(|key| key.id == sealed.key);
            for (field, text) in &sealed.fields {
                let value = match key {
                    Some(key) => value(key, &place(&event.tenant, &id, subject, field), text)
                        .ok_or_else(|| broken(event, field))?,
                    None => self.model.default(&event.event_type, field),
                };
                opened.push((field.clone(), value));
            }
        }
        envelope::unwrap(event, opened);
        Ok(())
    }
}

fn value(key: &DataKey, place: &[&str], sealed: &str) -> Option<Json> {
    serde_json::from_slice(&key.secret.open(place, sealed)?).ok()
}

fn broken(event: &StoredEvent, field: &str) -> StoreError {
    StoreError::Invalid(format!("`{field}` of event {} is not as it was sealed", event.id))
}

fn show(event: &mut StoredEvent, names: &Names) {
    for tag in &mut event.tags {
        if let Some(plain) = names.get(tag) {
            tag.clone_from(plain);
        }
    }
}
