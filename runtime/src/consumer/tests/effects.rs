//! What consumers write into the database along with the cursor.

use super::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Semaphore;

fn table() -> Vec<Statement> {
    vec![Statement::new("CREATE TABLE IF NOT EXISTS effects (position BIGINT, who TEXT CHECK (who <> 'refused'))")]
}

fn effect(position: Position, who: &str) -> Statement {
    Statement::new("INSERT INTO effects (position, who) VALUES ($1, $2)").bind(position).bind(who)
}

const ALL: &str = "SELECT position FROM effects ORDER BY position";

/// Attempts that fail after they have said what to write, services that stop in the middle, and keys in parallel.
pub(super) async fn writes_are_there_once_whatever_happens(ground: Ground) {
    let act: Act = Box::new(|delivery| {
        Box::pin(async move {
            delivery.writes.add(effect(delivery.event.position, "me"));
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..4))).await;
            match fastrand::u32(0..5) {
                0 => Err(Failure::Retry("by chance".to_owned())),
                1 => panic!("by chance"),
                _ => Ok(()),
            }
        })
    });
    let mut recorder = Recorder { prepare: table(), ..Recorder::new("g", act) };
    recorder.options.retry = Retry { attempts: 1000, from: Duration::from_millis(1), to: Duration::from_millis(5) };
    let recorder = Arc::new(recorder);
    for n in 0..100 {
        ground.append(&format!("t{}", n % 5), new_event("A", &[])).await;
    }
    let mut rounds = 0;
    loop {
        let groups = ground.start(&[&recorder]).await;
        tokio::time::sleep(Duration::from_millis(40)).await;
        groups.stop().await;
        rounds += 1;
        if rounds > 2 && ground.numbers(ALL).await.len() >= 100 {
            break;
        }
        assert!(rounds < 1000, "{:?}", ground.numbers(ALL).await);
    }
    assert_eq!(ground.numbers(ALL).await, (1..=100).collect::<Vec<_>>());
    assert_eq!(ground.parked("g").await, []);
}

pub(super) async fn what_the_database_refuses_harms_only_its_own_event(ground: Ground) {
    let act: Act = Box::new(|delivery| {
        let who = if delivery.event.event_type == "Bad" { "refused" } else { "fine" };
        delivery.writes.add(effect(delivery.event.position, who));
        Box::pin(async { Ok(()) })
    });
    let recorder = Arc::new(Recorder { prepare: table(), ..Recorder::new("g", act) });
    for (tenant, of) in [("a", "Good"), ("b", "Bad"), ("c", "Good"), ("b", "Good")] {
        ground.append(tenant, new_event(of, &[])).await;
    }
    let groups = ground.start(&[&recorder]).await;
    until("the others are written", async || {
        let parked = ground.parked("g").await.len();
        parked == 1 && ground.numbers(ALL).await == [1, 3, 4]
    })
    .await;
    groups.stop().await;
    let parked = &ground.parked("g").await[0];
    assert_eq!((parked.position, parked.attempts), (Some(2), 4));
    assert!(parked.error.to_lowercase().contains("check"), "{}", parked.error);
}

/// It slept so long in the middle of its work that another has taken over. It does not know, and its write comes to nothing.
pub(super) async fn a_paused_owner_writes_nothing(ground: Ground) {
    let gate = Arc::new(Semaphore::new(0));
    let waiting: Act = {
        let gate = Arc::clone(&gate);
        Box::new(move |delivery| {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                delivery.writes.add(effect(delivery.event.position, "paused"));
                drop(gate.acquire().await);
                Ok(())
            })
        })
    };
    let acting: Act = Box::new(|delivery| {
        delivery.writes.add(effect(delivery.event.position, "successor"));
        Box::pin(async { Ok(()) })
    });
    let paused = Arc::new(Recorder { prepare: table(), ..Recorder::new("g", waiting) });
    let successor = Arc::new(Recorder { prepare: table(), ..Recorder::new("g", acting) });
    ground.append("a", new_event("A", &[])).await;
    ground.append("a", new_event("A", &[])).await;
    let (asleep, deaf) = ground.deaf();
    let first = asleep.start(&[&paused]).await;
    paused.has_seen(1).await;
    let second = ground.start(&[&successor]).await;
    deaf.store(true, Ordering::SeqCst);
    until("the other has taken over", async || ground.numbers(ALL).await == [1, 2]).await;
    gate.add_permits(10);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ground.numbers("SELECT position FROM effects WHERE who = 'paused'").await, [] as [i64; 0]);
    ground.append("a", new_event("A", &[])).await;
    until("it goes on", async || ground.numbers(ALL).await == [1, 2, 3]).await;
    assert_eq!(ground.numbers("SELECT position FROM effects WHERE who = 'paused'").await, [] as [i64; 0]);
    second.stop().await;
    first.stop().await;
}
