//! The key store: what it holds, masters that change, backups that come back.

use std::path::Path;
use std::sync::Arc;

use super::ground::{Ground, People, grounds, master, put, signed_up, tenant};
use crate::erasure::{By, Erased, KeyStore, Keys, Masters, SqliteKeys, Vault};
use crate::event::{EventSet, Query};
use crate::store::sqlite::{Sqlite, SqliteEvents};
use crate::store::{EventStore, MemoryEvents, Range};

async fn on_files(folder: tempfile::TempDir, events: &Arc<dyn EventStore>, master: &str) -> Ground {
    let keys = Arc::new(SqliteKeys::open(&folder.path().join("people.keys.db")).unwrap());
    Ground::with(Arc::clone(events), keys, master, folder).await
}

async fn open(keys: &Path, master: &str) -> Result<Keys, String> {
    let keys: Arc<dyn KeyStore> = Arc::new(SqliteKeys::open(keys).unwrap());
    Keys::open(keys, Masters::parse(master).unwrap()).await.map_err(|error| error.to_string())
}

/// Why keys cannot be opened.
async fn refused(keys: &Path, master: &str) -> String {
    open(keys, master).await.err().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn masters_change_while_nothing_else_does() {
    let (old, new) = (master(), master());
    for ground in grounds().await {
        ground.sign_up("ada", "ada@lovelace.uk").await;
        assert_eq!(ground.erasure.rotate().await.unwrap(), 0, "there is nothing newer");
    }
    let events: Arc<dyn EventStore> = Arc::new(MemoryEvents::new());
    let ground = on_files(tempfile::tempdir().unwrap(), &events, &old).await;
    ground.sign_up("ada", "ada@lovelace.uk").await;
    let (folder, file) = (ground.file(""), ground.file("people.keys.db"));
    let error = refused(&file, &new).await;
    assert!(error.contains("another master key") && error.contains("SCAFFOLD_MASTER_KEY"), "{error}");
    assert!(!error.contains(old.as_str()) && folder.exists());

    let ground = on_files(ground.folder, &events, &format!("{new},{old}")).await;
    assert_eq!(ground.emails("ada").await, ["ada@lovelace.uk"]);
    ground.sign_up("bob", "bob@example.org").await;
    assert_eq!(ground.erasure.rotate().await.unwrap(), 3, "hers, the tenant's, and that of the store");
    assert_eq!(ground.erasure.rotate().await.unwrap(), 0);

    let ground = on_files(ground.folder, &events, &new).await;
    assert_eq!(ground.emails("ada").await, ["ada@lovelace.uk"]);
    assert_eq!(ground.tagged("email:bob@example.org").await.len(), 1);
    assert!(refused(&file, &old).await.contains("another master key"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_backup_brings_back_is_erased_again() {
    let (events, key) = (Arc::new(MemoryEvents::new()) as Arc<dyn EventStore>, master());
    let ground = on_files(tempfile::tempdir().unwrap(), &events, &key).await;
    for person in ["ada", "bob", "eve"] {
        ground.sign_up(person, &format!("{person}@example.org")).await;
    }
    let (file, backup) = (ground.file("people.keys.db"), ground.file("backup"));
    std::fs::copy(&file, &backup).unwrap();
    ground.erasure.erase(&tenant(), "ada", By::default()).await.unwrap();
    ground.erasure.erase(&tenant(), "bob", By::default()).await.unwrap();
    ground.sign_up("bob", "back@example.org").await;
    assert_eq!(ground.erasure.replay().await.unwrap(), 0, "nothing has come back yet");
    assert_eq!(ground.emails("bob").await, ["", "back@example.org"], "and who has come back by himself stays");

    ground.vault.keys.close().await;
    std::fs::copy(&backup, &file).unwrap();
    let ground = on_files(ground.folder, &events, &key).await;
    assert_eq!(ground.emails("ada").await, ["ada@example.org"], "so it is, with a backup");
    assert_eq!(ground.erasure.replay().await.unwrap(), 2);
    assert_eq!(ground.emails("ada").await, [""]);
    assert_eq!(ground.emails("bob").await[0], "");
    assert_eq!(ground.emails("eve").await, ["eve@example.org"]);
    assert_eq!(ground.erasure.replay().await.unwrap(), 0);
    let last = ground.raw.read_all(&Query::All, Range::default().backwards().limit(1)).await.unwrap();
    assert!(last[0].metadata.reason.as_deref().unwrap().contains("there again"), "why is recorded");
    assert!(matches!(ground.erasure.erase(&tenant(), "ada", By::default()).await.unwrap(), Erased::Already { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_not_there_are_missed_at_the_start() {
    let (events, key) = (Arc::new(MemoryEvents::new()) as Arc<dyn EventStore>, master());
    let ground = on_files(tempfile::tempdir().unwrap(), &events, &key).await;
    ground.sign_up("ada", "ada@lovelace.uk").await;
    let keys = open(&ground.file("other.keys.db"), &key).await.ok().unwrap();
    let vault = Vault::new(People::PERSONAL, keys);
    let error = vault.check(&*events, false).await.unwrap_err().to_string();
    assert!(error.contains("KEYS_URL") && error.contains("keys begin"), "{error}");
    vault.check(&*events, true).await.unwrap();
    vault.check(&*events, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_holds_what_is_personal_and_none_keeps_a_key_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let database = Sqlite::open(&folder.path().join("people.db")).unwrap();
    let events: Arc<dyn EventStore> = Arc::new(SqliteEvents::new(database.clone()));
    let ground = on_files(folder, &events, &master()).await;
    for number in 0..50 {
        put(&*ground.events, signed_up(&format!("p{number}"), "lovelace@analytical.uk")).await;
    }
    let wrapped = || {
        let connection = rusqlite::Connection::open(ground.file("people.keys.db")).unwrap();
        let sql = "SELECT sealed FROM data_keys WHERE subject = 'p7'";
        connection.query_row(sql, [], |row| row.get::<_, String>(0))
    };
    let gone = wrapped().unwrap();
    ground.erasure.erase(&tenant(), "p7", By::default()).await.unwrap();
    assert!(wrapped().is_err());
    database.close().await;
    ground.vault.keys.close().await;
    let mut files = 0;
    for file in std::fs::read_dir(ground.file("")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds("lovelace") && !holds("analytical") && !holds(&gone));
        files += 1;
    }
    assert!(files >= 2);
}
