//! In which order events are handled, and where a group begins.

use super::*;
use crate::event::QueryItem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

pub(super) async fn each_tenant_is_in_order(ground: Ground) {
    let mut expected: HashMap<String, Vec<Position>> = HashMap::new();
    let mut put = async |count: usize| {
        for n in 0..count {
            let tenant = format!("t{}", n % 3);
            expected.entry(tenant.clone()).or_default().push(ground.append(&tenant, new_event("A", &[])).await);
        }
        expected.clone()
    };
    put(30).await;
    ground.append("t0", new_event("Other", &[])).await;
    let query = Query::of([QueryItem::of(&["A"], [])]);
    let recorder = Arc::new(Recorder { query, ..Recorder::content("g") });
    let groups = ground.start(&[&recorder]).await;
    recorder.has_seen(30).await;
    let expected = put(30).await;
    recorder.has_seen(60).await;
    groups.stop().await;
    for (tenant, positions) in expected {
        assert_eq!(recorder.positions(&tenant), positions, "each once, in order");
    }
    assert_eq!(recorder.seen().len(), 60);
}

pub(super) async fn different_keys_are_handled_at_once(ground: Ground) {
    // Each waits until all three have come.
    let all_there = Arc::new(tokio::sync::Barrier::new(3));
    let act: Act = Box::new(move |_| {
        let all_there = Arc::clone(&all_there);
        Box::pin(async move {
            all_there.wait().await;
            Ok(())
        })
    });
    let recorder = Arc::new(Recorder::new("g", act));
    let groups = ground.start(&[&recorder]).await;
    for tenant in ["a", "b", "c"] {
        ground.append(tenant, new_event("A", &[])).await;
    }
    recorder.has_seen(3).await;
    groups.stop().await;
    assert!(recorder.seen().iter().all(|seen| seen.attempt == 1));
}

pub(super) async fn what_shares_a_tag_is_in_order(ground: Ground) {
    let busy: Arc<Mutex<Vec<Tag>>> = Arc::default();
    let act: Act = Box::new(move |delivery| {
        let (busy, tags) = (Arc::clone(&busy), delivery.event.tags.clone());
        Box::pin(async move {
            {
                let mut busy = busy.lock().unwrap();
                assert!(tags.iter().all(|tag| !busy.contains(tag)), "{tags:?} while {busy:?}");
                busy.extend(tags.iter().cloned());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
            busy.lock().unwrap().retain(|tag| !tags.contains(tag));
            Ok(())
        })
    });
    let options = Options {
        order: Order::Tag("account".into()),
        retry: Retry { attempts: 1, ..Retry::default() },
        ..Options::default()
    };
    let recorder = Arc::new(Recorder { options, ..Recorder::new("g", act) });
    let mut of_tag: HashMap<String, Vec<Position>> = HashMap::new();
    for n in 0..80_u64 {
        let tags = [format!("account:{}", n % 4), format!("account:{}", (n * 7 + n / 4) % 5)];
        let position = ground.append("a", new_event("Moved", &[&tags[0], &tags[1]])).await;
        for tag in tags {
            of_tag.entry(tag).or_default().push(position);
        }
    }
    let groups = ground.start(&[&recorder]).await;
    recorder.has_seen(80).await;
    groups.stop().await;
    assert_eq!(ground.parked("g").await, [], "none was handled while one of its accounts was busy");
    let seen = recorder.positions("a");
    for (tag, mut positions) in of_tag {
        positions.dedup();
        let in_turn: Vec<Position> = seen.iter().copied().filter(|position| positions.contains(position)).collect();
        assert_eq!(in_turn, positions, "{tag}");
    }
}

pub(super) async fn a_group_goes_on_where_it_was(ground: Ground) {
    for _ in 0..5 {
        ground.append("a", new_event("A", &[])).await;
    }
    let recorder = Arc::new(Recorder::content("g"));
    let groups = ground.start(&[&recorder]).await;
    recorder.has_seen(5).await;
    groups.stop().await;
    let next = ground.append("a", new_event("A", &[])).await;
    let groups = ground.start(&[&recorder]).await;
    recorder.has_seen(6).await;
    let other = Arc::new(Recorder::content("other"));
    let others = ground.start(&[&other]).await;
    other.has_seen(6).await;
    groups.stop().await;
    others.stop().await;
    assert_eq!(recorder.positions("a"), (1..=next).collect::<Vec<_>>(), "nothing came twice");
    assert_eq!(other.positions("a"), (1..=next).collect::<Vec<_>>(), "another group has a cursor of its own");
    assert_eq!(ground.numbers("SELECT position FROM consumer_groups ORDER BY name").await, [6, 6]);
    assert_eq!(ground.numbers("SELECT position FROM consumer_ahead").await, [] as [i64; 0]);
}

pub(super) async fn a_group_may_begin_now(ground: Ground) {
    ground.append("a", new_event("A", &[])).await;
    let now = Options { start: Start::Now, ..Options::default() };
    let recorder = Arc::new(Recorder { options: now, ..Recorder::content("g") });
    let groups = ground.start(&[&recorder]).await;
    // Also what comes before the group has its lease.
    let first = ground.append("a", new_event("A", &[])).await;
    recorder.has_seen(1).await;
    groups.stop().await;
    assert_eq!(recorder.positions("a"), [first]);
}

pub(super) async fn a_consumer_that_hangs_is_broken_off(ground: Ground) {
    let never = Arc::new(Semaphore::new(0));
    let act: Act = Box::new(move |delivery| {
        let never = Arc::clone(&never);
        Box::pin(async move {
            match delivery.event.event_type.as_str() {
                "Hang" if delivery.attempt == 1 => drop(never.acquire().await),
                "Panic" => panic!("as was asked for"),
                _ => {}
            }
            Ok(())
        })
    });
    let mut recorder = Recorder::new("g", act);
    recorder.options.at_most = Duration::from_secs(1);
    let recorder = Arc::new(recorder);
    for of in ["Hang", "Panic", "Fine"] {
        ground.append("a", new_event(of, &[])).await;
    }
    let groups = ground.start(&[&recorder]).await;
    until("the last is handled", async || recorder.positions("a").contains(&3)).await;
    groups.stop().await;
    let parked = ground.parked("g").await;
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].position, parked[0].attempts), (Some(2), 4));
    assert_eq!(recorder.positions("a"), [1, 1, 2, 2, 2, 2, 3]);
}
