//! A process that dies in the middle of an erasure, and the one that repeats it.

use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::sync::watch;

use super::ground::{People, master, signed_up, tenant};
use crate::database::Database;
use crate::erasure::{By, Erased, Erasure, Keys, KeysAt, Masters, SUBJECT_ERASED, Vault};
use crate::event::{EventSet, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::store::{Answer, Append, AppendError, Appended, EventStore, Range, StoreError};

/// Says to the process that is to die what it works on, with which master key, and where it dies.
const DIES: &str = "ERASURE_TEST_DIES";

/// A store whose process dies before it appends, or before it takes tags away.
struct Deadly {
    store: Arc<dyn EventStore>,
    place: String,
}

impl Deadly {
    fn at(&self, place: &str) {
        if self.place == place {
            // As if by SIGKILL: nothing is flushed, closed or told.
            std::process::abort();
        }
    }
}

#[async_trait::async_trait]
impl EventStore for Deadly {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read(tenant, query, range).await
    }
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.at("before the record");
        self.store.append(append).await
    }
    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }
    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        self.at("before the tags");
        self.store.untag(tenant, tags).await
    }
    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
}

/// A service, as it is opened by one process after the other.
struct Opened {
    raw: Database,
    sealed: Database,
    vault: Vault,
}

impl Opened {
    async fn at(url: &str, master: &str) -> Self {
        let raw = Database::open(url, "unused").await.unwrap();
        let store = raw.keys(KeysAt::of(None, url).unwrap(), "unused").await.unwrap();
        let vault = Vault::new(People::PERSONAL, Keys::open(store, Masters::parse(master).unwrap()).await.unwrap());
        vault.check(&**raw.events(), false).await.unwrap();
        Self { sealed: raw.clone().sealed(vault.clone()), raw, vault }
    }

    fn erasure(&self, events: Arc<dyn EventStore>) -> Erasure {
        Erasure::new("people", events, self.vault.clone())
    }

    async fn tagged(&self, tag: &str) -> Vec<StoredEvent> {
        let query = Query::of([QueryItem::of(&["SignedUp"], [Tag::new(tag)])]);
        self.sealed.events().read(&tenant(), &query, Range::default()).await.unwrap()
    }

    async fn close(self) {
        self.vault.keys.close().await;
        self.raw.close().await;
    }
}

async fn die(told: &str) {
    let [url, master, place] = told.split('|').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let opened = Opened::at(url, master).await;
    let deadly = Deadly { store: Arc::clone(opened.raw.events()), place: place.to_owned() };
    let erased = opened.erasure(Arc::new(deadly)).erase(&tenant(), "ada", By::default()).await;
    panic!("it lived on: {erased:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_finishes_what_a_killed_process_has_begun() {
    if let Ok(told) = std::env::var(DIES) {
        return die(&told).await;
    }
    for place in ["before the record", "before the tags"] {
        let folder = tempfile::tempdir().unwrap();
        let mut urls = vec![format!("sqlite:{}", folder.path().join("people.db").display())];
        #[cfg(feature = "postgres")]
        urls.push(crate::store::conformance::address_on_server());
        for url in urls {
            dies_and_is_repeated(&url, place).await;
        }
    }
}

async fn dies_and_is_repeated(url: &str, place: &str) {
    let key = master();
    let first = Opened::at(url, &key).await;
    for person in ["ada", "bob"] {
        let append = Append::new(tenant(), vec![signed_up(person, &format!("{person}@example.org"))]);
        first.sealed.events().append(append).await.unwrap();
    }
    first.close().await;

    let test = "erasure::tests::killed::a_repeat_finishes_what_a_killed_process_has_begun";
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([test, "--exact", "--nocapture"]).env(DIES, format!("{url}|{key}|{place}"));
    let died = child.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&died.status), Some(6), "{died:?}");
    assert!(!died.status.success());

    let again = Opened::at(url, &key).await;
    assert_eq!(again.tagged("person:ada").await[0].payload["email"], "", "the key is gone");
    assert_eq!(again.tagged("email:ada@example.org").await.len(), 1, "and there is more to be done");
    let erased = again.erasure(Arc::clone(again.raw.events())).erase(&tenant(), "ada", By::default()).await.unwrap();
    assert_eq!(matches!(erased, Erased::Erased { .. }), place == "before the record", "{erased:?}");
    assert!(again.tagged("email:ada@example.org").await.is_empty());
    let said = Query::of([QueryItem::of(&[SUBJECT_ERASED], [])]);
    assert_eq!(again.sealed.events().read_all(&said, Range::default()).await.unwrap().len(), 1);
    assert_eq!(again.tagged("person:bob").await[0].payload["email"], "bob@example.org");
    again.close().await;
}
