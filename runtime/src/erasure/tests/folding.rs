//! Entries of erased subjects: their own ones, those that they share with others, and those in another service.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::entries::{Person, Plan};
use super::ground::{Ground, People, banned, master, put, tenant};
use crate::change::{Change, Wanted, changes};
use crate::database::{Database, Databases};
use crate::entry::Entry;
use crate::erasure::{By, Erasure, Keys, KeysAt, Masters, Vault};
use crate::event::{EventSet, Position};
use crate::feed::{Feed, Feeds, Own};
use crate::projection::{Engines, Live, Registry};
use crate::query::{Filter, List, Selection};
use crate::tables::Changes;

const LONG: Duration = Duration::from_secs(60);

/// A service with projections of its own events, and of the same as those of another service.
struct Service {
    database: Database,
    erasure: Erasure,
    _folder: tempfile::TempDir,
}

async fn services() -> Vec<Service> {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("people.db").display());
    let mut services = vec![Service::open(&file, folder).await];
    #[cfg(feature = "postgres")]
    {
        let address = crate::store::conformance::address_on_server();
        services.push(Service::open(&address, tempfile::tempdir().unwrap()).await);
    }
    services
}

impl Service {
    async fn open(url: &str, folder: tempfile::TempDir) -> Self {
        let raw = Database::open(url, "unused").await.unwrap();
        let store = raw.keys(KeysAt::of(None, url).unwrap(), "unused").await.unwrap();
        let vault = Vault::new(People::PERSONAL, Keys::open(store, Masters::parse(&master()).unwrap()).await.unwrap());
        let erasure = Erasure::new("people", Arc::clone(raw.events()), vault.clone());
        Self { database: raw.sealed(vault), erasure, _folder: folder }
    }

    /// Projections in tables whose names begin so.
    async fn project(&self, name: &'static str) -> Engines {
        let feed: Arc<dyn Feed> = Arc::new(Own::new(Arc::clone(self.database.events())));
        let registry = Registry::new(name).add::<Person>().add::<Plan>();
        let databases = Databases::single(self.database.clone());
        registry.start_on(&databases, &Feeds::given([("people", feed)])).await.unwrap()
    }

    async fn sign_up(&self, person: &str, email: &str) -> Position {
        put(&**self.database.events(), super::ground::signed_up(person, email)).await.last
    }

    async fn erase(&self, person: &str) -> Position {
        self.erasure.erase(&tenant(), person, By::default()).await.unwrap();
        self.database.events().head().await.unwrap()
    }
}

fn live<E: Entry>(engines: &Engines) -> &Live {
    engines.live::<E>(&tenant()).unwrap().unwrap()
}

/// All that the tables hold, once they are there.
async fn all(engines: &Engines, position: Position) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for (live, table) in [(live::<Person>(engines), Person::TABLE), (live::<Plan>(engines), Plan::TABLE)] {
        live.reached(position, LONG).await.unwrap();
        let list = Selection::new(table, List { limit: 100, ..List::default() }).unwrap();
        for row in live.tables.list(&live.place, &tenant(), list).await.unwrap().rows {
            let entry = row.into_entry::<Person>().unwrap();
            found.insert(entry.id, (entry.email, entry.note));
        }
    }
    found
}

fn entry(email: &str, note: &str) -> (String, String) {
    (email.to_owned(), note.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_become_what_a_rebuild_would_give() {
    for service in services().await {
        let engines = service.project("live").await;
        service.sign_up("ada", "ada@lovelace.uk").await;
        service.sign_up("bob", "bob@example.org").await;
        put(&**service.database.events(), banned("ada@lovelace.uk")).await;
        let position = service.sign_up("eve", "eve@example.org").await;
        let before = all(&engines, position).await;
        assert_eq!(before["ada"], entry("ada@lovelace.uk", "basic at lovelace.uk, banned"));
        assert_eq!(before["basic"].1, "[ada@lovelace.uk][bob@example.org][eve@example.org]");

        let position = service.erase("ada").await;
        let after = all(&engines, position).await;
        assert_eq!(after["ada"], entry("", "basic at nowhere"), "what derives from it too");
        assert_eq!(after["bob"], before["bob"]);
        assert_eq!(after["basic"], entry("eve@example.org", "[][bob@example.org][eve@example.org]"));
        let rebuilt = service.project("rebuilt").await;
        assert_eq!(all(&rebuilt, position).await, after);

        // Both go on alike, when the person comes back and is erased once more.
        service.sign_up("ada", "ada@example.org").await;
        let position = service.sign_up("ada", "ada@work.example").await;
        assert_eq!(all(&engines, position).await["ada"], entry("ada@work.example", "basic at work.example"));
        let position = service.erase("ada").await;
        let after = all(&engines, position).await;
        assert_eq!(after["ada"], entry("", "basic at nowhere"));
        assert_eq!(all(&rebuilt, position).await, after);
        engines.stop().await;
        rebuilt.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_while_it_was_away_is_made_up_for() {
    for service in services().await {
        let engines = service.project("live").await;
        for number in 0..30 {
            service.sign_up(&format!("p{number}"), &format!("{number}@example.org")).await;
        }
        let position = service.database.events().head().await.unwrap();
        assert_eq!(all(&engines, position).await["p7"].0, "7@example.org");
        engines.stop().await;
        for number in 0..20 {
            service.erase(&format!("p{number}")).await;
        }
        let position = service.sign_up("p30", "30@example.org").await;
        let again = service.project("live").await;
        let after = all(&again, position).await;
        assert_eq!((after["p7"].0.as_str(), after["p25"].0.as_str()), ("", "25@example.org"));
        let rebuilt = service.project("rebuilt").await;
        assert_eq!(all(&rebuilt, position).await, after);
        again.stop().await;
        rebuilt.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_are_told_and_the_log_forgets() {
    for service in services().await {
        let engines = service.project("live").await;
        let live = live::<Person>(&engines);
        let wanted = |filter| Wanted { tenant: tenant(), id: None, filter, rows: Filter::everything(), after: 0 };
        let mut all = Box::pin(changes::<Person>(live.clone(), wanted(Filter::everything())));
        let hers = Filter::equals("email", "ada@lovelace.uk");
        let mut hers = Box::pin(changes::<Person>(live.clone(), wanted(hers)));
        let position = service.sign_up("ada", "ada@lovelace.uk").await;
        live.reached(position, LONG).await.unwrap();
        let position = service.sign_up("ada", "ada@lovelace.uk").await;
        live.reached(position, LONG).await.unwrap();
        for stream in [&mut all, &mut hers] {
            let Some(Ok(Change::Data(ada))) = stream.next().await else { panic!("she has signed up") };
            assert_eq!(ada.email, "ada@lovelace.uk");
        }
        let position = service.erase("ada").await;
        live.reached(position, LONG).await.unwrap();
        loop {
            match all.next().await.unwrap().unwrap() {
                Change::Data(ada) if ada.email.is_empty() => break,
                // The second time that she signed up.
                Change::Data(_) => {}
                Change::Removed(id) => panic!("{id} is still there"),
            }
        }
        let removed = Change::Removed("ada".to_owned());
        while hers.next().await.unwrap().unwrap() != removed {}
        let Changes::Found(log) = live.tables.changes(&live.place, &tenant(), 0, 100).await.unwrap() else { panic!() };
        assert!(log.iter().all(|change| change.before.is_none()), "{log:?}");
        assert!(log.last().unwrap().is_forgotten);
        engines.stop().await;
    }
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_reads_what_another_one_has_erased() {
    let (address, key) = (crate::store::conformance::address_on_server(), master());
    let mut processes = Vec::new();
    for _ in 0..2 {
        let events = crate::store::postgres::PostgresEvents::open(&address, "unused").await.unwrap();
        let (schema, pool) = events.rest();
        let keys = Arc::new(crate::erasure::PostgresKeys::beside(schema, pool).await.unwrap());
        processes.push(Ground::with(Arc::new(events), keys, &key, tempfile::tempdir().unwrap()).await);
    }
    let [one, other] = &processes[..] else { panic!() };
    for number in 0..20 {
        let person = format!("p{number}");
        one.sign_up(&person, "somebody@example.org").await;
        assert_eq!(other.emails(&person).await, ["somebody@example.org"]);
        one.erasure.erase(&tenant(), &person, By::default()).await.unwrap();
        assert_eq!(other.emails(&person).await, [""]);
        other.sign_up(&person, "back@example.org").await;
        assert_eq!(one.emails(&person).await, ["", "back@example.org"]);
    }
}
