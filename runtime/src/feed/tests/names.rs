//! Services that read each other's events while one of them knows an event by another name: whoever is deployed first.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tally::{given, sicken};
use super::{Billing, Enrollment, On, until};
use crate::consumer::{Consumer, Delivery, Failure, Groups, Parked};
use crate::database::{Database, Databases};
use crate::event::{NewEvent, Query, QueryItem, Renamed};
use crate::feed::Feeds;
use crate::store::{Append, Range};

/// What a program of each deployment calls the event, and says of its names.
const DEPLOYED: [(&str, &[Renamed]); 3] = [
    ("Given", &[]),
    ("Granted", &[Renamed { name: "Granted", before: &["Given"] }]),
    ("Awarded", &[Renamed { name: "Awarded", before: &["Given", "Granted"] }]),
];

fn named(name: &'static str) -> NewEvent {
    NewEvent { event_type: name.into(), ..given("n", 1) }
}

fn of(name: &'static str) -> Query {
    Query::of([QueryItem::of(&[name], [])])
}

pub(super) async fn programs_of_every_deployment_read_each_other(on: On) {
    let (events, own) = (on.open().await, on.open().await);
    for (name, renamed) in DEPLOYED {
        let written = vec![named(name), named("Other")];
        let deployed = events.clone().renamed(renamed);
        deployed.events().append(Append::new("a".to_owned().into(), written)).await.unwrap();
    }
    for (theirs, renamed) in DEPLOYED {
        let enrollment = Enrollment::serving(events.clone().renamed(renamed)).await;
        for (ours, known) in DEPLOYED {
            let billing = Billing::knowing(own.clone(), &enrollment, known);
            let read = async |query: &Query| {
                let found = billing.feed().read(None, query, Range::default()).await.unwrap();
                found.into_iter().map(|event| (event.position, event.event_type)).collect::<Vec<_>>()
            };
            let all = [1, 3, 5].map(|position| (position, ours.to_owned()));
            assert_eq!(read(&of(ours)).await, all, "{ours} of {theirs}");
            let with_other = Query::of([QueryItem::of(&["Other"], []), QueryItem::of(&[ours], [])]);
            assert_eq!(read(&with_other).await.into_iter().filter(|(_, name)| name == ours).collect::<Vec<_>>(), all);
            assert_eq!(read(&of("Other")).await.len(), 3);
        }
    }
}

/// Gives up on everything.
struct Refusing(&'static str, Option<&'static str>);

#[async_trait::async_trait]
impl Consumer for Refusing {
    fn name(&self) -> &'static str {
        "refusing"
    }

    fn query(&self) -> Query {
        of(self.0)
    }

    fn source(&self) -> Option<&'static str> {
        self.1
    }

    fn options(&self) -> crate::consumer::Options {
        crate::consumer::Options { start: crate::consumer::Start::Beginning, ..Default::default() }
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        Err(Failure::Park(delivery.event.event_type.clone()))
    }
}

pub(super) async fn what_was_parked_before_is_shown_by_todays_name(on: On) {
    let enrollment = Enrollment::open(on).await;
    enrollment.append("a", vec![named("Given")]).await;
    let own = on.open().await;
    let elsewhere = async |(name, known): (&'static str, &'static [Renamed])| {
        let billing = Billing::knowing(own.clone(), &enrollment, known);
        parked(billing.consume(Arc::new(Refusing(name, Some("enrollment")))).await).await
    };
    let here = async |(name, known): (&'static str, &'static [Renamed])| {
        let database: Database = enrollment.database.clone().renamed(known);
        let feeds = Feeds::new(
            ("enrollment", &database),
            crate::automation::Peers::new(super::ground::keys()),
            BTreeMap::new(),
        );
        let consumers: [Arc<dyn Consumer>; 1] = [Arc::new(Refusing(name, None))];
        parked(Groups::start_on(&consumers, &Databases::single(database), &feeds).await.unwrap()).await
    };
    for deployed in DEPLOYED {
        for one in [elsewhere(deployed).await, here(deployed).await] {
            assert_eq!(
                (one.event_type.as_deref(), one.error.as_str()),
                (Some(deployed.0), "Given"),
                "it was parked once"
            );
        }
    }
}

pub(super) async fn what_a_projection_put_aside_before_is_shown_by_todays_name(on: On) {
    let enrollment = Enrollment::open(on).await;
    let sick = fastrand::usize(1_000_000..2_000_000);
    sicken(&sick.to_string());
    enrollment.append("a", vec![given("one", sick)]).await;
    let own = on.open().await;
    for (name, known) in DEPLOYED {
        let engines = Billing::knowing(own.clone(), &enrollment, known).project().await;
        let aside = async || engines.parked("Tally", None, 9).await.unwrap().unwrap();
        until("it lies aside", async || !aside().await.is_empty()).await;
        assert_eq!(aside().await[0].parked.event_type, name);
        engines.stop().await;
    }
}

async fn parked(groups: Groups) -> Parked {
    until("it is parked", async || !groups.parked("refusing", None, 9).await.unwrap().is_empty()).await;
    let mut found = groups.parked("refusing", None, 9).await.unwrap();
    groups.stop().await;
    found.remove(0)
}
