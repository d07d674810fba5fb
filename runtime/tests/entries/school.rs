//! The hand-written service, running on a database of its own.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{Course, Event, On, Student, caller};
use super::tickets::Ticket;
use scaffold_runtime::auth::{AuthKeys, AuthSettings};
use scaffold_runtime::codegen::*;
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::event::{Metadata, NewEvent, Position};
use scaffold_runtime::projection::{Engines, Registry};
use scaffold_runtime::store::{Append, Appended};
use tempfile::TempDir;

#[cfg(feature = "postgres")]
static SERVER: std::sync::LazyLock<crate::server::Server> = std::sync::LazyLock::new(crate::server::Server::start);

/// A database that nobody else uses, and its folder if it has one.
pub fn address(on: On) -> (String, Option<TempDir>) {
    match on {
        On::Sqlite => {
            let folder = TempDir::new().unwrap();
            (format!("sqlite:{}", folder.path().join("school.db").display()), Some(folder))
        }
        #[cfg(feature = "postgres")]
        On::Postgres => (SERVER.schema(), None),
    }
}

/// The service on a database of its own.
pub struct School {
    pub service: Service,
    pub engines: Engines,
    pub databases: Databases,
    url: String,
    /// Where a file is, until it is used no more.
    folder: Option<TempDir>,
}

impl School {
    pub async fn open(on: On) -> Self {
        let (url, folder) = address(on);
        Self::at(url, folder).await
    }

    /// The service on a database in which much has happened already, some of it in this way.
    pub async fn after(on: On, tenant: &str, events: Vec<NewEvent>) -> Self {
        let (url, folder) = address(on);
        let database = Database::open(&url, "school").await.unwrap();
        database.events().append(Append::new(Tenant::new(tenant), events)).await.unwrap();
        database.close().await;
        Self::at(url, folder).await
    }

    /// The service on this database.
    pub async fn at(url: String, folder: Option<TempDir>) -> Self {
        Self::with(url, folder, Registry::new("school")).await
    }

    /// The same with more types than courses and students.
    pub async fn with(url: String, folder: Option<TempDir>, more: Registry) -> Self {
        let databases = Databases::single(Database::open(&url, "school").await.unwrap());
        let engines = more.add::<Course>().add::<Student>().add::<Ticket>();
        let engines = engines.start(&databases).await.unwrap();
        let service = service(&databases, &engines);
        Self { service, engines, databases, url, folder }
    }

    /// Another service on the same database, which knows nothing of this one.
    pub fn twin(&self) -> Service {
        service(&self.databases, &self.engines)
    }

    /// Another process on the same database, which must be one that can be shared.
    #[cfg(feature = "postgres")]
    pub async fn beside(&self) -> Self {
        Self::at(self.url.clone(), None).await
    }

    /// The same after a restart.
    pub async fn again(mut self) -> Self {
        let (url, folder) = (self.url.clone(), self.folder.take());
        self.close().await;
        Self::at(url, folder).await
    }

    pub async fn close(self) {
        self.engines.stop().await;
        self.databases.close().await;
    }

    pub async fn append(&self, tenant: &str, events: Vec<Event>) -> Position {
        let new = |event| NewEvent::from_event(&event, Metadata::default()).unwrap();
        self.append_new(tenant, events.into_iter().map(new).collect()).await
    }

    pub async fn append_new(&self, tenant: &str, events: Vec<NewEvent>) -> Position {
        let store = self.databases.all()[0].events();
        match store.append(Append::new(Tenant::new(tenant), events)).await.unwrap() {
            Appended::Done(at) => at.last,
            Appended::Repeated(_) => panic!("no key was given"),
        }
    }

    /// Appends, and waits until all projections have it.
    pub async fn happened(&self, tenant: &str, events: Vec<Event>) -> Position {
        let position = self.append(tenant, events).await;
        self.settled::<Course>(position).await;
        self.settled::<Student>(position).await;
        position
    }

    pub async fn settled<E: Entry>(&self, position: Position) {
        let live = self.engines.live::<E>(&Tenant::new("t")).unwrap().unwrap();
        live.reached(position, Duration::from_secs(60)).await.unwrap();
    }

    /// What lies aside of the courses: where, of which entry, and how often it was tried.
    pub async fn aside(&self) -> Vec<(Position, Option<String>, u32)> {
        let found = self.engines.parked("Course", None, 100).await.unwrap().unwrap();
        found.into_iter().map(|one| (one.parked.position, one.parked.entry, one.attempts)).collect()
    }

    /// Wants what lies aside at this position tried again, and waits until it has been.
    pub async fn resend(&self, position: Position) {
        let found = self.engines.parked("Course", None, 100).await.unwrap().unwrap();
        let one = found.into_iter().find(|one| one.parked.position == position).unwrap();
        assert!(self.engines.resend("Course", &one.id).await.unwrap());
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let waits = async || {
            let found = self.engines.parked("Course", None, 100).await.unwrap().unwrap();
            found.iter().any(|other| other.id == one.id && other.resent)
        };
        while waits().await {
            assert!(tokio::time::Instant::now() < deadline, "it was never tried again");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn courses(&self, tenant: &str) -> Vec<Course> {
        self.service.list::<Course>(&caller(tenant), List::default()).await.unwrap().data
    }

    pub async fn course(&self, tenant: &str, id: &str) -> Option<Course> {
        let get = Get { id: id.into(), return_empty: true, strong: true, ..Get::default() };
        self.service.get::<Course>(&caller(tenant), get).await.unwrap().entry
    }
}

fn service(databases: &Databases, engines: &Engines) -> Service {
    let settings = AuthSettings { keys: AuthKeys::None, issuer: None, audience: None };
    let verifier = Arc::new(Verifier::new(&settings).unwrap());
    Service::new(databases.clone(), verifier, engines.clone(), "school")
}
