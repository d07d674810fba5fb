//! A connection that is cut at each moment of a commit, for each kind of append.

use super::proxy::{Moment, Proxy};
use super::*;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::time::Duration;

/// An append, and how the store goes about it.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The first one of a store: it looks before it writes.
    First,
    /// In one round trip, as nobody else has written since.
    AtOnce,
    /// After another process has written.
    Overtaken,
    /// Under an idempotency key.
    Keyed,
    /// Of three events, if no other has its tag.
    Conditional,
}

impl Kind {
    const ALL: [Self; 5] = [Self::First, Self::AtOnce, Self::Overtaken, Self::Keyed, Self::Conditional];

    fn append(self, tag: &str) -> Append {
        let plain = Append::new(tenant(), vec![event(tag)]);
        match self {
            Self::First | Self::AtOnce | Self::Overtaken => plain,
            Self::Keyed => {
                let key = Idempotency { command: "Take".into(), key: tag.into(), answer: serde_json::json!(tag) };
                Append { idempotency: Some(key), ..plain }
            }
            Self::Conditional => Append::new(tenant(), (0..3).map(|_| event(tag)).collect()).unless(about(tag), None),
        }
    }
}

/// A database that one store reaches by a way that is cut, and another one by a way that is not.
struct Ground {
    proxy: Proxy,
    url: String,
    by_proxy: String,
    direct: PostgresEvents,
}

impl Ground {
    async fn new() -> Self {
        let url = SERVER.schema();
        let (proxy, by_proxy) = Proxy::to(&url).await;
        Self { proxy, direct: open(&url).await, url, by_proxy }
    }

    /// Cuts the next append.
    fn aim(&self, moment: Moment) {
        let schema = schema(&self.url);
        self.proxy.aim(moment, [format!("INSERT INTO \"{schema}\".events"), format!("FROM \"{schema}\".append")]);
    }

    /// Where the events of an append stand.
    async fn places(&self, append: &Append) -> Vec<Position> {
        let stored = self.direct.read(&tenant(), &Query::All, Range::default()).await.unwrap();
        let of =
            |new: &NewEvent| stored.iter().filter(|event| event.id == new.id).map(|event| event.position).collect();
        let found: Vec<Vec<Position>> = append.events.iter().map(of).collect();
        found.concat()
    }

    /// Each event once, and no position left out.
    async fn check(&self) {
        let stored = all(&self.direct).await;
        let positions: Vec<Position> = stored.iter().map(|event| event.position).collect();
        assert_eq!(positions, (1..=self.direct.head().await.unwrap()).collect::<Vec<_>>(), "no gap");
        let ids: BTreeSet<Uuid> = stored.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), stored.len(), "none doubled");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_it_is_cut_an_append_is_there_once_or_not_at_all() {
    let ground = Ground::new().await;
    let mut store = open(&ground.by_proxy).await;
    for moment in Moment::ALL {
        for kind in Kind::ALL {
            cut(&ground, &store, kind, moment).await;
        }
        store = open(&ground.by_proxy).await;
    }
    ground.check().await;
}

async fn cut(ground: &Ground, store: &PostgresEvents, kind: Kind, moment: Moment) {
    if !matches!(kind, Kind::First) {
        store.append(Append::new(tenant(), vec![event("before")])).await.unwrap();
    }
    if matches!(kind, Kind::Overtaken) {
        ground.direct.append(Append::new(tenant(), vec![event("other")])).await.unwrap();
    }
    let (tag, cuts) = (format!("seat:{kind:?}/{moment:?}"), ground.proxy.cuts());
    let append = kind.append(&tag);
    ground.aim(moment);
    let outcome = store.append(append.clone()).await;
    assert_eq!(ground.proxy.cuts(), cuts + 1, "{tag}: it was cut");
    let found = ground.places(&append).await;
    match &outcome {
        Ok(_) => assert_eq!(found.len(), append.events.len(), "{tag}: acknowledged, so it is there"),
        Err(AppendError::Store(StoreError::Unknown(_))) => {
            let expected = if moment.is_committed() { append.events.len() } else { 0 };
            assert_eq!(found.len(), expected, "{tag}: all or nothing");
        }
        Err(error) => panic!("{tag}: {error}"),
    }
    // The same once more, as a caller does who got no answer.
    let again = store.append(append.clone()).await.unwrap();
    let found = ground.places(&append).await;
    assert_eq!(found.len(), append.events.len(), "{tag}: once, however often it was asked for");
    match again {
        Appended::Done(Positions { first, last }) => {
            assert_eq!((found.first(), found.last()), (Some(&first), Some(&last)), "{tag}");
        }
        Appended::Repeated(answer) => {
            assert!(matches!(kind, Kind::Keyed), "{tag}");
            assert_eq!((Some(&answer.position), answer.answer), (found.last(), serde_json::json!(tag)));
        }
    }
    if let Ok(Appended::Done(positions)) = outcome {
        assert_eq!((found.first(), found.last()), (Some(&positions.first), Some(&positions.last)), "{tag}");
    }
    let late = store.append(Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None)).await;
    assert!(matches!(late, Err(AppendError::Conflict)), "{tag}: the condition sees it: {late:?}");
}

/// Many appends share the commit that is cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_is_cut_is_there_as_a_whole_or_not_at_all() {
    let ground = Ground::new().await;
    let store = open(&ground.by_proxy).await;
    for (round, moment) in Moment::ALL.into_iter().enumerate() {
        ground.aim(moment);
        // Two of them want each seat, and half of them have a key.
        let appends: Vec<Append> = (0..40)
            .map(|n| {
                let kind = if n % 4 < 2 { Kind::First } else { Kind::Keyed };
                let append = kind.append(&format!("seat:{round}/{}", n / 2));
                let query = about(append.events[0].tags[0].as_str());
                append.unless(query, None)
            })
            .collect();
        let outcomes = join_all(appends.iter().map(|append| store.append(append.clone()))).await;
        for (append, outcome) in appends.iter().zip(&outcomes) {
            let there = ground.places(append).await.len();
            match outcome {
                Ok(Appended::Done(_)) => assert_eq!(there, 1, "{moment:?}"),
                Ok(Appended::Repeated(_)) | Err(AppendError::Conflict) => assert_eq!(there, 0, "{moment:?}"),
                Err(AppendError::Store(StoreError::Unknown(_))) => assert!(there <= 1, "{moment:?}"),
                Err(error) => panic!("{moment:?}: {error}"),
            }
        }
        join_all(appends.iter().map(|append| store.append(append.clone()))).await;
        for seat in 0..20 {
            let query = about(&format!("seat:{round}/{seat}"));
            let taken = ground.direct.read(&tenant(), &query, Range::default()).await.unwrap();
            assert_eq!(taken.len(), 1, "{moment:?}: each seat once");
        }
    }
    assert_eq!(ground.proxy.cuts(), Moment::ALL.len());
    ground.check().await;
}

/// The server has committed, its answer is lost, and it cannot be asked again in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_committed_is_never_said_not_to_be() {
    let ground = Ground::new().await;
    let store = open(&ground.by_proxy).await;
    store.append(Append::new(tenant(), vec![event("before")])).await.unwrap();
    ground.aim(Moment::BeforeAnswer);
    ground.proxy.refuse(true);
    let append = Kind::AtOnce.append("seat:1");
    let outcome = store.append(append.clone()).await;
    assert_eq!(ground.places(&append).await, [2]);
    assert!(matches!(outcome, Err(AppendError::Store(StoreError::Unknown(_)))), "it is stored: {outcome:?}");
    // Nothing of the next one has reached the server.
    let next = store.append(Kind::AtOnce.append("seat:2")).await;
    assert!(matches!(next, Err(AppendError::Store(StoreError::Unreachable(_)))), "{next:?}");
    ground.proxy.calm();
    let again = store.append(append.clone()).await.unwrap();
    assert_eq!(again, Appended::Done(Positions { first: 2, last: 2 }), "the store is back by itself");
    let mut watch = store.watch();
    ground.direct.append(Append::new(tenant(), vec![event("last")])).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(30), watch.wait_for(|head| *head >= 3)).await.is_ok();
    assert!(heard, "the listener is back too");
    ground.check().await;
}
