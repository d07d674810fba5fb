//! When a state is kept, what that spares, and what is passed over.

use super::*;
use crate::decision::decide_promptly;
use serde_json::json;

async fn filled(events: usize) -> Watched {
    let store = Watched::default();
    store.record((0..events).map(|number| taken("c1", &format!("s{number}")))).await;
    store
}

#[tokio::test]
async fn the_next_command_reads_on_from_the_kept_state() {
    let store = filled(50).await;
    store.send(&note::<10>()).await.unwrap();
    // All seats, the newest one, and the newest student's.
    assert_eq!((store.count(), store.kept()), (52, vec![50]));
    for sent in 1..=3 {
        store.send(&note::<10>()).await.unwrap();
        // Each has recorded one event that matters; of the newest student all are read anew, as another one was the newest before.
        assert_eq!((store.seen().await.taken, store.kept().is_empty()), (50 + sent, sent > 1), "{sent}");
    }
    store.count();
    store.send(&note::<10>()).await.unwrap();
    assert!(store.count() < 10);
    store.send(&note::<0>()).await.unwrap();
    assert!(store.count() > 50, "without snapshots everything is read");
}

#[tokio::test]
async fn a_state_is_kept_again_when_so_many_events_were_folded() {
    let store = Watched::default();
    let other = Note::<4> { course: "c2".to_owned(), ..Note::default() };
    for _ in 0..20 {
        store.record([taken("c1", "s1")]).await;
        store.send(&Note::<4> { seats: Some(0), ..note() }).await;
    }
    // Each event is folded into three entries, each of which reads it.
    assert_eq!(store.kept(), [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    store.count();
    store.send(&other).await.unwrap();
    assert_eq!((store.count(), store.kept()), (0, vec![]), "another course is another state");
}

#[tokio::test]
async fn a_long_history_is_read_once() {
    let store = filled(2_500).await;
    assert_eq!(store.send(&Note::<500> { seats: Some(2_500), ..note() }).await, None, "a rejection is a decision too");
    assert_eq!((store.count(), store.kept()), (2_502, vec![2_500]));
    store.send(&Note::<500> { seats: Some(2_501), ..note() }).await.unwrap();
    assert_eq!((store.count(), store.kept()), (0, vec![]));
    assert_eq!(store.seen().await.taken, 2_500);
    store.record((0..1_200).map(|_| taken("c1", "s0"))).await;
    store.send(&note::<500>()).await.unwrap();
    // Another student is the newest: what was read of the last one is worth nothing.
    assert_eq!((store.seen().await.taken, store.kept()), (3_701, vec![3_702]));
    store.count();
    store.record((0..1_200).map(|_| taken("c1", "s0"))).await;
    store.send(&note::<500>()).await.unwrap();
    // All that came, the newest of it, and the newest student's seats: each in several pages.
    assert_eq!((store.seen().await.taken, store.count()), (4_902, 1_201 + 1 + 1_200));
}

#[tokio::test]
async fn after_conflicts_the_state_is_that_of_the_last_attempt() {
    let store = filled(6).await;
    *store.others.lock().unwrap() = vec![vec![taken("c1", "s5")], vec![taken("c1", "s5"), taken("c9", "s9")]].into();
    store.send(&note::<5>()).await.unwrap();
    assert_eq!((store.kept(), store.seen().await.taken), (vec![9], 8), "before its own events");
    assert_eq!(store.all().await.len(), 11);
    store.send(&note::<5>()).await.unwrap();
    assert_eq!(store.seen().await.taken, 9);
}

#[tokio::test]
async fn another_definition_reads_everything() {
    let store = filled(20).await;
    store.send(&note::<5>()).await.unwrap();
    store.count();
    let newer = Note::<5, true> { course: "c1".to_owned(), ..Note::default() };
    store.send(&newer).await.unwrap();
    assert!(store.count() > 20);
    store.send(&newer).await.unwrap();
    assert!(store.count() < 20, "its own state is kept in the place of the other one");
    store.send(&note::<5>()).await.unwrap();
    assert!(store.count() > 20);
}

#[tokio::test]
async fn what_cannot_be_used_is_passed_over() {
    for state in [json!(null), json!({"initial": {}, "later": [], "state": {}}), json!("x")] {
        let store = filled(20).await;
        store.send(&note::<5>()).await.unwrap();
        let (key, kept) = store.kept.lock().unwrap().pop().unwrap();
        let broken = Snapshot { position: kept.position + 1, state };
        store.store.keep(&caller().tenant, &key, broken).await.unwrap();
        store.send(&note::<5>()).await.unwrap();
        assert_eq!(store.seen().await.taken, 21);
    }
}

/// The events come from a backup, the state is of what came after it.
#[tokio::test]
async fn a_state_from_behind_the_head_is_passed_over() {
    let full = filled(20).await;
    full.send(&note::<5>()).await.unwrap();
    let (key, kept) = full.kept.lock().unwrap().pop().unwrap();
    let restored = filled(7).await;
    restored.store.keep(&caller().tenant, &key, kept).await.unwrap();
    restored.send(&note::<5>()).await.unwrap();
    assert_eq!(restored.seen().await.taken, 7);
}

#[tokio::test]
async fn a_store_that_keeps_nothing_is_no_error_of_the_command() {
    let store = filled(20).await;
    *store.is_failing.lock().unwrap() = true;
    for sent in 0..2 {
        store.send(&note::<5>()).await.unwrap();
        assert_eq!((store.seen().await.taken, store.kept().len()), (20 + sent, 1));
    }
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_state_to_be_kept() {
    let watched = Arc::new(filled(20).await);
    let store: Arc<dyn EventStore> = watched.clone();
    decide_promptly(&store, &note::<5>(), &Request::new(&caller())).await.unwrap();
    assert!(watched.kept().is_empty(), "nobody else had a turn yet");
    tokio::task::yield_now().await;
    assert_eq!(watched.kept(), [20]);
}

/// A number that no JSON can hold.
struct Odd;

impl Decision for Odd {
    const NAME: &'static str = "Odd";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = f64;
    type Entry = Entry;
    type Error = Full;
    const SNAPSHOTS: Option<Snapshots<f64>> = Some(Snapshots::every(1, "one"));

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        Ok(vec![(Entry::Taken, seats([Tag::new("course:c1")]))])
    }

    fn initial(&self, _: &Context<'_>) -> Result<f64, EvalError> {
        Ok(0.0)
    }

    fn fold(&self, state: &mut f64, _: Entry, _: &Event, _: &Meta, _: &Context<'_>) -> Result<(), EvalError> {
        *state = f64::NAN;
        Ok(())
    }

    fn decide(&self, state: &f64, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        Ok(vec![taken("noted", &state.to_string())])
    }
}

#[tokio::test]
async fn a_state_that_would_be_read_as_another_one_is_not_kept() {
    let store = filled(3).await;
    store.send(&Odd).await.unwrap();
    assert!(store.kept().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racers_who_keep_their_states_never_oversell() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryEvents::new());
    let commands = (0..24).map(|_| {
        let store = Arc::clone(&store);
        let command = Note::<1> { seats: Some(5), ..note() };
        tokio::spawn(async move { decide_promptly(&store, &command, &Request::new(&caller())).await.is_ok() })
    });
    let mut won = 0;
    for command in commands.collect::<Vec<_>>() {
        won += usize::from(command.await.unwrap());
    }
    assert_eq!(won, 5);
}
