//! A club whose members and badges have values that no other has. The same without constraints, as an earlier program had it.

use crate::On;
use crate::fixture::{address, caller, healthy, skip};
use scaffold_runtime::auth::{AuthKeys, AuthSettings};
use scaffold_runtime::codegen::event::{decode, encode};
use scaffold_runtime::codegen::*;
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::event::{Metadata, NewEvent, Position};
use scaffold_runtime::projection::{Engines, Registry};
use scaffold_runtime::store::{Append, Appended};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

events! {
    MemberCreated { id: String, email: Option<String>, team: String, number: Option<i64> }
        tags |event| vec![Tag::new(format!("member:{}", event.id))];
    MemberUpdated { id: String, email: Option<String>, no_email: Option<bool>, team: Option<String>, number: Option<i64> }
        tags |event| vec![Tag::new(format!("member:{}", event.id))];
    MemberDeleted { id: String } tags |event| vec![Tag::new(format!("member:{}", event.id))];
    BadgeGiven { badge: String, code: Option<String>, note: String } tags |_| vec![];
    BadgeTaken { badge: String } tags |_| vec![];
    BadgesCoded { code: String, note: String } tags |_| vec![];
}

/// A member; `HELD` says whether the constraints are declared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member<const HELD: bool> {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub email: Option<String>,
    pub team: String,
    pub number: Option<i64>,
}

const MEMBER: &[Column] =
    &[Column::text("email", "email").indexed(), Column::text("team", "team"), Column::integer("number", "number")];

impl<const HELD: bool> Entry for Member<HELD> {
    const TABLE: Table = Table {
        entry: "Member",
        name: "member",
        definition: if HELD { "11111111" } else { "00000000" },
        columns: MEMBER,
        indexes: &[&["team", "number"]],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);
    const UNIQUE: &'static [Unique] = if HELD {
        &[
            Unique { name: "member_email", columns: &["email"] },
            Unique { name: "one_number", columns: &["team", "number"] },
        ]
    } else {
        &[]
    };
    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, email: None, team: String::new(), number: None }
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn created_at(&self) -> DateTime {
        self.created_at
    }
    fn changed_at(&self) -> DateTime {
        self.changed_at
    }
    fn touch(&mut self, at: DateTime) {
        self.changed_at = at;
    }
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::from(&self.email), Value::from(&self.team), Value::from(self.number)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            email: row.optional_text("email")?,
            team: row.text("team")?,
            number: row.optional_integer("number")?,
        })
    }
}

impl<const HELD: bool> Projection for Member<HELD> {
    type Event = Event;
    const SOURCES: &'static [Source] =
        &[Source { topic: "school", types: &["MemberCreated", "MemberUpdated", "MemberDeleted"] }];
    const HELD_BY_WRITERS: bool = HELD;
    fn route(event: &Event, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::MemberCreated(event) => vec![Route::upsert(&event.id)],
            Event::MemberUpdated(event) => vec![Route::upsert(&event.id)],
            Event::MemberDeleted(event) => vec![Route::remove(&event.id)],
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _: &Meta) -> Result<(), EvalError> {
        match event.clone() {
            Event::MemberCreated(event) => {
                (self.email, self.team, self.number) = (event.email, event.team, event.number);
            }
            Event::MemberUpdated(event) => {
                if event.email.is_some() || event.no_email.is_some() {
                    self.email = event.email;
                }
                self.team = event.team.unwrap_or_else(|| self.team.clone());
                self.number = event.number.or(self.number);
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Clone, Debug, Default)]
pub struct Data {
    pub email: Option<String>,
    pub no_email: bool,
    pub team: Option<String>,
    pub number: Option<i64>,
}

impl<const HELD: bool> CrudType for Member<HELD> {
    type Create = Data;
    type Update = Data;
    const NAME: &'static str = "Member";
    fn tag(id: &str) -> Tag {
        Tag::new(format!("member:{id}"))
    }
    fn create(id: String, data: Data, _: &Context<'_>) -> Result<Event, Invalid> {
        Ok(MemberCreated { id, email: data.email, team: data.team.unwrap_or_default(), number: data.number }.into())
    }
    fn update(&self, data: Data, _: &Context<'_>) -> Result<Option<Event>, Invalid> {
        let Data { email, no_email, team, number } = data;
        let no_email = no_email.then_some(true);
        Ok(Some(MemberUpdated { id: self.id.clone(), email, no_email, team, number }.into()))
    }
    fn delete(&self) -> Event {
        MemberDeleted { id: self.id.clone() }.into()
    }
}

/// A badge; the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Badge<const HELD: bool> {
    pub id: String,
    pub created_at: DateTime,
    pub changed_at: DateTime,
    pub code: Option<String>,
    pub note: String,
}

impl<const HELD: bool> Entry for Badge<HELD> {
    const TABLE: Table = Table {
        entry: "Badge",
        name: "badge",
        definition: if HELD { "11111111" } else { "00000000" },
        columns: &[Column::text("code", "code").indexed(), Column::text("note", "note")],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);
    const UNIQUE: &'static [Unique] = if HELD { &[Unique { name: "badge_code", columns: &["code"] }] } else { &[] };
    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, code: None, note: String::new() }
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn created_at(&self) -> DateTime {
        self.created_at
    }
    fn changed_at(&self) -> DateTime {
        self.changed_at
    }
    fn touch(&mut self, at: DateTime) {
        self.changed_at = at;
    }
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::from(&self.code), Value::from(&self.note)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self {
            id: row.id(),
            created_at: row.created_at(),
            changed_at: row.changed_at(),
            code: row.optional_text("code")?,
            note: row.text("note")?,
        })
    }
}

impl<const HELD: bool> Projection for Badge<HELD> {
    type Event = Event;
    const SOURCES: &'static [Source] =
        &[Source { topic: "school", types: &["BadgeGiven", "BadgeTaken", "BadgesCoded"] }];
    fn route(event: &Event, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            Event::BadgeGiven(event) => vec![Route::upsert(&event.badge)],
            Event::BadgeTaken(event) => vec![Route::remove(&event.badge)],
            Event::BadgesCoded(_) => vec![Route::Upsert(Target::All)],
            _ => vec![],
        })
    }
    fn apply(&mut self, event: &Event, _: &Meta) -> Result<(), EvalError> {
        match event.clone() {
            Event::BadgeGiven(event) => {
                healthy(&event.note)?;
                (self.code, self.note) = (event.code, event.note);
            }
            // What the badges are coded with begins with their ids, unless it is said that it does not.
            Event::BadgesCoded(event) => {
                self.code = Some(event.code.replace('#', &self.id));
                self.note = event.note;
            }
            _ => {}
        }
        Ok(())
    }
}

/// A process of the club's service.
pub struct Club {
    pub service: Service,
    pub engines: Engines,
    pub databases: Databases,
    url: String,
    folder: Option<TempDir>,
}

impl Club {
    /// On a database of its own.
    pub async fn open(on: On) -> Self {
        let (url, folder) = address(on);
        Self::at::<true>(url, folder).await
    }

    /// A program of before there were constraints.
    pub async fn earlier(on: On) -> Self {
        let (url, folder) = address(on);
        Self::at::<false>(url, folder).await
    }

    async fn at<const HELD: bool>(url: String, folder: Option<TempDir>) -> Self {
        let databases = Databases::single(Database::open(&url, "club").await.unwrap());
        Self::on::<HELD>(databases, url, folder).await
    }

    async fn on<const HELD: bool>(databases: Databases, url: String, folder: Option<TempDir>) -> Self {
        let registry = Registry::new("club").add::<Member<HELD>>().add::<Badge<HELD>>();
        let engines = registry.start(&databases).await.unwrap();
        let settings = AuthSettings { keys: AuthKeys::None, issuer: None, audience: None };
        let verifier = Arc::new(Verifier::new(&settings).unwrap());
        let service = Service::new(databases.clone(), verifier, engines.clone(), "club");
        Self { service, engines, databases, url, folder }
    }

    /// Today's program beside this one: another process, or, on a file, a second service in the same.
    pub async fn beside(&self) -> Self {
        if self.url.starts_with("sqlite:") {
            return Self::on::<true>(self.databases.clone(), self.url.clone(), None).await;
        }
        Self::at::<true>(self.url.clone(), None).await
    }

    /// Today's program in this one's place.
    pub async fn again(mut self) -> Self {
        let (url, folder) = (self.url.clone(), self.folder.take());
        self.close().await;
        Self::at::<true>(url, folder).await
    }

    pub async fn close(self) {
        self.engines.stop().await;
        self.databases.close().await;
    }

    pub async fn ready(&self) {
        until(async || self.engines.is_ready()).await;
    }

    pub async fn append(&self, tenant: &str, events: Vec<Event>) -> Position {
        let new = |event| NewEvent::from_event(&event, Metadata::default()).unwrap();
        let append = Append::new(Tenant::new(tenant), events.into_iter().map(new).collect());
        match self.databases.all()[0].events().append(append).await.unwrap() {
            Appended::Done(at) => at.last,
            Appended::Repeated(_) => panic!("no key was given"),
        }
    }

    /// Appends, and waits until the badges have it.
    pub async fn happened(&self, events: Vec<Event>) -> Position {
        let position = self.append("t", events).await;
        let live = self.engines.live::<Badge<true>>(&Tenant::new("t")).unwrap().unwrap();
        live.reached(position, Duration::from_secs(60)).await.unwrap();
        position
    }

    pub async fn create(&self, id: &str, data: Data) -> Result<Member<true>, Status> {
        self.service.create::<Member<true>>(&caller("t"), Some(id.to_owned()), data).await.map_err(Status::of)
    }

    pub async fn update(&self, id: &str, data: Data) -> Result<Member<true>, Status> {
        self.service.update::<Member<true>>(&caller("t"), id.to_owned(), data).await.map_err(Status::of)
    }

    pub async fn delete(&self, id: &str) -> Result<(), Status> {
        let call = caller("t");
        let deleted = self.service.delete::<Member<true>>(&call, Some(id.to_owned()), Filter::everything());
        deleted.await.map(drop).map_err(Status::of)
    }

    /// All badges with their codes, in the order of their ids.
    pub async fn badges(&self) -> Vec<(String, Option<String>)> {
        let list = List { order: vec![Order::ascending("id")], strong: true, ..List::default() };
        let found = self.service.list::<Badge<true>>(&caller("t"), list).await.unwrap().data;
        found.into_iter().map(|badge| (badge.id, badge.code)).collect()
    }

    /// What lies aside of the badges: where, of which, and why.
    pub async fn aside(&self) -> Vec<(Position, Option<String>, String)> {
        let found = self.engines.parked("Badge", None, 100).await.unwrap().unwrap();
        found.into_iter().map(|one| (one.parked.position, one.parked.entry, one.parked.error)).collect()
    }

    /// Has what lies aside at this position of this entry tried again, and waits until it has been.
    pub async fn resend(&self, position: Position, entry: &str) {
        let all = async || self.engines.parked("Badge", None, 100).await.unwrap().unwrap();
        let is_it = |parked: &scaffold_runtime::tables::Parked| {
            parked.position == position && parked.entry.as_deref() == Some(entry)
        };
        let id = all().await.into_iter().find(|one| is_it(&one.parked)).unwrap().id;
        assert!(self.engines.resend("Badge", &id).await.unwrap());
        until(async || !all().await.iter().any(|one| one.id == id && one.resent)).await;
    }
}

/// Waits until it is so.
pub async fn until(is_so: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "it never came to be");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A refusal: code and message.
#[derive(Debug, PartialEq)]
pub struct Status(pub String, pub String);

impl Status {
    #[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
    fn of(status: tonic::Status) -> Self {
        Self(status::code(&status).to_owned(), status.message().to_owned())
    }

    /// The one of a constraint.
    pub fn of_constraint(name: &str) -> Self {
        Self("CONFLICT".to_owned(), format!("violation of unique constraint '{name}'"))
    }
}

pub fn email(email: &str) -> Data {
    Data { email: Some(email.to_owned()), ..Data::default() }
}

pub fn numbered(team: &str, number: i64) -> Data {
    Data { team: Some(team.to_owned()), number: Some(number), ..Data::default() }
}

pub fn given(badge: &str, code: &str) -> Event {
    BadgeGiven { badge: badge.into(), code: Some(code.into()), note: String::new() }.into()
}

pub fn taken(badge: &str) -> Event {
    BadgeTaken { badge: badge.into() }.into()
}

pub fn created(id: &str, email: &str) -> Event {
    MemberCreated { id: id.into(), email: Some(email.into()), ..MemberCreated::default() }.into()
}
