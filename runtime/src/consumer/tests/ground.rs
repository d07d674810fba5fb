//! Databases to test on, and a consumer that notes what it was given.

use super::*;
use crate::consumer::groups::Place;
use crate::consumer::statement::{Row, SqlValue};
use crate::consumer::{Consumer, Delivery, Groups, Ledger};
use crate::feed::Feeds;
use crate::lease::sqlite::SqliteLeases;
use crate::lease::{Epoch, Leases, Timing};
use crate::store::sqlite::SqliteEvents;
use crate::store::{Append, Appended, StoreError};
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A database, with leases that are asked for often, and its address where others can open it too.
#[derive(Clone)]
pub(super) struct Ground(pub(super) Place, Option<Opened>);

/// Nothing that others could open.
#[cfg(not(feature = "postgres"))]
#[derive(Clone)]
enum Opened {}

/// A schema of a server, and how to close it.
#[cfg(feature = "postgres")]
#[derive(Clone)]
struct Opened {
    url: String,
    events: crate::store::postgres::PostgresEvents,
}

/// What a recorder does with a delivery, beside noting it.
pub(super) type Act = Box<dyn for<'a> Fn(Delivery<'a>) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync>;

impl Ground {
    pub(super) fn in_memory() -> Self {
        let place = Place::from(&crate::database::Database::in_memory().unwrap());
        Self(Place { leases: Arc::new(Quick::new(Arc::clone(&place.leases))), ..place }, None)
    }

    pub(super) fn on_sqlite(database: Sqlite) -> Self {
        let place = Place {
            events: Arc::new(SqliteEvents::new(database.clone())),
            ledger: Ledger::of_sqlite(database.clone()),
            leases: Arc::new(Quick::new(Arc::new(SqliteLeases::new(database)))),
            feeds: Feeds::default(),
        };
        Self(place, None)
    }

    #[cfg(feature = "postgres")]
    pub(super) async fn on_postgres(url: String) -> Self {
        let events = crate::store::postgres::PostgresEvents::open(&url, "unused").await.unwrap();
        let place = Place {
            events: Arc::new(events.clone()),
            ledger: Ledger::of_postgres(&events),
            leases: Arc::new(Quick::new(Arc::new(crate::lease::postgres::PostgresLeases::new(&events)))),
            feeds: Feeds::default(),
        };
        Self(place, Some(Opened { url, events }))
    }

    /// The same database as another process has it open; the very same where there can be no other.
    #[cfg(feature = "postgres")]
    pub(super) async fn elsewhere(&self) -> Self {
        match &self.1 {
            Some(opened) => Self::on_postgres(opened.url.clone()).await,
            None => self.clone(),
        }
    }

    #[cfg(not(feature = "postgres"))]
    pub(super) async fn elsewhere(&self) -> Self {
        self.clone()
    }

    #[cfg(feature = "postgres")]
    pub(super) async fn close(&self) {
        if let Some(opened) = &self.1 {
            opened.events.close().await;
        }
    }

    /// The same database as another process sees it, which believes to have its leases for as long as it is deaf.
    pub(super) fn deaf(&self) -> (Self, Arc<AtomicBool>) {
        let deaf = Arc::new(AtomicBool::new(false));
        let short = Duration::from_millis(1500);
        let leases = Quick { deaf: Arc::clone(&deaf), span: short, ..Quick::new(Arc::clone(&self.0.leases)) };
        (Self(Place { leases: Arc::new(leases), ..self.0.clone() }, self.1.clone()), deaf)
    }

    pub(super) async fn start(&self, recorders: &[&Arc<Recorder>]) -> Groups {
        let consumers: Vec<Arc<dyn Consumer>> =
            recorders.iter().map(|one| -> Arc<dyn Consumer> { Arc::<Recorder>::clone(one) }).collect();
        Groups::start_in(&consumers, std::slice::from_ref(&self.0)).await.unwrap()
    }

    pub(super) async fn append(&self, tenant: &str, event: NewEvent) -> Position {
        match self.0.events.append(Append::new(Tenant::new(tenant), vec![event])).await.unwrap() {
            Appended::Done(positions) => positions.last,
            Appended::Repeated(_) => panic!("no key was given"),
        }
    }

    pub(super) async fn parked(&self, group: &str) -> Vec<Parked> {
        self.0.ledger.parked(group, None, 100).await.unwrap()
    }

    /// Runs a statement and gives its rows.
    pub(super) async fn sql(&self, sql: &str) -> Vec<Row> {
        self.0.ledger.sql.run(None, vec![Statement::new(sql)]).await.unwrap().remove(0)
    }

    /// The integers that a statement finds.
    pub(super) async fn numbers(&self, sql: &str) -> Vec<i64> {
        let number = |row: &Row| match row[0] {
            SqlValue::Integer(value) => value,
            ref other => panic!("{other:?}"),
        };
        self.sql(sql).await.iter().map(number).collect()
    }
}

/// Leases that are asked for often, and may be told to hear nothing.
struct Quick {
    inner: Arc<dyn Leases>,
    /// Long enough that a busy machine loses none.
    span: Duration,
    deaf: Arc<AtomicBool>,
    last: Mutex<Option<Epoch>>,
}

impl Quick {
    fn new(inner: Arc<dyn Leases>) -> Self {
        Self { inner, span: Duration::from_secs(60), deaf: Arc::default(), last: Mutex::default() }
    }
}

#[async_trait::async_trait]
impl Leases for Quick {
    async fn take(&self, name: &str, owner: &str, span: Duration) -> Result<Option<Epoch>, StoreError> {
        if self.deaf.load(Ordering::SeqCst) {
            return Ok(*self.last.lock().unwrap());
        }
        let epoch = self.inner.take(name, owner, span).await?;
        *self.last.lock().unwrap() = epoch;
        Ok(epoch)
    }

    async fn release(&self, name: &str, owner: &str) -> Result<(), StoreError> {
        self.inner.release(name, owner).await
    }

    async fn is_current(&self, name: &str, epoch: Epoch) -> Result<bool, StoreError> {
        self.inner.is_current(name, epoch).await
    }

    fn timing(&self) -> Timing {
        Timing { span: self.span, every: Duration::from_millis(100) }
    }
}

/// A consumer that notes what it was given.
pub(super) struct Recorder {
    pub(super) name: &'static str,
    pub(super) options: Options,
    pub(super) query: Query,
    pub(super) prepare: Vec<Statement>,
    pub(super) act: Act,
    pub(super) seen: Mutex<Vec<Seen>>,
}

/// A delivery that was noted when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) tenant: String,
    pub(super) position: Position,
    pub(super) attempt: u32,
}

impl Recorder {
    pub(super) fn new(name: &'static str, act: Act) -> Self {
        let retry = Retry { attempts: 4, from: Duration::from_millis(20), to: Duration::from_millis(100) };
        Self {
            name,
            options: Options { retry, ..Options::default() },
            query: Query::All,
            prepare: Vec::new(),
            act,
            seen: Mutex::default(),
        }
    }

    /// One that has nothing against anything.
    pub(super) fn content(name: &'static str) -> Self {
        Self::new(name, Box::new(|_| Box::pin(async { Ok(()) })))
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The positions that a tenant's events had, in the order in which they came.
    pub(super) fn positions(&self, tenant: &str) -> Vec<Position> {
        self.seen().into_iter().filter(|seen| seen.tenant == tenant).map(|seen| seen.position).collect()
    }

    pub(super) async fn has_seen(&self, count: usize) {
        until("all are handled", async || self.seen().len() >= count).await;
    }
}

#[async_trait::async_trait]
impl Consumer for Recorder {
    fn name(&self) -> &str {
        self.name
    }

    fn query(&self) -> Query {
        self.query.clone()
    }

    fn options(&self) -> Options {
        self.options.clone()
    }

    fn prepare(&self) -> Vec<Statement> {
        self.prepare.clone()
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        let Delivery { event, attempt, .. } = delivery;
        let tenant = event.tenant.as_str().to_owned();
        self.seen.lock().unwrap().push(Seen { tenant, position: event.position, attempt });
        (self.act)(delivery).await
    }
}
