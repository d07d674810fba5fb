//! Consumer groups of another service's events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::tally::given;
use super::{Billing, Enrollment, On, until};
use crate::consumer::{Consumer, Delivery, Failure, Groups, Options, Order, Retry, Row, SqlValue, Start, Statement};
use crate::event::{Query, QueryItem};

/// Notes each event in the reader's own database, in the transaction of the cursor.
struct Noting {
    /// So many attempts fail, of every event.
    failing: AtomicU32,
    start: Start,
    pause: Duration,
}

impl Noting {
    fn new() -> Self {
        Self { failing: AtomicU32::new(0), start: Start::Beginning, pause: Duration::from_millis(5) }
    }
}

#[async_trait::async_trait]
impl Consumer for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn query(&self) -> Query {
        Query::of([QueryItem::of(&["Given"], [])])
    }

    fn source(&self) -> Option<&'static str> {
        Some("enrollment")
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 3, from: self.pause, to: self.pause };
        Options { order: Order::Tenant, start: self.start, retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        vec![Statement::new("CREATE TABLE IF NOT EXISTS noted (tenant TEXT, position BIGINT, number TEXT)")]
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        let Delivery { event, attempt, .. } = delivery;
        if attempt <= self.failing.load(Ordering::SeqCst) {
            return Err(Failure::Retry("not yet".to_owned()));
        }
        let number = event.payload["number"].as_str().unwrap_or_default();
        let statement = Statement::new("INSERT INTO noted VALUES ($1, $2, $3)");
        delivery.writes.add(statement.bind(event.tenant.as_str()).bind(event.position).bind(number));
        Ok(())
    }
}

/// The numbers that were noted, in that order.
async fn noted(billing: &Billing) -> Vec<String> {
    let statement = Statement::new("SELECT number FROM noted ORDER BY position");
    let ledger = billing.databases.all()[0].groups();
    // The table is made when the group begins.
    let Ok(found) = ledger.transactions().run(None, vec![statement]).await else { return Vec::new() };
    let text = |row: &Row| match &row[0] {
        SqlValue::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    found[0].iter().map(text).collect()
}

async fn overview(groups: &Groups) -> crate::consumer::Overview {
    groups.overview().await.unwrap().remove(0)
}

fn numbers(to: usize) -> Vec<String> {
    (1..=to).map(|number| number.to_string()).collect()
}

pub(super) async fn nothing_is_handled_twice_however_often_the_line_breaks(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let consumer = Arc::new(Noting::new());
    let groups = billing.consume(Arc::<Noting>::clone(&consumer)).await;
    for number in 1..=200 {
        enrollment.append(["a", "b"][number % 2], vec![given("one", number)]).await;
        if number % 10 == 0 {
            consumer.failing.store(u32::from(fastrand::bool()), Ordering::SeqCst);
            enrollment.turn(fastrand::bool());
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..30))).await;
            enrollment.turn(true);
        }
    }
    until("all are handled", async || noted(&billing).await.len() >= 200).await;
    assert_eq!(noted(&billing).await, numbers(200));
    let now = overview(&groups).await;
    assert_eq!((now.source, now.parked), (Some("enrollment"), 0));
    groups.stop().await;
    // It goes on where it was, which its own database knows.
    let billing = billing.again(&enrollment);
    enrollment.append("a", vec![given("one", 201)]).await;
    let groups = billing.consume(consumer).await;
    until("the next is handled", async || noted(&billing).await.len() > 200).await;
    assert_eq!(noted(&billing).await, numbers(201));
    groups.stop().await;
}

pub(super) async fn what_is_parked_is_sent_again(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let consumer = Arc::new(Noting::new());
    consumer.failing.store(9, Ordering::SeqCst);
    let groups = billing.consume(Arc::<Noting>::clone(&consumer)).await;
    enrollment.append("a", vec![given("one", 1)]).await;
    until("it is parked", async || overview(&groups).await.parked == 1).await;
    consumer.failing.store(0, Ordering::SeqCst);
    enrollment.append("a", vec![given("one", 2)]).await;
    until("the next is handled", async || noted(&billing).await == ["2"]).await;
    let parked = groups.parked("noting", None, 10).await.unwrap().remove(0);
    assert_eq!((parked.event_type.as_deref(), parked.attempts), (Some("Given"), 3));
    enrollment.turn(false);
    assert!(groups.resend("noting", &parked.id).await.unwrap());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(overview(&groups).await.parked, 1, "its event is away");
    assert!(overview(&groups).await.here, "and that is no reason to begin anew");
    enrollment.turn(true);
    until("it is handled", async || noted(&billing).await == numbers(2)).await;
    assert_eq!(overview(&groups).await.parked, 0);
    groups.stop().await;
}

pub(super) async fn what_was_put_off_waits_for_the_other_service(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let consumer = Arc::new(Noting { pause: Duration::from_millis(300), ..Noting::new() });
    consumer.failing.store(1, Ordering::SeqCst);
    let groups = billing.consume(Arc::<Noting>::clone(&consumer)).await;
    enrollment.append("a", vec![given("one", 1)]).await;
    enrollment.append("a", vec![given("one", 2)]).await;
    until("both are put off", async || overview(&groups).await.waiting == 2).await;
    enrollment.turn(false);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(noted(&billing).await, [""; 0]);
    enrollment.turn(true);
    until("both are handled", async || noted(&billing).await.len() == 2).await;
    assert_eq!(noted(&billing).await, numbers(2));
    assert_eq!(overview(&groups).await.parked, 0, "an event that could not be read was not tried");
    groups.stop().await;
}

pub(super) async fn others_events_set_off_nothing(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let groups = billing.consume(Arc::new(Noting::new())).await;
    enrollment.append("a", vec![given("one", 1)]).await;
    until("it is handled", async || noted(&billing).await == numbers(1)).await;
    groups.stop().await;
    let other = Enrollment::open(on).await;
    other.append("a", (7..10).map(|number| given("one", number)).collect()).await;
    let billing = billing.again(&other);
    let groups = billing.consume(Arc::new(Noting::new())).await;
    until("it says so", async || {
        overview(&groups)
            .await
            .source_error
            .is_some_and(|error| error.contains("others than those that were read before"))
    })
    .await;
    assert_eq!(noted(&billing).await, numbers(1));
    groups.stop().await;
}

pub(super) async fn a_new_group_begins_where_the_other_service_is(on: On) {
    let enrollment = Enrollment::open(on).await;
    enrollment.append("a", vec![given("one", 1)]).await;
    enrollment.turn(false);
    let billing = Billing::open(on, &enrollment).await;
    let consumer = Arc::new(Noting { start: Start::Now, ..Noting::new() });
    let groups = billing.consume(consumer).await;
    until("it is said what is wrong", async || overview(&groups).await.source_error.is_some()).await;
    assert_eq!(overview(&groups).await.position, Some(0));
    enrollment.turn(true);
    until("it has begun", async || overview(&groups).await.position == Some(1)).await;
    enrollment.append("a", vec![given("one", 2)]).await;
    until("what comes is handled", async || !noted(&billing).await.is_empty()).await;
    assert_eq!(noted(&billing).await, ["2"]);
    groups.stop().await;
}
