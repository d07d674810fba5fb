//! Data keys: one for each subject, and one for each tenant's tags. They are kept apart from the events, wrapped.
//!
//! No data key is held in memory from one read to the next: whoever opens an event asks the key store afterwards. So once a key
//! is gone nobody opens anything with it, in whatever process, and there is nothing to be told to anybody.

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ring::error::Unspecified;
use uuid::Uuid;

use super::Subject;
use super::cipher::Secret;
use super::master::{Master, Masters};
use crate::event::Tenant;
use crate::remembered::Remembered;
use crate::store::StoreError;

#[cfg(feature = "postgres")]
pub(crate) use postgres::PostgresKeys;
pub(crate) use sqlite::SqliteKeys;

/// Keys that are wrapped anew at once.
const PAGE: usize = 500;
/// How often it is tried to make a key that others throw away at the same time.
const ATTEMPTS: usize = 10;
/// Bytes of tenants' names whose keys for tags are held.
const TAG_KEYS: usize = 1 << 20;

/// Where a key belongs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    tenant: String,
    /// `subject`, `tags` or `store`.
    kind: String,
    /// Whose; empty where it is nobody's.
    subject: String,
}

impl Slot {
    fn of_subject(subject: &Subject) -> Self {
        Self { tenant: subject.tenant.as_str().to_owned(), kind: "subject".to_owned(), subject: subject.id.clone() }
    }

    /// That of a key that only says that the store was begun.
    fn of_store() -> Self {
        Self { tenant: String::new(), kind: "store".to_owned(), subject: String::new() }
    }

    fn of_tags(tenant: &Tenant) -> Self {
        Self { tenant: tenant.as_str().to_owned(), kind: "tags".to_owned(), subject: String::new() }
    }
}

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrapped {
    slot: Slot,
    /// What it is called. A key that is made for the same subject later is called something else.
    id: String,
    /// The master key that it is wrapped with.
    master: String,
    sealed: String,
}

impl Wrapped {
    /// Parts that a wrapped key belongs to: it opens in its own place alone.
    fn place<'a>(slot: &'a Slot, id: &'a str) -> [&'a str; 5] {
        ["data key", &slot.tenant, &slot.kind, &slot.subject, id]
    }
}

/// Where wrapped keys are kept.
#[async_trait::async_trait]
pub(crate) trait KeyStore: Send + Sync + 'static {
    /// The keys of these slots, as far as there are any, in no order.
    async fn find(&self, slots: Vec<Slot>) -> Result<Vec<Wrapped>, StoreError>;

    /// Keeps a key, unless its slot has one; gives the one that it has then, if nobody has thrown it away meanwhile.
    async fn keep(&self, key: Wrapped) -> Result<Option<Wrapped>, StoreError>;

    /// Throws a key away. False if there was none.
    async fn remove(&self, slot: Slot) -> Result<bool, StoreError>;

    /// Puts the same key, wrapped by another master, into the place of a key; nothing happens if that one is gone.
    async fn replace(&self, key: Wrapped) -> Result<(), StoreError>;

    /// Keys that this master did not wrap, at most so many.
    async fn wrapped_by_others(&self, master: &str, limit: usize) -> Result<Vec<Wrapped>, StoreError>;

    /// The names of all masters that have wrapped a key.
    async fn masters(&self) -> Result<BTreeSet<String>, StoreError>;

    /// Closes it.
    async fn close(&self);
}

/// A subject's key.
pub(super) struct DataKey {
    /// What it is called.
    pub(super) id: String,
    pub(super) secret: Secret,
}

/// The data keys of a service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keys {
    store: Arc<dyn KeyStore>,
    masters: Masters,
    /// Of tenants. These are never thrown away.
    of_tags: Arc<Remembered<Secret>>,
}

impl Keys {
    /// The keys in a store, under these masters.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if the store has keys that none of the masters opens; what the store says.
    pub(crate) async fn open(store: Arc<dyn KeyStore>, masters: Masters) -> Result<Self, StoreError> {
        let wrapped_by = store.masters().await?;
        if let Some(unknown) = wrapped_by.iter().find(|id| masters.named(id).is_none()) {
            return Err(StoreError::Invalid(format!(
                "there are data keys that were wrapped with another master key (`{unknown}`) than those in \
                 SCAFFOLD_MASTER_KEY; it has to stand there too, behind the newer ones, until `keys rotate` has been run"
            )));
        }
        Ok(Self { store, masters, of_tags: Arc::new(Remembered::new(TAG_KEYS)) })
    }

    /// Whether the store was ever begun, as far as it knows: if not, it is new, or another one than was meant.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn is_begun(&self) -> Result<bool, StoreError> {
        Ok(!self.store.find(vec![Slot::of_store()]).await?.is_empty())
    }

    /// Begins the store.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn begin(&self) -> Result<(), StoreError> {
        self.made(Slot::of_store()).await.map(drop)
    }

    /// The keys that these subjects have now.
    ///
    /// # Errors
    /// If the store fails, or a key cannot be unwrapped.
    pub(super) async fn of_subjects(
        &self,
        subjects: BTreeSet<Subject>,
    ) -> Result<HashMap<Subject, DataKey>, StoreError> {
        let slots = subjects.iter().map(Slot::of_subject).collect();
        let mut found: HashMap<Slot, Wrapped> =
            self.store.find(slots).await?.into_iter().map(|key| (key.slot.clone(), key)).collect();
        let mut keys = HashMap::new();
        for subject in subjects {
            if let Some(wrapped) = found.remove(&Slot::of_subject(&subject)) {
                keys.insert(subject, self.data_key(wrapped)?);
            }
        }
        Ok(keys)
    }

    /// The keys of these subjects, made for those that have none.
    ///
    /// # Errors
    /// As for [`Keys::of_subjects`].
    pub(super) async fn made_for(&self, subjects: BTreeSet<Subject>) -> Result<HashMap<Subject, DataKey>, StoreError> {
        let mut keys = self.of_subjects(subjects.clone()).await?;
        for subject in subjects {
            if let Entry::Vacant(missing) = keys.entry(subject) {
                let wrapped = self.made(Slot::of_subject(missing.key())).await?;
                missing.insert(self.data_key(wrapped)?);
            }
        }
        Ok(keys)
    }

    /// The key of a tenant's tags; none if there is none and it is not to be made.
    ///
    /// # Errors
    /// As for [`Keys::of_subjects`].
    pub(super) async fn of_tags(&self, tenant: &Tenant, make: bool) -> Result<Option<Secret>, StoreError> {
        if let Some(known) = self.of_tags.get(tenant.as_str()) {
            return Ok(Some(known));
        }
        let slot = Slot::of_tags(tenant);
        let wrapped = match self.store.find(vec![slot.clone()]).await?.pop() {
            Some(found) => found,
            None if make => self.made(slot).await?,
            None => return Ok(None),
        };
        let secret = self.data_key(wrapped)?.secret;
        self.of_tags.keep(tenant.as_str(), secret.clone());
        Ok(Some(secret))
    }

    /// Throws a subject's key away. False if there was none.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn remove(&self, subject: &Subject) -> Result<bool, StoreError> {
        self.store.remove(Slot::of_subject(subject)).await
    }

    /// Wraps all keys with the newest master that another one has wrapped. Gives how many.
    ///
    /// # Errors
    /// As for [`Keys::of_subjects`].
    pub(super) async fn rotate(&self) -> Result<u64, StoreError> {
        let newest = self.newest()?;
        let mut rotated = 0;
        loop {
            let page = self.store.wrapped_by_others(&newest.id, PAGE).await?;
            if page.is_empty() {
                return Ok(rotated);
            }
            for wrapped in page {
                let (slot, id) = (wrapped.slot.clone(), wrapped.id.clone());
                let secret = self.data_key(wrapped)?.secret;
                self.store.replace(wrap(newest, slot, id, &secret)?).await?;
                rotated += 1;
            }
        }
    }

    /// Closes the store.
    pub(crate) async fn close(&self) {
        self.store.close().await;
    }

    async fn made(&self, slot: Slot) -> Result<Wrapped, StoreError> {
        for _ in 0..ATTEMPTS {
            let secret = Secret::random().map_err(no_random_bytes)?;
            let key = wrap(self.newest()?, slot.clone(), Uuid::now_v7().to_string(), &secret)?;
            if let Some(kept) = self.store.keep(key).await? {
                return Ok(kept);
            }
        }
        Err(StoreError::Busy("a key is made and thrown away again and again".to_owned()))
    }

    fn data_key(&self, wrapped: Wrapped) -> Result<DataKey, StoreError> {
        let Some(master) = self.masters.named(&wrapped.master) else {
            let id = wrapped.master;
            return Err(StoreError::Invalid(format!(
                "a data key is wrapped with a master key that this process was not given (`{id}`)"
            )));
        };
        let place = Wrapped::place(&wrapped.slot, &wrapped.id);
        let secret = master.secret.open(&place, &wrapped.sealed).and_then(|bytes| Secret::of(&bytes));
        let secret = secret.ok_or_else(|| StoreError::Invalid("a data key is not as it was wrapped".to_owned()))?;
        Ok(DataKey { id: wrapped.id, secret })
    }

    fn newest(&self) -> Result<&Master, StoreError> {
        self.masters.newest().ok_or_else(|| StoreError::Invalid("there is no master key".to_owned()))
    }
}

fn wrap(master: &Master, slot: Slot, id: String, secret: &Secret) -> Result<Wrapped, StoreError> {
    let sealed = master.secret.seal(&Wrapped::place(&slot, &id), secret.bytes()).map_err(no_random_bytes)?;
    Ok(Wrapped { slot, id, master: master.id.clone(), sealed })
}

/// What it means when nothing can be sealed.
pub(super) fn no_random_bytes(_: Unspecified) -> StoreError {
    StoreError::Invalid("the system gives no random bytes".to_owned())
}
