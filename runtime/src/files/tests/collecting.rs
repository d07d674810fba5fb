//! Files that nobody needs.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::ground::{PNG, tenant};
use super::naming::{Submit, ada, named};
use super::{Ground, On};
use crate::consumer::{Fence, RunError, SqlValue};
use crate::event::{Metadata, NewEvent};
use crate::files::collect::{GRACE, LEASE, collect};
use crate::files::{File, file_tags};
use crate::store::Append;
use crate::value::DateTime;

async fn fence(ground: &Ground) -> Fence {
    let taken = ground.database.leases().take(LEASE, "the test", Duration::from_secs(600)).await.unwrap();
    Fence { lease: LEASE.to_owned(), epoch: taken.unwrap() }
}

async fn collected(ground: &Ground) -> u64 {
    let fence = fence(ground).await;
    let (_stop, stop) = watch::channel(false);
    collect(&ground.files, &ground.database, &fence, GRACE, &stop).await.unwrap()
}

/// Records an event that holds the files.
async fn hold(ground: &Ground, files: &Submit) {
    let held: Vec<File> = files.cover.iter().chain(&files.pages).cloned().collect();
    let event = NewEvent {
        id: uuid::Uuid::now_v7(),
        topic: "papers".into(),
        stream: None,
        event_type: "Submitted".into(),
        version: 1,
        tags: file_tags(&held),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: DateTime::now().millis() * 1000,
    };
    ground.database.events().append(Append::new(tenant(), vec![event])).await.unwrap();
}

fn of(id: &str) -> Submit {
    Submit { cover: Some(named(id)), pages: Vec::new() }
}

async fn known(ground: &Ground) -> Vec<String> {
    let rows = ground.sql("SELECT id FROM files ORDER BY id").await;
    rows.into_iter()
        .map(|row| if let Some(SqlValue::Text(id)) = row.first() { id.clone() } else { String::new() })
        .collect()
}

pub(super) async fn what_no_event_holds_goes_after_a_day(on: On) {
    let ground = Ground::new(on).await;
    let (held, unused) = (ground.uploaded(PNG).await, ground.uploaded(PNG).await);
    let submit = ground.files.resolve(&ada(), "", of(&held)).await.unwrap();
    hold(&ground, &submit).await;
    assert_eq!(collected(&ground).await, 0, "nobody was idle for a day");
    ground.age().await;
    let new = ground.uploaded(PNG).await;
    assert_eq!(collected(&ground).await, 1);
    assert_eq!(known(&ground).await, [held.clone(), new]);
    assert_eq!(ground.count().await, (2, 2));
    assert!(ground.files.resolve(&ada(), "", of(&unused)).await.is_err());
    // What an event holds is not looked at again.
    let rows = ground.sql("SELECT used FROM files ORDER BY id").await;
    assert_eq!(rows, [[SqlValue::Integer(1)], [SqlValue::Integer(0)]]);
    ground.age().await;
    assert_eq!(collected(&ground).await, 1);
    assert_eq!(known(&ground).await, [held]);
}

pub(super) async fn what_a_dead_process_left_goes_too(on: On) {
    let ground = Ground::new(on).await;
    let (coming, leaving) = (ground.uploaded(PNG).await, ground.uploaded(PNG).await);
    // One died while bytes came, another one while they were removed.
    let path = std::fs::read_dir(ground.folder.path().join("kept/papers")).unwrap().next().unwrap().unwrap().path();
    let file = path.join(&coming[coming.len() - 2..]).join(&coming);
    std::fs::rename(&file, file.with_file_name(format!("{coming}#1"))).unwrap();
    ground.sql(&format!("UPDATE files SET state = 'coming' WHERE id = '{coming}' RETURNING id")).await;
    ground.sql(&format!("UPDATE files SET state = 'leaving' WHERE id = '{leaving}' RETURNING id")).await;
    assert_eq!(ground.count().await, (2, 2));
    ground.age().await;
    assert_eq!(collected(&ground).await, 2);
    assert_eq!(ground.count().await, (0, 0));
}

/// However the two meet: a command that was given the file finds it there later.
pub(super) async fn a_file_that_is_being_used_stays_or_is_refused(on: On) {
    let ground = Ground::new(on).await;
    let mut kept = 0;
    for _ in 0..20 {
        let id = ground.uploaded(PNG).await;
        ground.age().await;
        let using = async {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(0..3000))).await;
            let submit = ground.files.resolve(&ada(), "", of(&id)).await.ok()?;
            hold(&ground, &submit).await;
            Some(())
        };
        let (used, _) = tokio::join!(using, collected(&ground));
        let is_there = known(&ground).await.contains(&id);
        assert_eq!(used.is_some(), is_there, "given, and gone");
        kept += usize::from(is_there);
        ground.age().await;
        collected(&ground).await;
        assert_eq!(known(&ground).await.contains(&id), is_there);
        assert_eq!(ground.count().await, (kept, kept));
    }
}

pub(super) async fn another_owner_of_the_lease_removes_nothing(on: On) {
    let ground = Ground::new(on).await;
    ground.uploaded(PNG).await;
    ground.age().await;
    let old = fence(&ground).await;
    ground.database.leases().release(LEASE, "the test").await.unwrap();
    ground.database.leases().take(LEASE, "another one", Duration::from_secs(600)).await.unwrap();
    let (_stop, stop) = watch::channel(false);
    let outcome = collect(&ground.files, &ground.database, &old, GRACE, &stop).await;
    assert!(matches!(outcome, Err(RunError::Stale)), "{outcome:?}");
    assert_eq!(ground.count().await, (1, 1));
}
