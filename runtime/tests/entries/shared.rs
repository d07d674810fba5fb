//! Several services on one PostgreSQL schema, as several processes have them.

use super::fixture::*;
use futures_util::StreamExt;
use scaffold_runtime::codegen::*;
use scaffold_runtime::tables::Place;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

async fn three() -> [School; 3] {
    let one = School::open(On::Postgres).await;
    let (two, three) = tokio::join!(one.beside(), one.beside());
    [one, two, three]
}

async fn close(schools: impl IntoIterator<Item = School>) {
    for school in schools {
        school.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_one_records_all_can_read() {
    let schools = three().await;
    for round in 0..30 {
        let id = format!("c{round}");
        schools[round % 3].append("t", vec![defined(&id, "Rust", 5), SeatsAdded { seats: 1 }.into()]).await;
        for school in &schools {
            assert_eq!(school.course("t", &id).await.unwrap().capacity, 6, "a strong read, whoever applies the events");
        }
    }
    let courses = schools[0].courses("t").await;
    assert_eq!(courses.iter().map(|course| course.capacity).sum::<i64>(), 30 * 5 + (1..=30).sum::<i64>());
    close(schools).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_of_all_hear_of_every_change() {
    let schools = three().await;
    let mut streams = Vec::new();
    for school in &schools {
        let stream =
            school.service.watch::<Course>(&caller("t"), Some("c1".into()), Filter::everything()).await.unwrap();
        streams.push(Box::pin(stream));
    }
    let said = [defined("c1", "Rust", 5), CourseCancelled { course_id: "c1".into() }.into()];
    for (event, school) in said.into_iter().zip(&schools[1..]) {
        let is_cancelled = matches!(event, Event::CourseCancelled(_));
        school.append("t", vec![event]).await;
        for stream in &mut streams {
            let change = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap().unwrap().unwrap();
            assert_eq!(matches!(change, Change::Removed(_)), is_cancelled, "{change:?}");
        }
    }
    close(schools).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_is_replaced_and_nothing_is_applied_twice() {
    let [one, two, three] = three().await;
    let mut seats = 0;
    one.happened("t", vec![defined("c1", "Rust", 0)]).await;
    let mut left = vec![three, two];
    let mut school = one;
    loop {
        for _ in 0..20 {
            seats += 1;
            school.append("t", vec![SeatsAdded { seats: 1 }.into()]).await;
        }
        assert_eq!(school.course("t", "c1").await.unwrap().capacity, seats);
        let Some(next) = left.pop() else { break };
        // Some of it is applied by whoever comes next.
        school.append("t", vec![SeatsAdded { seats: 1 }.into()]).await;
        seats += 1;
        school.close().await;
        school = next;
    }
    school.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_others_move_the_checkpoint_for_those_who_only_look() {
    let [one, two, three] = three().await;
    let student = StudentCreated { id: "s1".into(), name: "Ada".into(), email: None };
    let position = one.append("t", vec![student.into()]).await;
    for school in [&one, &two, &three] {
        // No course has changed; yet whoever waits for this position must not wait in vain.
        school.settled::<Course>(position).await;
        let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
        let stored = async {
            while live.tables.checkpoint(&live.place).await.unwrap().position < position {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, stored).await.unwrap();
    }
    close([one, two, three]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_asked_the_owner_tries_again() {
    let schools = three().await;
    let title = uuid::Uuid::now_v7().to_string();
    sicken(&title);
    schools[0].happened("t", vec![defined("c1", "Rust", 5)]).await;
    for (round, school) in (1..).zip(&schools) {
        let position = school.append("t", vec![defined("c1", &title, 10 * round)]).await;
        schools[0].happened("t", vec![SeatsAdded { seats: 1 }.into()]).await;
        assert_eq!(school.aside().await, [(position, Some("c1".into()), 1)]);
        heal(&title);
        school.resend(position).await;
        assert_eq!(school.aside().await, []);
        for school in &schools {
            assert_eq!(school.course("t", "c1").await.unwrap().capacity, 10 * round + 1);
        }
        sicken(&title);
    }
    close(schools).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_drops_what_another_one_serves() {
    let [one, two, three] = three().await;
    let live = one.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let older = Place::new("school", Table { definition: "0ld0ld0ld0", ..COURSES });
    live.tables.prepare(&older, 0).await.unwrap();
    live.tables.attend("a process of before", std::slice::from_ref(&older)).await.unwrap();
    assert_eq!(two.engines.unused(true).await.unwrap(), [], "it still runs");
    live.tables.depart("a process of before").await.unwrap();
    let found = two.engines.unused(true).await.unwrap();
    assert_eq!(found.iter().map(|one| &*one.table).collect::<Vec<_>>(), [&*older.name]);
    // Of an earlier runtime, which notes nothing, there is a lease.
    live.tables.prepare(&older, 0).await.unwrap();
    let leases = one.databases.all()[0].leases();
    let lease = format!("projection/{}", older.name);
    leases.take(&lease, "somebody", Duration::from_secs(60)).await.unwrap();
    assert_eq!(two.engines.unused(true).await.unwrap(), []);
    leases.release(&lease, "somebody").await.unwrap();
    assert_eq!(three.engines.unused(true).await.unwrap().len(), 1);
    // The tables of this definition are served, whoever owns them.
    one.close().await;
    assert_eq!(two.engines.unused(true).await.unwrap(), []);
    assert_eq!(three.courses("t").await, []);
    close([two, three]).await;
}
