//! Two services with a line between them that can be cut: one has events, the other one reads them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::super::{Events, Feed, Feeds};
use crate::auth::{AuthKeys, AuthSettings, Secret, ServiceKeys, Verifier};
use crate::automation::Peers;
use crate::consumer::{Consumer, Groups};
use crate::database::{Database, Databases};
use crate::event::{NewEvent, Position, Renamed, Tenant};
use crate::projection::{Engines, Registry};
use crate::rpc::Channel;
use crate::serve::over_network;
use crate::store::{Append, Appended};

pub(super) const SECRET: &str = "a secret that has thirty-two bytes";

/// Where both have their data.
#[derive(Clone, Copy)]
pub(super) enum On {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

impl On {
    pub(super) async fn open(self) -> Database {
        match self {
            Self::Sqlite => Database::open("sqlite::memory:", "unused").await.unwrap(),
            #[cfg(feature = "postgres")]
            Self::Postgres => Database::open(&crate::store::conformance::address_on_server(), "unused").await.unwrap(),
        }
    }
}

/// Waits until something is so.
pub(super) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..6000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

pub(super) fn keys() -> ServiceKeys {
    ServiceKeys::new(&Secret::new(SECRET).unwrap()).unwrap()
}

/// The service that has events.
pub(super) struct Enrollment {
    pub(super) database: Database,
    line: watch::Sender<Line>,
    /// Where the line begins.
    pub(super) address: SocketAddr,
}

/// How the line is. Whatever it carries ends when it changes.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) is_open: bool,
    /// Whether what it carried is neither carried on nor ended.
    is_silent: bool,
    times: u32,
}

impl Enrollment {
    pub(super) async fn open(on: On) -> Self {
        Self::serving(on.open().await).await
    }

    pub(super) async fn serving(database: Database) -> Self {
        let secret = AuthKeys::Secret(Secret::new(SECRET).unwrap());
        let settings = AuthSettings { keys: secret, issuer: None, audience: None };
        let verifier = Arc::new(Verifier::new(&settings).unwrap().with_services(keys()));
        let events =
            Events::new([("enrollment", Arc::clone(database.events()), database.names().clone())], verifier, None);
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let behind = server.local_addr().unwrap();
        let served = Server::builder().add_routes(Routes::new(events)).serve_with_incoming(TcpIncoming::from(server));
        tokio::spawn(served);
        let line = watch::Sender::new(Line { is_open: true, is_silent: false, times: 0 });
        let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = front.local_addr().unwrap();
        tokio::spawn(carry(front, behind, line.subscribe()));
        Self { database, line, address }
    }

    /// Ends all connections, and takes new ones only if it is open.
    pub(super) fn turn(&self, is_open: bool) {
        self.line.send_modify(|line| *line = Line { is_open, is_silent: false, times: line.times + 1 });
    }

    /// Carries on nothing of what it carries, without a word. New connections it takes.
    pub(super) fn is_silent(&self) {
        self.line.send_modify(|line| *line = Line { is_open: true, is_silent: true, times: line.times + 1 });
    }

    pub(super) fn channel(&self) -> Channel {
        over_network(&format!("http://{}", self.address), Duration::from_secs(20)).unwrap()
    }

    pub(super) async fn append(&self, tenant: &str, events: Vec<NewEvent>) -> Position {
        match self.database.events().append(Append::new(Tenant::new(tenant), events)).await.unwrap() {
            Appended::Done(positions) => positions.last,
            Appended::Repeated(_) => panic!("no key was given"),
        }
    }
}

async fn carry(front: TcpListener, behind: SocketAddr, line: watch::Receiver<Line>) {
    while let Ok((mut here, _)) = front.accept().await {
        let mut line = line.clone();
        let now = *line.borrow();
        if now.is_open {
            tokio::spawn(async move {
                let mut there = TcpStream::connect(behind).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                    _ = line.wait_for(|line| *line != now) => {}
                }
                let _ = line.wait_for(|line| *line != now && !line.is_silent).await;
            });
        }
    }
}

/// The service that reads.
pub(super) struct Billing {
    pub(super) databases: Databases,
    pub(super) feeds: Feeds,
}

impl Billing {
    pub(super) async fn open(on: On, enrollment: &Enrollment) -> Self {
        Self::on(on.open().await, enrollment)
    }

    pub(super) fn on(database: Database, enrollment: &Enrollment) -> Self {
        Self::knowing(database, enrollment, &[])
    }

    /// Whoever knows that these were renamed.
    pub(super) fn knowing(database: Database, enrollment: &Enrollment, renamed: &'static [Renamed]) -> Self {
        let feeds = feeds(enrollment, &database, renamed);
        Self { databases: Databases::single(database), feeds }
    }

    /// As after a restart.
    pub(super) fn again(self, enrollment: &Enrollment) -> Self {
        Self { feeds: feeds(enrollment, &self.databases.all()[0], &[]), ..self }
    }

    pub(super) fn feed(&self) -> Arc<dyn Feed> {
        self.feeds.of(Some("enrollment"), self.databases.all()[0].events()).unwrap()
    }

    pub(super) async fn project(&self) -> Engines {
        let registry = Registry::new("billing").add::<super::tally::Tally>();
        registry.start_on(&self.databases, &self.feeds).await.unwrap()
    }

    pub(super) async fn consume(&self, consumer: Arc<dyn Consumer>) -> Groups {
        Groups::start_on(&[consumer], &self.databases, &self.feeds).await.unwrap()
    }
}

fn feeds(enrollment: &Enrollment, own: &Database, renamed: &'static [Renamed]) -> Feeds {
    let peers = Peers::new(keys());
    peers.open([("enrollment".to_owned(), enrollment.channel())].into());
    Feeds::new(("billing", own), peers, [("enrollment", renamed)].into())
}
