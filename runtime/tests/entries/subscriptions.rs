use std::time::Duration;

use super::fixture::*;
use futures_util::{Stream, StreamExt};
use scaffold_runtime::codegen::*;
use tonic::Status;

type Message = Result<Change<Course>, Status>;

async fn next(stream: &mut (impl Stream<Item = Message> + Unpin)) -> Change<Course> {
    tokio::time::timeout(Duration::from_secs(60), stream.next()).await.unwrap().unwrap().unwrap()
}

async fn quiet(stream: &mut (impl Stream<Item = Message> + Unpin)) -> bool {
    tokio::time::timeout(Duration::from_millis(100), stream.next()).await.is_err()
}

fn capacity(change: &Change<Course>) -> i64 {
    match change {
        Change::Data(course) => course.capacity,
        Change::Removed(id) => panic!("{id} was removed"),
    }
}

pub async fn one_entry_is_followed_until_it_is_gone(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10)]).await;
    let stream = school.service.watch::<Course>(&caller("t"), Some("c1".into()), Filter::everything()).await.unwrap();
    let mut stream = Box::pin(stream);
    assert!(quiet(&mut stream).await, "only changes from now on are told");
    school.happened("t", vec![defined("other", "Other", 1)]).await;
    school.happened("elsewhere", vec![defined("c1", "Foreign", 1)]).await;
    assert!(quiet(&mut stream).await);
    school.happened("t", vec![defined("c1", "Rust", 11), defined("c1", "Rust", 12)]).await;
    assert_eq!(capacity(&next(&mut stream).await), 12, "one message for what changed at once");
    school.happened("t", vec![CourseCancelled { course_id: "c1".into() }.into()]).await;
    assert_eq!(next(&mut stream).await, Change::Removed("c1".into()));
    assert!(quiet(&mut stream).await);
}

pub async fn an_entry_that_leaves_the_filter_is_removed(on: On) {
    let school = School::open(on).await;
    let small = Filter::compare("capacity", Comparison::Less, 10);
    let stream = school.service.watch::<Course>(&caller("t"), None, small).await.unwrap();
    let mut stream = Box::pin(stream);
    school.happened("t", vec![defined("c1", "Rust", 5), defined("c2", "Big", 50)]).await;
    assert_eq!(capacity(&next(&mut stream).await), 5);
    school.happened("t", vec![defined("c1", "Rust", 20)]).await;
    assert_eq!(next(&mut stream).await, Change::Removed("c1".into()));
    school.happened("t", vec![defined("c1", "Rust", 30), CourseCancelled { course_id: "c2".into() }.into()]).await;
    assert!(quiet(&mut stream).await, "what was outside and stays outside is not told");
    school.happened("t", vec![defined("c1", "Rust", 1)]).await;
    assert_eq!(capacity(&next(&mut stream).await), 1);
}

pub async fn a_subscriber_who_falls_too_far_behind_is_told_so(on: On) {
    let school = School::open(on).await;
    let stream = school.service.watch::<Course>(&caller("t"), None, Filter::everything()).await.unwrap();
    let mut stream = Box::pin(stream);
    for chunk in 0..11 {
        let ids = (0..1000).map(|number| defined(&format!("c{chunk}-{number}"), "x", 1)).collect();
        school.happened("t", ids).await;
    }
    let failed = stream.next().await.unwrap().unwrap_err();
    assert_eq!(status::code(&failed), "UNAVAILABLE");
    assert!(stream.next().await.is_none(), "the stream ends with its first error");
}

pub async fn a_subscription_ends_with_its_token(on: On) {
    let school = School::open(on).await;
    let soon = DateTime::from_millis(DateTime::now().millis() + 2000);
    let call = Call { expires: Some(soon), ..caller("t") };
    let stream = school.service.watch::<Course>(&call, None, Filter::everything()).await.unwrap();
    let mut stream = Box::pin(stream);
    school.happened("t", vec![defined("c1", "Rust", 5)]).await;
    let mut next = async || tokio::time::timeout(Duration::from_secs(60), stream.next()).await.unwrap().unwrap();
    // On a slow machine the token may be older than its first message.
    let end = match next().await {
        Ok(change) => {
            assert_eq!(capacity(&change), 5);
            next().await
        }
        end => end,
    };
    assert_eq!(status::code(&end.unwrap_err()), "UNAUTHENTICATED");
    assert!(stream.next().await.is_none());
}
