//! Leases of a file that is opened again.

use super::*;
use crate::lease::sqlite::{SqliteLeases, holds};
use crate::store::StoreError;
use rusqlite::Connection;

#[tokio::test]
async fn a_later_process_has_it_at_once_and_with_a_later_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let before = Sqlite::open(&path).unwrap();
    assert_eq!(SqliteLeases::new(before.clone()).take("x", "a", LONG).await.unwrap(), Some(1));
    before.close().await;
    let after = Sqlite::open(&path).unwrap();
    assert_eq!(SqliteLeases::new(after.clone()).take("x", "b", LONG).await.unwrap(), Some(2));
    after.close().await;
}

#[tokio::test]
async fn a_stale_owner_writes_nothing() {
    let database = Sqlite::in_memory().unwrap();
    let leases = SqliteLeases::new(database.clone());
    let write = |epoch| {
        let work = move |connection: &Connection| {
            if !holds(connection, "x", epoch)? {
                return Err(StoreError::Invalid("stale".to_owned()));
            }
            connection.execute("CREATE TABLE IF NOT EXISTS t AS SELECT ?1 AS epoch", [epoch.cast_signed()])?;
            Ok(())
        };
        database.writer().write(work)
    };
    assert_eq!(leases.take("x", "a", SHORT).await.unwrap(), Some(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(leases.take("x", "b", LONG).await.unwrap(), Some(2));
    assert!(write(1).await.is_err());
    write(2).await.unwrap();
    let read =
        |connection: &Connection| Ok(connection.query_row("SELECT epoch FROM t", [], |row| row.get::<_, i64>(0))?);
    assert_eq!(database.readers().read(read).await.unwrap(), 2);
}
