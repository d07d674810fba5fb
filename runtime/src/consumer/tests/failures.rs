//! What happens to events that cannot be handled.

use super::*;
use crate::consumer::NewParked;
use futures_util::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Fails for events of the type `Bad` while told to.
fn failing(fails: &Arc<AtomicBool>, failure: fn(String) -> Failure) -> Act {
    let fails = Arc::clone(fails);
    Box::new(move |delivery| {
        let fails = fails.load(Ordering::SeqCst) && delivery.event.event_type == "Bad";
        let error = format!("attempt {}", delivery.attempt);
        Box::pin(async move { if fails { Err(failure(error)) } else { Ok(()) } })
    })
}

pub(super) async fn what_fails_is_tried_again_and_holds_up_only_its_key(ground: Ground) {
    let fails = Arc::new(AtomicBool::new(true));
    let mut recorder = Recorder::new("g", failing(&fails, Failure::Retry));
    recorder.options.retry.attempts = 1_000_000;
    let recorder = Arc::new(recorder);
    let groups = ground.start(&[&recorder]).await;
    ground.append("a", new_event("Bad", &[])).await;
    // More than fit between the cursor and where is read.
    let batch = |of: usize| (0..of).map(|_| new_event("Good", &[])).collect();
    for (tenant, count) in [("a", 700), ("b", 900)] {
        let append = crate::store::Append::new(Tenant::new(tenant), batch(count));
        ground.0.events.append(append).await.unwrap();
    }
    until("the other tenant is done", async || recorder.positions("b").len() == 900).await;
    assert!(recorder.positions("a").iter().all(|position| *position == 1), "its own key waits");
    fails.store(false, Ordering::SeqCst);
    until("all is done", async || recorder.positions("a").ends_with(&[701])).await;
    groups.stop().await;
    let mut handled = recorder.positions("a");
    handled.dedup();
    assert_eq!(handled, (1..=701).collect::<Vec<_>>(), "in order, and each once but the first");
    assert_eq!(ground.numbers("SELECT position FROM consumer_groups").await, [1601]);
    assert_eq!(ground.numbers("SELECT position FROM consumer_put_off").await, [] as [i64; 0]);
}

pub(super) async fn what_fails_for_good_is_parked_and_sent_again(ground: Ground) {
    let fails = Arc::new(AtomicBool::new(true));
    let recorder = Arc::new(Recorder::new("g", failing(&fails, Failure::Retry)));
    let groups = ground.start(&[&recorder]).await;
    for of in ["Bad", "Bad", "Good"] {
        ground.append("a", new_event(of, &[])).await;
    }
    until("both are parked", async || ground.parked("g").await.len() == 2).await;
    until("the key goes on", async || recorder.positions("a").contains(&3)).await;
    let parked = ground.parked("g").await;
    let first = &parked[0];
    let known = (first.position, first.event_type.as_deref(), first.attempts, first.error.as_str(), first.resent);
    assert_eq!(known, (Some(1), Some("Bad"), 4, "attempt 4", false));
    assert_eq!(first.tenant, Tenant::new("a"));
    assert_eq!(ground.0.ledger.parked("g", Some(&first.id), 9).await.unwrap(), parked[1..], "page by page");

    let ledger = &ground.0.ledger;
    assert!(!ledger.resend("other", &first.id).await.unwrap() && !ledger.resend("g", "x").await.unwrap());
    assert!(groups.resend("g", &first.id).await.unwrap());
    until("it fails once more", async || ground.parked("g").await[0].error == "attempt 5").await;
    assert_eq!((ground.parked("g").await[0].attempts, ground.parked("g").await[0].resent), (5, false));
    fails.store(false, Ordering::SeqCst);
    // Without a word: it is found all the same.
    ground.sql(&format!("UPDATE consumer_parked SET resent = 1 WHERE id = '{}' RETURNING id", first.id)).await;
    until("it is handled", async || ground.parked("g").await.len() == 1).await;
    assert!(ledger.discard("g", &parked[1].id).await.unwrap());
    assert!(!ledger.discard("g", &parked[1].id).await.unwrap(), "it is gone");
    assert_eq!(ground.parked("g").await, []);
    let overview = groups.overview().await.unwrap();
    assert_eq!((overview[0].position, overview[0].lag), (Some(3), Some(0)));
    assert_eq!((overview[0].parked, overview[0].here), (0, true));
    groups.stop().await;
    assert_eq!(recorder.positions("a").iter().filter(|position| **position == 1).count(), 6);
}

/// Told where it was asked, and heard in the process that works for the group: nothing here looks by itself.
pub(super) async fn what_is_asked_for_again_is_told(ground: Ground) {
    let run = NewParked {
        group: "g".to_owned(),
        key: "k".to_owned(),
        tenant: Tenant::new("a"),
        attempts: 1,
        error: "no way".to_owned(),
        data: None,
    };
    let (here, there) = (ground.0.ledger.clone(), ground.elsewhere().await.0.ledger);
    here.park(&run).await.unwrap();
    let id = here.parked("g", None, 1).await.unwrap().remove(0).id;
    for ledger in [&there, &here] {
        let (mut own, mut other) = (here.resent_of("g"), here.resent_of("other"));
        assert!(!ledger.resend("other", &id).await.unwrap() && ledger.resend("g", &id).await.unwrap());
        tokio::time::timeout(Duration::from_secs(60), own.next()).await.expect("it is told");
        assert!(other.next().now_or_never().is_none(), "another group hears nothing");
    }
}

pub(super) async fn what_was_put_off_is_known_after_a_restart(ground: Ground) {
    let fails = Arc::new(AtomicBool::new(true));
    let recorder = Arc::new(Recorder::new("g", failing(&fails, Failure::Retry)));
    let mut slow = Recorder::new("g", failing(&fails, Failure::Retry));
    slow.options.retry = Retry { attempts: 4, from: Duration::from_secs(60), to: Duration::from_secs(60) };
    let slow = Arc::new(slow);
    for of in ["Bad", "Good"] {
        ground.append("a", new_event(of, &[])).await;
    }
    let groups = ground.start(&[&slow]).await;
    until("both are put off", async || ground.numbers("SELECT failed FROM consumer_put_off").await.len() == 2).await;
    groups.stop().await;
    assert_eq!(ground.numbers("SELECT position FROM consumer_groups").await, [2], "the cursor has passed them");
    fails.store(false, Ordering::SeqCst);
    let groups = ground.start(&[&recorder]).await;
    recorder.has_seen(2).await;
    groups.stop().await;
    let attempts: Vec<_> = recorder.seen().iter().map(|seen| (seen.position, seen.attempt)).collect();
    assert_eq!(attempts, [(1, 2), (2, 1)], "in order, and it is known which attempt it is");
    assert_eq!(slow.positions("a"), [1]);
}

/// The program of this process is too old for an event, that of another is not.
pub(super) async fn what_only_a_newer_program_can_handle_waits_for_it(ground: Ground) {
    let old: Act = Box::new(|delivery| {
        let is_newer = delivery.event.event_type == "Newer";
        Box::pin(async move { if is_newer { Err(Failure::Stop("it is of version 2".to_owned())) } else { Ok(()) } })
    });
    let old = Arc::new(Recorder::new("g", old));
    for of in ["A", "Newer", "A"] {
        ground.append("a", new_event(of, &[])).await;
    }
    ground.append("b", new_event("A", &[])).await;
    let groups = ground.start(&[&old]).await;
    until("it is stopped", async || groups.overview().await.unwrap()[0].stopped.is_some()).await;
    let overview = groups.overview().await.unwrap().remove(0);
    assert_eq!(overview.stopped.as_deref(), Some("Newer at 2: it is of version 2"));
    assert_eq!((overview.position, overview.waiting, overview.parked, overview.here), (Some(1), 0, 0, false));
    let newer = Arc::new(Recorder::content("g"));
    let elsewhere = ground.elsewhere().await.start(&[&newer]).await;
    until("the newer one handles it", async || newer.positions("a") == [2, 3]).await;
    assert!(old.seen().iter().all(|seen| seen.position != 3 && seen.attempt == 1), "{:?}", old.seen());
    assert_eq!(ground.parked("g").await, []);
    elsewhere.stop().await;
    groups.stop().await;
}

pub(super) async fn runs_that_no_event_started_are_parked_too(ground: Ground) {
    let ledger = &ground.0.ledger;
    let run = NewParked {
        group: "view".to_owned(),
        key: "o1@7".to_owned(),
        tenant: Tenant::new("a"),
        attempts: 3,
        error: "no\0 way".to_owned(),
        data: Some(json!({ "entry": "o1" })),
    };
    assert!(!ledger.is_parked("view", "o1@7").await.unwrap());
    ledger.park(&run).await.unwrap();
    ledger.park(&NewParked { attempts: 4, ..run.clone() }).await.unwrap();
    assert!(ledger.is_parked("view", "o1@7").await.unwrap());
    let parked = ground.parked("view").await;
    assert_eq!((parked.len(), parked[0].attempts, parked[0].position), (1, 4, None));
    assert_eq!((parked[0].error.as_str(), &parked[0].data), ("no way", &run.data));
    assert_eq!(ledger.resent("view", 9).await.unwrap(), []);
    assert!(ledger.resend("view", &parked[0].id).await.unwrap());
    assert_eq!(ledger.resent("view", 9).await.unwrap().len(), 1);
    ledger.ran_again(&parked[0].id, Err("still not".to_owned())).await.unwrap();
    let again = &ground.parked("view").await[0];
    assert_eq!((again.attempts, again.error.as_str(), again.resent), (5, "still not", false));
    ledger.ran_again(&parked[0].id, Ok(())).await.unwrap();
    assert_eq!(ground.parked("view").await, []);
    // A consumer of that name leaves them alone: they are no events.
    ledger.park(&run).await.unwrap();
    let id = ground.parked("view").await[0].id.clone();
    ledger.resend("view", &id).await.unwrap();
    let recorder = Arc::new(Recorder::content("view"));
    let groups = ground.start(&[&recorder]).await;
    ground.append("a", new_event("A", &[])).await;
    recorder.has_seen(1).await;
    groups.stop().await;
    assert_eq!(ground.parked("view").await.len(), 1);
}
