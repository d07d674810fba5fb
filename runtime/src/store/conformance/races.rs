//! Many at once.

use super::*;
use crate::store::{Answer, AppendError, Idempotency, Range};
use std::collections::BTreeSet;

/// What came of as many appends at once.
async fn race(store: &Store, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
    let start = Arc::new(tokio::sync::Barrier::new(appends.len()));
    let mut racers = Vec::new();
    for append in appends {
        let (store, start) = (Arc::clone(store), Arc::clone(&start));
        racers.push(tokio::spawn(async move {
            start.wait().await;
            store.append(append).await
        }));
    }
    let mut results = Vec::new();
    for racer in racers {
        results.push(racer.await.unwrap());
    }
    results
}

pub(super) async fn of_many_racers_one_wins(store: Store) {
    for (round, racers) in [16, 256].into_iter().enumerate() {
        let tag = format!("seat:{round}");
        let about_the_seat = [
            query(&["Taken"], &[&tag]),
            query(&[], &[&tag]),
            query(&["Taken", "Freed"], &[&tag]),
            Query::of([item(&["Freed"], &["never:1"]), item(&["Taken"], &[&tag])]),
        ];
        // These mean other seats too, taken before.
        let about_more = [query(&["Taken"], &[]), Query::All];
        let head = store.head().await.unwrap();
        let append = |n: usize| {
            let append = Append::new(tenant(), vec![event("Taken", &[&tag])]);
            match n % 10 {
                shape @ 0..4 => append.unless(about_the_seat[shape].clone(), head),
                shape @ 4..8 => append.unless(about_the_seat[shape - 4].clone(), None),
                shape => append.unless(about_more[shape - 8].clone(), head),
            }
        };
        let results = race(&store, (0..racers).map(append).collect()).await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        let lost = results.iter().filter(|result| matches!(result, Err(AppendError::Conflict))).count();
        assert_eq!((won, lost), (1, racers - 1));
        let taken = store.read(&tenant(), &query(&["Taken"], &[&tag]), Range::default()).await.unwrap();
        assert_eq!(taken.len(), 1);
    }
}

/// Half of them compete for one seat, the others take one each; all in the same groups.
pub(super) async fn racers_apart_all_win(store: Store) {
    let append = |n: usize| {
        let tag = if n.is_multiple_of(2) { "seat:shared".to_owned() } else { format!("seat:{n}") };
        Append::new(tenant(), vec![event("Taken", &[&tag]), event("Noted", &[])])
            .unless(query(&["Taken"], &[&tag]), None)
    };
    let results = race(&store, (0..64).map(append).collect()).await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 33);
    let mut seen = BTreeSet::new();
    for result in results.into_iter().flatten() {
        let Appended::Done(at) = result else { panic!("no key was given") };
        assert_eq!(at.last, at.first + 1, "the events of one append stand together");
        assert!(seen.insert(at.first), "no position is given twice");
    }
    assert_eq!(store.read(&tenant(), &Query::All, Range::default()).await.unwrap().len(), 66);
}

pub(super) async fn a_repeated_key_is_carried_out_once(store: Store) {
    let append = |n: i64| {
        let idempotency = Idempotency { command: Cow::Borrowed("Do"), key: "k".to_owned(), answer: json!(n) };
        Append { idempotency: Some(idempotency), ..Append::new(tenant(), vec![event("A", &[])]) }
    };
    let results = race(&store, (0..16).map(append).collect()).await;
    let kept = store.answer(&tenant(), "Do", "k").await.unwrap().unwrap();
    let mut done = 0;
    for result in results {
        match result.unwrap() {
            Appended::Done(at) => {
                done += 1;
                assert_eq!(at.last, kept.position);
            }
            Appended::Repeated(answer) => assert_eq!(answer, Answer { ..kept.clone() }),
        }
    }
    assert_eq!((done, store.head().await.unwrap()), (1, 1));
}

/// Whoever follows the events while others append meets every one of them, in order.
pub(super) async fn every_reader_sees_positions_in_order(store: Store) {
    let follower = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (mut watch, mut seen) = (store.watch(), Vec::new());
            while seen.len() < 200 {
                let after = seen.last().copied().unwrap_or(0);
                let page = store.read_all(&Query::All, Range::after(after).limit(7)).await.unwrap();
                if page.is_empty() {
                    watch.wait_for(|head| *head > after).await.unwrap();
                }
                seen.extend(positions(&page));
            }
            seen
        })
    };
    let appends = (0..200).map(|n| Append::new(Tenant::new(format!("t{}", n % 3)), vec![event("A", &[])]));
    for result in race(&store, appends.collect()).await {
        result.unwrap();
    }
    let expected: Vec<Position> = (1..=200).collect();
    assert_eq!(follower.await.unwrap(), expected);
}
