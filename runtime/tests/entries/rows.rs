use super::fixture::*;
use super::rules::{Guest, Lesson, Member, Owned};
use futures_util::{Stream, StreamExt};
use scaffold_runtime::codegen::*;
use scaffold_runtime::projection::Registry;
use std::time::Duration;
use tonic::Status;

/// Somebody whose token holds this.
fn with(data: Json) -> Call {
    let mut call = caller("t");
    call.caller.data = data;
    call
}

/// Somebody whose claim `is` is this.
fn is(value: impl Into<Json>) -> Call {
    with(json!({ "is": value.into() }))
}

async fn school(on: On, more: Registry) -> School {
    let (url, folder) = address(on);
    School::with(url, folder, more).await
}

fn course(id: &str, title: &str, capacity: i64) -> Event {
    let day = "2026-01-31".parse().ok();
    CourseDefined { course_id: id.into(), title: title.into(), capacity, rating: Some(0.5), starts_on: day }.into()
}

async fn ids<E: Entry>(school: &School, call: &Call, list: List) -> (Vec<String>, i64) {
    let page = school.service.list::<E>(call, List { strong: true, ..list }).await.unwrap();
    (page.data.iter().map(|entry| entry.id().to_owned()).collect(), page.total)
}

async fn all<E: Entry>(school: &School, call: &Call) -> Vec<String> {
    let (ids, total) = ids::<E>(school, call, List::default()).await;
    assert_eq!(ids.len() as i64, total, "what is counted is what is shown");
    ids
}

async fn lessons(on: On) -> School {
    let school = school(on, Registry::new("school").add::<Lesson<0>>()).await;
    let events = vec![course("a1", "a", 1), course("a2", "a", 20), course("b1", "b", 3), course("c1", "c", 4)];
    school.happened("t", events).await;
    let last = school.happened("other", vec![course("x1", "a", 5)]).await;
    school.settled::<Lesson<0>>(last).await;
    school
}

pub async fn each_caller_sees_the_entries_of_its_claim(on: On) {
    let school = lessons(on).await;
    assert_eq!(all::<Lesson<0>>(&school, &is("a")).await, ["a1", "a2"]);
    assert_eq!(all::<Lesson<0>>(&school, &is("b")).await, ["b1"]);
    assert_eq!(all::<Lesson<0>>(&school, &is(json!(["b", "c", "d"]))).await, ["b1", "c1"], "a list means one of");
    let mut elsewhere = is("a");
    elsewhere.caller.tenant = Tenant::new("other");
    assert_eq!(all::<Lesson<0>>(&school, &elsewhere).await, ["x1"], "tenants stay apart");
    let admin = holding("t", &["ADMIN"]);
    assert_eq!(all::<Lesson<0>>(&school, &admin).await, ["a1", "a2", "b1", "c1"], "an exception");
    assert_eq!(all::<Lesson<0>>(&school, &Call::system(Tenant::new("t"))).await.len(), 4);
    school.close().await;
}

pub async fn a_claim_that_says_nothing_shows_nothing(on: On) {
    let school = lessons(on).await;
    let empty =
        [json!(null), json!(""), json!([]), json!([""]), json!([null]), json!(7), json!(true), json!({ "a": "a" })];
    for claim in empty {
        assert_eq!(all::<Lesson<0>>(&school, &is(claim.clone())).await, [""; 0], "{claim}");
    }
    let others =
        [json!(null), json!({}), json!({ "IS": "a" }), json!({ "x": { "is": "a" } }), json!("a"), json!(["a"])];
    for data in others {
        assert_eq!(all::<Lesson<0>>(&school, &with(data.clone())).await, [""; 0], "{data}");
    }
    assert_eq!(all::<Lesson<0>>(&school, &anonymous("t")).await, [""; 0], "no token, no claim");
    assert_eq!(all::<Lesson<0>>(&school, &holding("t", &["TEACHER"])).await, [""; 0], "no exception for others");
    for odd in ["a' OR '1'='1", "%", "a\0", "*"] {
        assert_eq!(all::<Lesson<0>>(&school, &is(odd)).await, [""; 0], "{odd:?}");
    }
    school.close().await;
}

pub async fn every_way_to_read_keeps_to_the_rows(on: On) {
    let school = lessons(on).await;
    let (mine, service) = (is("a"), &school.service);
    let by_id = |id: &str| Get { id: id.into(), ..Get::default() };
    assert_eq!(service.get::<Lesson<0>>(&mine, by_id("a1")).await.unwrap().entry.unwrap().id, "a1");
    let [unseen, missing] = [service.get::<Lesson<0>>(&mine, by_id("b1")).await, service.get(&mine, by_id("zz")).await]
        .map(|answer| answer.unwrap_err());
    assert_eq!(status::code(&unseen), "NOT_FOUND");
    assert_eq!(unseen.message().replace("b1", "zz"), missing.message(), "nothing tells the two apart");
    let empty = Get { return_empty: true, ..by_id("b1") };
    assert!(service.get::<Lesson<0>>(&mine, empty).await.unwrap().entry.is_none());
    let both = Get { filter: Filter::equals("title", "b"), ..by_id("b1") };
    assert_eq!(status::code(&service.get::<Lesson<0>>(&mine, both).await.unwrap_err()), "NOT_FOUND");
    let filter = Get { filter: Filter::equals("title", "b"), ..Get::default() };
    assert_eq!(status::code(&service.get::<Lesson<0>>(&mine, filter).await.unwrap_err()), "NOT_FOUND");
    let asked = ["b1", "a2", "zz", "a1", "a2", "x\0"].map(str::to_owned).to_vec();
    let found = service.by_ids::<Lesson<0>>(&mine, asked.clone(), vec![]).await.unwrap().data;
    assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a2", "a1"]);
    assert_eq!(found[0].course.title, "a", "all fields, since none is named");
    let few = service.by_ids::<Lesson<0>>(&mine, asked, vec!["capacity".into()]).await.unwrap().data;
    assert_eq!((few[0].course.title.as_str(), few[0].course.capacity), ("", 20));
    // Filters cannot lead out of the rows, whatever they are joined by.
    let any = Filter::Any(vec![Filter::equals("title", "b"), Filter::equals("title", "a")]);
    assert_eq!(
        ids::<Lesson<0>>(&school, &mine, List { filter: any, ..List::default() }).await,
        (vec!["a1".into(), "a2".into()], 2)
    );
    let not = Filter::test("title", Test::NotIn(vec!["a".into()]));
    assert_eq!(ids::<Lesson<0>>(&school, &mine, List { filter: not, ..List::default() }).await, (vec![], 0));
    // Pages, and the cursor of somebody who sees more.
    let list = |limit, after| List { limit, after, order: vec![Order::ascending("capacity")], ..List::default() };
    let page = service.list::<Lesson<0>>(&holding("t", &["ADMIN"]), list(1, None)).await.unwrap();
    assert_eq!((page.data[0].id.as_str(), page.total), ("a1", 4));
    let next = service.list::<Lesson<0>>(&mine, list(10, page.cursor)).await.unwrap();
    assert_eq!(next.data.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a2"], "mine behind it");
    assert_eq!((next.total, next.cursor), (2, None));
    let second = service.list::<Lesson<0>>(&mine, List { limit: 1, page: 2, ..List::default() }).await.unwrap();
    assert_eq!((second.data[0].id.as_str(), second.total), ("a2", 2));
    // Nobody waits for what is not shown.
    let wait = Some(Wait { timeout_ms: 50, condition: Filter::everything() });
    let waited = service.get::<Lesson<0>>(&mine, Get { wait, ..by_id("b1") }).await.unwrap_err();
    assert_eq!(status::code(&waited), "UNAVAILABLE");
    school.close().await;
}

pub async fn values_of_every_kind_are_compared_as_their_own(on: On) {
    let registry = Registry::new("school").add::<Lesson<1>>().add::<Lesson<2>>().add::<Lesson<3>>().add::<Lesson<4>>();
    let registry = registry.add::<Lesson<5>>().add::<Lesson<6>>().add::<Lesson<14>>();
    let school = school(on, registry).await;
    let events = vec![
        course("a1", "a", 7),
        course("a2", "a", 20),
        CourseDefined { course_id: "n".into(), ..CourseDefined::default() }.into(),
    ];
    school.happened("t", events).await;
    assert_eq!(all::<Lesson<1>>(&school, &is(7)).await, ["a1"]);
    assert_eq!(all::<Lesson<1>>(&school, &is(json!([7, 20, "x"]))).await, ["a1", "a2"]);
    assert_eq!(all::<Lesson<1>>(&school, &is("7")).await, [""; 0], "a text is no number");
    assert_eq!(all::<Lesson<1>>(&school, &is(7.5)).await, [""; 0]);
    assert_eq!(all::<Lesson<2>>(&school, &is(0.5)).await, ["a1", "a2"], "null is nobody's");
    assert_eq!(all::<Lesson<3>>(&school, &is("2026-01-31")).await, ["a1", "a2"]);
    assert_eq!(all::<Lesson<3>>(&school, &is("31.1.2026")).await, [""; 0]);
    assert_eq!(all::<Lesson<4>>(&school, &is(true)).await, ["a2"]);
    assert_eq!(all::<Lesson<4>>(&school, &is(1)).await, [""; 0]);
    assert_eq!(all::<Lesson<5>>(&school, &is("7.00")).await, ["a1"], "by value");
    assert_eq!(all::<Lesson<5>>(&school, &is(json!(["7", "20.0"]))).await, ["a1", "a2"]);
    assert_eq!(all::<Lesson<6>>(&school, &is("1970-01-01T00:00:00.007Z")).await, ["a1"]);
    assert_eq!(all::<Lesson<6>>(&school, &is(7)).await, [""; 0]);
    assert_eq!(all::<Lesson<14>>(&school, &with(json!({ "is": "a", "least": 20 }))).await, ["a2"], "both must hold");
    assert_eq!(all::<Lesson<14>>(&school, &is("a")).await, [""; 0]);
    let mut admin = with(json!({ "least": 20 }));
    admin.caller.permissions.insert("ADMIN".into());
    assert_eq!(all::<Lesson<14>>(&school, &admin).await, ["a2"], "an exception from one is none from the other");
    school.close().await;
}

pub async fn a_path_leads_through_references_and_lists(on: On) {
    let registry = Registry::new("school").add::<Lesson<7>>().add::<Lesson<8>>().add::<Lesson<9>>().add::<Lesson<10>>();
    let registry = registry.add::<Lesson<11>>().add::<Lesson<12>>().add::<Lesson<13>>();
    let school = school(on, registry).await;
    let events = vec![
        course("a1", "a", 7),
        course("b1", "b\"'", 20),
        subscribed("a1", "s1"),
        subscribed("b1", "s1"),
        subscribed("b1", "s2"),
    ];
    school.happened("t", events).await;
    let named = |id: &str, name: &str| StudentCreated { id: id.into(), name: name.into(), email: None }.into();
    school.happened("t", vec![named("s1", "Ada"), named("s2", "Bob")]).await;
    school.happened("other", vec![named("s2", "Eve")]).await;
    assert_eq!(all::<Lesson<7>>(&school, &is("a")).await, ["a1"]);
    assert_eq!(all::<Lesson<7>>(&school, &is("b\"'")).await, ["b1"]);
    assert_eq!(all::<Lesson<8>>(&school, &is(20)).await, ["b1"]);
    assert_eq!(all::<Lesson<8>>(&school, &is("20")).await, [""; 0]);
    assert_eq!(all::<Lesson<9>>(&school, &is(false)).await, ["a1"]);
    assert_eq!(all::<Lesson<10>>(&school, &is("room")).await, ["a1", "b1"]);
    assert_eq!(all::<Lesson<10>>(&school, &is("a")).await, ["a1"]);
    assert_eq!(all::<Lesson<11>>(&school, &is("s2")).await, ["b1"], "any element");
    assert_eq!(all::<Lesson<11>>(&school, &is(json!(["s2", "s1"]))).await, ["a1", "b1"]);
    assert_eq!(all::<Lesson<12>>(&school, &is("Bob")).await, ["b1"], "through a list of references");
    assert_eq!(all::<Lesson<12>>(&school, &is("Eve")).await, [""; 0], "never through those of another tenant");
    assert_eq!(all::<Lesson<13>>(&school, &is("Bob")).await, ["b1"], "through two");
    assert_eq!(all::<Lesson<13>>(&school, &is("Ada")).await, ["a1", "b1"]);
    let by_id = Get { id: "a1".into(), ..Get::default() };
    assert_eq!(status::code(&school.service.get::<Lesson<13>>(&is("Bob"), by_id).await.unwrap_err()), "NOT_FOUND");
    school.close().await;
}

async fn next<E: Entry>(stream: &mut (impl Stream<Item = Result<Change<E>, Status>> + Unpin)) -> String {
    match tokio::time::timeout(Duration::from_secs(60), stream.next()).await.unwrap().unwrap().unwrap() {
        Change::Data(entry) => entry.id().to_owned(),
        Change::Removed(id) => format!("-{id}"),
    }
}

pub async fn subscriptions_tell_of_what_is_seen_alone(on: On) {
    let school = school(on, Registry::new("school").add::<Lesson<0>>().add::<Lesson<12>>()).await;
    let (mine, service) = (is("a"), &school.service);
    let everything = Filter::everything;
    let mut list = Box::pin(service.watch::<Lesson<0>>(&mine, None, everything()).await.unwrap());
    let mut one = Box::pin(service.watch::<Lesson<0>>(&mine, Some("b1".into()), everything()).await.unwrap());
    let mut nobodys = Box::pin(service.watch::<Lesson<0>>(&anonymous("t"), None, everything()).await.unwrap());
    let mut admins = Box::pin(service.watch::<Lesson<0>>(&holding("t", &["ADMIN"]), None, everything()).await.unwrap());
    let steps: [(Event, Option<&str>, &str); 6] = [
        (course("b1", "b", 1), None, "b1"),
        (course("a1", "a", 1), Some("a1"), "a1"),
        (course("b1", "b", 2), None, "b1"),
        (course("a1", "z", 2), Some("-a1"), "a1"),
        (course("a1", "z", 3), None, "a1"),
        (course("b1", "a", 3), Some("b1"), "b1"),
    ];
    for (event, told, to_admins) in steps {
        school.happened("t", vec![event.clone()]).await;
        assert_eq!(next(&mut admins).await, to_admins);
        if let Some(told) = told {
            assert_eq!(next(&mut list).await, told, "{event:?}");
        }
    }
    assert_eq!(next(&mut one).await, "b1", "the first word is the first time that it is seen");
    school.happened("t", vec![CourseCancelled { course_id: "a1".into() }.into()]).await;
    school.happened("t", vec![CourseCancelled { course_id: "b1".into() }.into()]).await;
    assert_eq!(next(&mut list).await, "-b1", "nothing of what had left before");
    assert_eq!(next(&mut one).await, "-b1");
    assert!(tokio::time::timeout(Duration::from_millis(50), nobodys.next()).await.is_err());

    let named = |id: &str, name: &str| StudentCreated { id: id.into(), name: name.into(), email: None }.into();
    school.happened("t", vec![named("s1", "Ada"), named("s2", "Bob")]).await;
    let mut bobs = Box::pin(service.watch::<Lesson<12>>(&is("Bob"), None, everything()).await.unwrap());
    school.happened("t", vec![course("l1", "x", 1), subscribed("l1", "s1")]).await;
    school.happened("t", vec![course("l2", "x", 1), subscribed("l2", "s2")]).await;
    assert_eq!(next(&mut bobs).await, "l2", "who is referred to decides");
    school.happened("t", vec![subscribed("l1", "s2")]).await;
    assert_eq!(next(&mut bobs).await, "l1");
    school.happened("t", vec![CourseCancelled { course_id: "l1".into() }.into()]).await;
    assert_eq!(next(&mut bobs).await, "-l1", "what it was before is asked through references too");
    school.close().await;
}

fn named(name: &str) -> CreateStudent {
    CreateStudent { name: name.into() }
}

fn renamed(name: &str) -> UpdateStudent {
    UpdateStudent { name: Some(name.into()) }
}

fn code<T>(answer: Result<T, Status>) -> String {
    answer.err().map(|status| status::code(&status)).unwrap_or_default()
}

pub async fn what_is_not_seen_cannot_be_written(on: On) {
    let school = school(on, Registry::new("school").add::<Member>().add::<Guest>()).await;
    let (ada, eve, service) = (is("Ada"), is("Eve"), &school.service);
    let nothing = Filter::everything;
    assert_eq!(service.create::<Member>(&ada, Some("s1".into()), named("Ada")).await.unwrap().0.name, "Ada");
    let [unseen, missing] = [
        service.update::<Member>(&eve, "s1".into(), renamed("Eve")).await,
        service.update::<Member>(&eve, "s9".into(), renamed("Eve")).await,
    ]
    .map(|answer| answer.unwrap_err());
    assert_eq!(status::code(&unseen), "NOT_FOUND");
    assert_eq!(unseen.message().replace("s1", "s9"), missing.message());
    assert_eq!(code(service.delete::<Member>(&eve, Some("s1".into()), nothing()).await), "NOT_FOUND");
    assert_eq!(
        code(service.delete::<Member>(&eve, Some("s1".into()), Filter::equals("name", "Ada")).await),
        "NOT_FOUND"
    );
    let swept =
        service.delete::<Member>(&eve, None, Filter::test("name", Test::NotIn(vec!["x".into()]))).await.unwrap();
    assert_eq!(swept.number_of_deleted_entries, 0);
    assert_eq!(all::<Member>(&school, &ada).await, ["s1"]);
    // Whoever knows a key does not get the answer of somebody else.
    let keyed = |call: &Call| Call { idempotency_key: Some("k".into()), ..call.clone() };
    service.update::<Member>(&keyed(&ada), "s1".into(), UpdateStudent::default()).await.unwrap();
    service.create::<Member>(&keyed(&ada), Some("s2".into()), named("Ada")).await.unwrap();
    let repeated = service.create::<Member>(&keyed(&eve), Some("s3".into()), named("Eve")).await.unwrap_err();
    assert_eq!(status::code(&repeated), "NOT_FOUND");
    assert!(!repeated.message().contains("s2"), "{repeated}");
    let swept = service.delete::<Member>(&ada, None, Filter::equals("name", "Ada")).await.unwrap();
    assert_eq!(swept.number_of_deleted_entries, 2, "one's own go");

    school.happened("t", vec![course("c1", "Ada", 1), course("c2", "Eve", 1)]).await;
    let guest = service.create::<Guest>(&ada, Some("g1".into()), named("c1")).await.unwrap();
    assert_eq!(guest.0.name, "c1", "through a reference");
    assert_eq!(code(service.update::<Guest>(&eve, "g1".into(), renamed("c2")).await), "NOT_FOUND");
    assert_eq!(code(service.delete::<Guest>(&eve, Some("g1".into()), nothing()).await), "NOT_FOUND");
    assert_eq!(code(service.update::<Guest>(&ada, "g1".into(), renamed("c2")).await), "FORBIDDEN", "out of sight");
    assert_eq!(code(service.create::<Guest>(&ada, None, named("c2")).await), "FORBIDDEN");
    assert_eq!(code(service.create::<Guest>(&ada, None, named("c9")).await), "FORBIDDEN");
    assert!(service.delete::<Guest>(&ada, Some("g1".into()), nothing()).await.is_ok());
    school.close().await;
}

pub async fn nobody_writes_an_entry_out_of_sight(on: On) {
    let school = school(on, Registry::new("school").add::<Member>()).await;
    let (ada, admin, service) = (is("Ada"), holding("t", &["ADMIN"]), &school.service);
    assert_eq!(code(service.create::<Member>(&ada, None, named("Eve")).await), "FORBIDDEN");
    assert_eq!(code(service.create::<Member>(&anonymous("t"), None, named("Eve")).await), "FORBIDDEN");
    service.create::<Member>(&ada, Some("s1".into()), named("Ada")).await.unwrap();
    assert_eq!(code(service.update::<Member>(&ada, "s1".into(), renamed("Eve")).await), "FORBIDDEN");
    assert_eq!(all::<Member>(&school, &admin).await, ["s1"], "nothing was recorded");
    assert_eq!(service.update::<Member>(&admin, "s1".into(), renamed("Eve")).await.unwrap().0.name, "Eve");
    assert_eq!(code(service.update::<Member>(&ada, "s1".into(), renamed("Ada")).await), "NOT_FOUND");
    assert_eq!(
        code(service.create::<Member>(&ada, Some("s1".into()), named("Ada")).await),
        "CONFLICT",
        "ids are taken for all"
    );
    school.close().await;
}

pub async fn an_entry_belongs_to_whoever_the_token_named(on: On) {
    let school = school(on, Registry::new("school").add::<Owned>()).await;
    let (ada, eve, service) = (is("ada"), is("eve"), &school.service);
    let made = service.create::<Owned>(&ada, Some("s1".into()), named("A")).await.unwrap();
    assert_eq!(made.0.email.as_deref(), Some("ada"), "filled from the token");
    for data in [json!(null), json!({ "is": "" }), json!({ "is": ["ada"] }), json!({ "is": 1 })] {
        let refused = service.create::<Owned>(&with(data.clone()), None, named("A")).await.unwrap_err();
        assert_eq!(status::code(&refused), "FORBIDDEN", "{data}");
        assert_eq!(status::fields(&refused)[0].path, ["email"]);
        assert_eq!(code(service.update::<Owned>(&with(data), "s1".into(), renamed("B")).await), "FORBIDDEN");
    }
    assert_eq!(code(service.create::<Owned>(&anonymous("t"), None, named("A")).await), "UNAUTHENTICATED");
    assert_eq!(code(service.update::<Owned>(&eve, "s1".into(), renamed("B")).await), "FORBIDDEN", "seen, but not hers");
    assert_eq!(code(service.delete::<Owned>(&eve, Some("s1".into()), Filter::everything()).await), "FORBIDDEN");
    assert_eq!(code(service.update::<Owned>(&eve, "s9".into(), renamed("B")).await), "NOT_FOUND");
    service.create::<Owned>(&eve, Some("s2".into()), named("E")).await.unwrap();
    let all_there_are = Filter::test("name", Test::NotIn(vec!["x".into()]));
    let swept = service.delete::<Owned>(&eve, None, all_there_are).await.unwrap();
    assert_eq!(swept.number_of_deleted_entries, 1, "one's own alone");
    assert_eq!(all::<Owned>(&school, &eve).await, ["s1"]);
    assert_eq!(service.update::<Owned>(&ada, "s1".into(), renamed("B")).await.unwrap().0.name, "B");
    let mut admin = holding("t", &["ADMIN"]);
    admin.caller.data = json!({ "is": "root" });
    assert_eq!(code(service.delete::<Owned>(&admin, Some("s1".into()), Filter::everything()).await), "FORBIDDEN");
    assert!(service.delete::<Owned>(&ada, Some("s1".into()), Filter::everything()).await.is_ok());
    school.close().await;
}
