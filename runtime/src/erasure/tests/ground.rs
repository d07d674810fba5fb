//! People who sign up with an e-mail address, on stores of every kind.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;

use crate::erasure::{
    Erasure, KeyStore, Keys, Masters, Personal, PersonalEvent, PersonalTag, SealedEvents, SqliteKeys, Vault,
};
use crate::event::{
    self, DecodeError, DomainEvent, EncodeError, EventSet, Metadata, NewEvent, Payload, Query, QueryItem, StoredEvent,
    Tag, Tenant,
};
use crate::expr::EvalError;
use crate::store::sqlite::{Sqlite, SqliteEvents};
use crate::store::{Append, Appended, EventStore, MemoryEvents, Positions, Range};
use crate::value::Json;

/// Somebody has signed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedUp {
    pub(crate) person_id: String,
    pub(crate) email: String,
    pub(crate) age: Option<i64>,
    pub(crate) plan: String,
}

impl DomainEvent for SignedUp {
    const TYPE: &'static str = "SignedUp";
    const TOPIC: &'static str = "people";
    const VERSION: u32 = 1;
    const PERSONAL: &'static [Personal] = &[
        Personal { field: "email", subject: "personId", default: "\"\"" },
        Personal { field: "age", subject: "personId", default: "null" },
    ];
    const PERSONAL_TAGS: &'static [PersonalTag] = &[PersonalTag { prefix: "email", subject: "personId" }];

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(vec![Tag::new(format!("person:{}", self.person_id)), Tag::new(format!("email:{}", self.email))])
    }
}

/// An address is known to be a spammer's: nobody's in particular.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Banned {
    pub(crate) email: String,
}

impl DomainEvent for Banned {
    const TYPE: &'static str = "Banned";
    const TOPIC: &'static str = "people";
    const VERSION: u32 = 1;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(vec![Tag::new(format!("email:{}", self.email))])
    }
}

/// Any of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum People {
    SignedUp(SignedUp),
    Banned(Banned),
}

impl EventSet for People {
    const TYPES: &'static [&'static str] = &["Banned", "SignedUp"];
    const PERSONAL: &'static [PersonalEvent] = &[PersonalEvent::of::<SignedUp>()];

    fn decode(event_type: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        Ok(Some(match event_type {
            "SignedUp" => Self::SignedUp(event::decode(version, payload)?),
            "Banned" => Self::Banned(event::decode(version, payload)?),
            _ => return Ok(None),
        }))
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        match self {
            Self::SignedUp(event) => event::encode(event),
            Self::Banned(event) => event::encode(event),
        }
    }

    fn event_type(&self) -> &'static str {
        match self {
            Self::SignedUp(_) => "SignedUp",
            Self::Banned(_) => "Banned",
        }
    }
}

/// A master key, as text.
pub(crate) fn master() -> String {
    Masters::made().unwrap().to_string()
}

/// A service's stores.
pub(crate) struct Ground {
    /// As a service sees them.
    pub(crate) events: Arc<dyn EventStore>,
    /// As they are stored.
    pub(crate) raw: Arc<dyn EventStore>,
    pub(crate) vault: Vault,
    pub(crate) erasure: Erasure,
    /// Files, as long as they are needed.
    pub(crate) folder: TempDir,
}

/// All kinds of stores, each with nothing in it.
pub(crate) async fn grounds() -> Vec<Ground> {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("people.db")).unwrap();
    let keys = SqliteKeys::open(&folder.path().join("people.keys.db")).unwrap();
    let mut grounds = vec![
        Ground::new(Arc::new(MemoryEvents::new()), Arc::new(SqliteKeys::in_memory().unwrap()), tempdir()).await,
        Ground::new(Arc::new(SqliteEvents::new(database)), Arc::new(keys), folder).await,
    ];
    #[cfg(feature = "postgres")]
    {
        let address = crate::store::conformance::address_on_server();
        let events = crate::store::postgres::PostgresEvents::open(&address, "unused").await.unwrap();
        let (schema, pool) = events.rest();
        let keys = crate::erasure::PostgresKeys::beside(schema, pool).await.unwrap();
        grounds.push(Ground::new(Arc::new(events), Arc::new(keys), tempdir()).await);
    }
    grounds
}

fn tempdir() -> TempDir {
    tempfile::tempdir().unwrap()
}

impl Ground {
    pub(crate) async fn new(raw: Arc<dyn EventStore>, keys: Arc<dyn KeyStore>, folder: TempDir) -> Self {
        Self::with(raw, keys, &master(), folder).await
    }

    pub(crate) async fn with(raw: Arc<dyn EventStore>, keys: Arc<dyn KeyStore>, master: &str, folder: TempDir) -> Self {
        let keys = Keys::open(keys, Masters::parse(master).unwrap()).await.unwrap();
        let vault = Vault::new(People::PERSONAL, keys);
        vault.check(&*raw, false).await.unwrap();
        let erasure = Erasure::new("people", Arc::clone(&raw), vault.clone());
        let events = Arc::new(SealedEvents::new(Arc::clone(&raw), vault.clone()));
        Self { events, raw, vault, erasure, folder }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn sign_up(&self, person: &str, email: &str) -> Positions {
        put(&*self.events, signed_up(person, email)).await
    }

    /// What is read back of the events with a tag.
    pub(crate) async fn tagged(&self, tag: &str) -> Vec<StoredEvent> {
        let query = Query::of([QueryItem::of(&[], [Tag::new(tag)])]);
        self.events.read(&tenant(), &query, Range::default()).await.unwrap()
    }

    /// The e-mail addresses of a person, as they read now.
    pub(crate) async fn emails(&self, person: &str) -> Vec<String> {
        let found = self.tagged(&format!("person:{person}")).await;
        found.iter().map(|event| event.payload["email"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn tenant() -> Tenant {
    Tenant::new("acme")
}

pub(crate) fn signed_up(person: &str, email: &str) -> NewEvent {
    let (person_id, email, plan) = (person.to_owned(), email.to_owned(), "basic".to_owned());
    of(People::SignedUp(SignedUp { person_id, email, age: Some(42), plan }))
}

pub(crate) fn banned(email: &str) -> NewEvent {
    of(People::Banned(Banned { email: email.to_owned() }))
}

fn of(event: People) -> NewEvent {
    NewEvent::from_event(&event, Metadata::default()).unwrap()
}

pub(crate) async fn put(events: &dyn EventStore, event: NewEvent) -> Positions {
    match events.append(Append::new(tenant(), vec![event])).await.unwrap() {
        Appended::Done(positions) => positions,
        Appended::Repeated(answer) => panic!("repeated: {answer:?}"),
    }
}

/// The payload of a person who is there.
pub(crate) fn whole(person: &str, email: &str) -> Json {
    json!({ "personId": person, "email": email, "age": 42, "plan": "basic" })
}
