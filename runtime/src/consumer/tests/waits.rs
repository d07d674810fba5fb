//! Waiting until groups have handled what belongs together.

use super::*;
use crate::consumer::NotHandled;
use crate::event::QueryItem;
use crate::store::{Append, EventStore};
use std::sync::Arc;

const LONG: Duration = Duration::from_secs(60);

fn of_correlation(event_type: &'static str, correlation: &str) -> NewEvent {
    let metadata = Metadata { correlation_id: Some(correlation.to_owned()), ..Metadata::default() };
    NewEvent { metadata, ..new_event(event_type, &[]) }
}

/// Appends another event of the same correlation id.
fn answering(events: Arc<dyn EventStore>, answer: &'static str) -> Act {
    Box::new(move |delivery| {
        let (events, event) = (Arc::clone(&events), delivery.event.clone());
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let follows = NewEvent { metadata: event.metadata, ..new_event(answer, &[]) };
            events.append(Append::new(event.tenant, vec![follows])).await.unwrap();
            Ok(())
        })
    })
}

pub(super) async fn a_correlation_id_is_waited_for_through_several_groups(ground: Ground) {
    let chain = |name, from: &'static str, to| {
        let query = Query::of([QueryItem::of(&[from], [])]);
        Arc::new(Recorder { query, ..Recorder::new(name, answering(Arc::clone(&ground.0.events), to)) })
    };
    let (first, second) = (chain("first", "One", "Two"), chain("second", "Two", "Three"));
    let query = Query::of([QueryItem::of(&["Three"], [])]);
    let third = Arc::new(Recorder { query, ..Recorder::content("third") });
    let groups = ground.start(&[&first, &second, &third]).await;
    let other = ground.elsewhere().await;
    let elsewhere = other.start(&[&first, &second, &third]).await;
    for round in 1..=3 {
        let id = format!("c{round}");
        ground.append("a", of_correlation("One", &id)).await;
        let waiting = if round == 2 { &elsewhere } else { &groups };
        waiting.handled(&Tenant::new("a"), &id, &["third", "first", "second"], LONG).await.unwrap();
        assert_eq!(third.seen().len(), round, "all that follows is handled too");
    }
    groups.handled(&Tenant::new("a"), "nothing", &["first"], LONG).await.unwrap();
    groups.handled(&Tenant::new("a"), "c1", &[], LONG).await.unwrap();
    let unknown = groups.handled(&Tenant::new("a"), "c1", &["none"], LONG).await;
    assert!(matches!(unknown, Err(NotHandled::Unknown(_))));
    elsewhere.stop().await;
    groups.stop().await;
}

pub(super) async fn a_wait_ends_with_what_is_parked_or_late(ground: Ground) {
    let act: Act = Box::new(|delivery| {
        let of = delivery.event.event_type.clone();
        Box::pin(async move {
            match of.as_str() {
                "Bad" => Err(Failure::Park("never".to_owned())),
                "Later" => Err(Failure::Retry("later".to_owned())),
                _ => Ok(()),
            }
        })
    });
    let mut recorder = Recorder::new("g", act);
    recorder.options.retry = Retry { attempts: 9, from: LONG * 10, to: LONG * 10 };
    let recorder = Arc::new(recorder);
    let groups = ground.start(&[&recorder]).await;
    let wait = async |tenant: &str, id: &str, at_most| groups.handled(&Tenant::new(tenant), id, &["g"], at_most).await;
    ground.append("a", of_correlation("Bad", "bad")).await;
    let parked = wait("a", "bad", LONG).await;
    assert!(matches!(parked, Err(NotHandled::Parked(_))), "{parked:?}");
    ground.append("b", of_correlation("Later", "later")).await;
    let late = wait("b", "later", Duration::from_millis(500)).await;
    assert!(matches!(late, Err(NotHandled::TimedOut(_))), "{late:?}");
    ground.append("c", of_correlation("Good", "good")).await;
    wait("c", "good", LONG).await.unwrap();
    groups.stop().await;
}
