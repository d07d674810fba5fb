//! Erasing subjects.
//!
//! In this order: the key is thrown away, the erasure is recorded, the personal tags are taken from the subject's events. A repeat
//! finishes what a crash has cut short, wherever that was: without a key, it still finds the subject's events and no word of an
//! erasure behind them; with one, it finds tags.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::envelope;
use super::model::prefix;
use super::sealed::erasure_of;
use super::vault::Vault;
use super::{Subject, erased, subject_tag};
use crate::event::{Metadata, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::store::{Append, AppendError, Appended, EventStore, Range, StoreError};

/// Events read at once.
const PAGE: usize = 500;

/// Erases subjects of a service, and looks after the keys. Cheap to clone.
#[derive(Clone)]
pub struct Erasure(Arc<Inner>);

struct Inner {
    service: &'static str,
    /// As they are stored.
    events: Arc<dyn EventStore>,
    vault: Vault,
}

impl fmt::Debug for Erasure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Erasure").field(&self.0.service).finish()
    }
}

/// Who wants something erased, and why. It is kept with the event that records the erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub user: Option<String>,
    /// Why. Not the place for personal data.
    pub reason: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Erased {
    /// The subject is erased.
    Erased {
        /// Where the event stands that says so.
        position: Position,
    },
    /// It was erased before, and nothing new has been stored about it.
    Already {
        /// Where the event stands that says so.
        position: Position,
    },
    /// Nothing was ever sealed for it.
    Unknown,
}

impl Erasure {
    pub(crate) fn new(service: &'static str, events: Arc<dyn EventStore>, vault: Vault) -> Self {
        Self(Arc::new(Inner { service, events, vault }))
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// Erases the personal data of a subject: what was sealed reads as the fields' defaults from now on, whoever reads it, and
    /// projections fold its entries anew. It may come back later, under a key of its own.
    ///
    /// # Errors
    /// If a store fails. Then it is to be repeated: it may be half done.
    pub async fn erase(&self, tenant: &Tenant, subject: &str, by: By) -> Result<Erased, StoreError> {
        let subject = Subject { tenant: tenant.clone(), id: subject.to_owned() };
        let had_key = self.0.vault.keys.remove(&subject).await?;
        let newest = Range::default().backwards().limit(1);
        let last = self.0.events.read(tenant, &events_of(&subject), newest).await?.pop();
        let before = last.as_ref().filter(|last| Subject::erased_by(last).is_some()).map(|last| last.position);
        let erased = match (before, last) {
            (Some(position), _) if !had_key => Erased::Already { position },
            (None, None) if !had_key => return Ok(Erased::Unknown),
            _ => Erased::Erased { position: self.record(&subject, &by).await? },
        };
        self.take_tags(&subject).await?;
        if let Erased::Erased { position } = erased {
            let (service, user, reason) = (self.0.service, by.user, by.reason);
            tracing::info!(service, %tenant, subject = subject.id, user, reason, position, "a subject has been erased");
        }
        Ok(erased)
    }

    /// Erases once more those whose keys have come back with a backup of the key store, and takes tags away that have come
    /// back with one of the events. Gives how many subjects had to be erased.
    ///
    /// # Errors
    /// If a store fails. Then it is to be repeated.
    pub async fn replay(&self) -> Result<u64, StoreError> {
        let mut erasures = BTreeMap::new();
        let (query, mut after) = (Query::of([QueryItem::of(&[super::SUBJECT_ERASED], [])]), 0);
        loop {
            let page = self.0.events.read_all(&query, Range::after(after).limit(PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            erasures.extend(page.iter().filter_map(|event| Some((Subject::erased_by(event)?, event.position))));
        }
        let mut replayed = 0;
        for (subject, position) in erasures {
            if self.has_come_back(&subject, position).await? {
                let reason = Some(format!("the key was there again after the erasure at position {position}"));
                self.erase(&subject.tenant, &subject.id, By { user: None, reason }).await?;
                replayed += 1;
            } else {
                self.take_tags(&subject).await?;
            }
        }
        tracing::info!(service = self.0.service, subjects = replayed, "past erasures have been applied again");
        Ok(replayed)
    }

    /// Wraps all data keys with the newest master key. Gives how many were wrapped with another one.
    ///
    /// # Errors
    /// If the key store fails. Then it is to be repeated.
    pub async fn rotate(&self) -> Result<u64, StoreError> {
        let keys = self.0.vault.keys.rotate().await?;
        tracing::info!(service = self.0.service, keys, "data keys have been wrapped with the newest master key");
        Ok(keys)
    }

    /// Closes the key store.
    pub(crate) async fn close(&self) {
        self.0.vault.keys.close().await;
    }

    async fn record(&self, subject: &Subject, by: &By) -> Result<Position, StoreError> {
        let metadata = Metadata { user_id: by.user.clone(), reason: by.reason.clone(), ..Metadata::default() };
        let event = erased::event(self.0.service, &subject.id, metadata);
        match self.0.events.append(Append::new(subject.tenant.clone(), vec![event])).await {
            Ok(Appended::Done(positions)) => Ok(positions.last),
            Ok(Appended::Repeated(answer)) => Ok(answer.position),
            Err(AppendError::Store(error)) => Err(error),
            Err(AppendError::Conflict) => Err(StoreError::Busy("an append without a condition conflicts".to_owned())),
        }
    }

    /// Whether a subject has the key again that was thrown away: the one that events before the erasure were sealed with.
    async fn has_come_back(&self, subject: &Subject, erased: Position) -> Result<bool, StoreError> {
        let keys = self.0.vault.keys.of_subjects(BTreeSet::from([subject.clone()])).await?;
        let Some(key) = keys.get(subject) else { return Ok(false) };
        let mut found = false;
        self.each_page(subject, |event| {
            let sealed = envelope::read(event)?;
            let by = sealed.as_ref().and_then(|envelope| envelope.get(&subject.id)).map(|sealed| &sealed.key);
            found |= event.position < erased && by == Some(&key.id);
            Ok(Vec::new())
        })
        .await?;
        Ok(found)
    }

    /// Takes the subject's personal tags from its events up to its last erasure. What is sealed with a key that it has now is not
    /// erased: it came between the end of the old key and the word of it.
    async fn take_tags(&self, subject: &Subject) -> Result<(), StoreError> {
        let newest = Range::default().backwards().limit(1);
        let erased = Query::of([erasure_of(subject)]);
        let last = self.0.events.read(&subject.tenant, &erased, newest).await?;
        let Some(until) = last.first().map(|event| event.position) else { return Ok(()) };
        let keys = self.0.vault.keys.of_subjects(BTreeSet::from([subject.clone()])).await?;
        let key = keys.get(subject).map(|key| &key.id);
        self.each_page(subject, |event| {
            let envelope = envelope::read(event)?.filter(|_| event.position < until);
            let sealed = envelope.as_ref().and_then(|envelope| envelope.get(&subject.id));
            let Some(sealed) = sealed.filter(|sealed| Some(&sealed.key) != key) else { return Ok(Vec::new()) };
            let goes = |tag: &&Tag| sealed.tags.iter().any(|taken| taken == prefix(tag));
            Ok(event.tags.iter().filter(goes).map(|tag| (event.position, tag.clone())).collect())
        })
        .await
    }

    /// Looks at all events of a subject, and takes the tags away that are said to go.
    async fn each_page(
        &self,
        subject: &Subject,
        mut look: impl FnMut(&StoredEvent) -> Result<Vec<(Position, Tag)>, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let (query, mut after) = (events_of(subject), 0);
        loop {
            let page = self.0.events.read(&subject.tenant, &query, Range::after(after).limit(PAGE)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.position;
            let mut taken = Vec::new();
            for event in &page {
                taken.extend(look(event)?);
            }
            if !taken.is_empty() {
                self.0.events.untag(&subject.tenant, taken).await?;
            }
        }
    }
}

/// All that is stored about a subject: its events, and those that say that it was erased.
fn events_of(subject: &Subject) -> Query {
    Query::of([QueryItem::of(&[], [subject_tag(&subject.id)])])
}
