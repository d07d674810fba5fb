//! One process after the other on a SQLite file, each killed in the middle of its work.

use super::*;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_each_event_has_its_effect_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let url = format!("sqlite:{}", path.display());
    let (rounds, a_round) = (rounds(3), 120);
    for round in 1..=rounds {
        let database = Database::open(&url, "unused").await.unwrap();
        append(&database, a_round).await;
        database.close().await;
        let (before, worker) = (noted(&path).len(), Worker::start(&url));
        // In the middle of it, save in the last round.
        let enough = if round == rounds { a_round * rounds } else { before + a_round / 3 };
        until("the worker works", async || noted(&path).len() >= enough).await;
        if round == rounds {
            until("what it had is deleted", async || live(&path) == 1).await;
        }
        drop(worker);
    }
    let database = Database::open(&url, "unused").await.unwrap();
    assert_eq!((left(&database).await, database.events().head().await.unwrap()), (vec![1], (a_round * rounds) as u64));
    database.close().await;
    assert_once_and_in_order(noted(&path), a_round * rounds);
}

/// How many events are not deleted, read past the process that has the file open.
fn live(path: &Path) -> i64 {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection.query_row("SELECT count(*) FROM events WHERE version >= 0", [], |row| row.get(0)).unwrap()
}

/// Read past the process that has the file open.
fn noted(path: &Path) -> Vec<Noted> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    // Until the first worker has made it, there is no table.
    let Ok(mut statement) = connection.prepare("SELECT tenant, position, count, who FROM noted") else { return vec![] };
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}
