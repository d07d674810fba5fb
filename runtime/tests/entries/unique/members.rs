//! Entries that are written through the API.

use super::club::*;
use crate::On;
use crate::fixture::caller;
use scaffold_runtime::codegen::*;
use scaffold_runtime::projection::Uniqueness;
use std::collections::BTreeSet;

pub async fn a_value_is_had_once_and_freed_at_once(on: On) {
    let club = Club::open(on).await;
    club.create("ada", email("a@x")).await.unwrap();
    assert_eq!(club.create("eve", email("a@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.create("eve", email("e@x")).await.unwrap();
    assert_eq!(club.update("eve", email("a@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.update("ada", email("a@x")).await.unwrap();
    club.update("ada", numbered("red", 1)).await.unwrap();
    // What was refused has changed nothing.
    club.update("ada", email("b@x")).await.unwrap();
    club.update("eve", email("a@x")).await.unwrap();
    club.delete("eve").await.unwrap();
    club.create("eve", email("a@x")).await.unwrap();
    club.update("eve", Data { no_email: true, ..Data::default() }).await.unwrap();
    club.update("ada", email("a@x")).await.unwrap();
    club.create("bob", Data::default()).await.unwrap();
    club.create("cid", Data::default()).await.unwrap();
    club.close().await;
}

pub async fn several_fields_are_one_value_and_null_is_none(on: On) {
    let club = Club::open(on).await;
    club.create("ada", numbered("red", 1)).await.unwrap();
    club.create("bob", numbered("red", 2)).await.unwrap();
    club.create("cid", numbered("blue", 1)).await.unwrap();
    let taken = Status::of_constraint("one_number");
    assert_eq!(club.create("dan", numbered("red", 1)).await.unwrap_err(), taken);
    let team = |team: &str| Data { team: Some(team.into()), ..Data::default() };
    assert_eq!(club.update("cid", team("red")).await.unwrap_err(), taken, "one of the fields is enough");
    club.create("eve", team("red")).await.unwrap();
    club.create("fay", team("red")).await.unwrap();
    club.update("ada", team("blue2")).await.unwrap();
    club.update("cid", team("red")).await.unwrap();
    club.close().await;
}

pub async fn tenants_share_nothing_and_keys_still_work(on: On) {
    let club = Club::open(on).await;
    club.create("ada", email("a@x")).await.unwrap();
    club.service.create::<Member<true>>(&caller("u"), Some("ada".into()), email("a@x")).await.unwrap();
    let call = Call { idempotency_key: Some("k".to_owned()), ..caller("t") };
    let first = club.service.create::<Member<true>>(&call, None, email("k@x")).await.unwrap();
    let again = club.service.create::<Member<true>>(&call, None, email("k@x")).await.unwrap();
    assert_eq!(first.id, again.id);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (service, call) = (club.service.clone(), Call { idempotency_key: Some("l".into()), ..caller("t") });
            tokio::spawn(async move { service.create::<Member<true>>(&call, None, email("l@x")).await.unwrap().id })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 1, "the same call, made at once, is one call");
    club.close().await;
}

/// Half of them create, half of them change what is there, in two processes.
pub async fn of_many_who_want_a_value_at_once_one_gets_it(on: On) {
    let one = Club::open(on).await;
    let two = one.beside().await;
    two.ready().await;
    for number in 0..32 {
        one.create(&format!("m{number}"), Data::default()).await.unwrap();
    }
    for round in 0..3 {
        let wanted = format!("r{round}@x");
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let service = if number % 4 < 2 { one.service.clone() } else { two.service.clone() };
                let data = email(&wanted);
                tokio::spawn(async move {
                    let call = caller("t");
                    let made = match number % 2 {
                        0 => service.update::<Member<true>>(&call, format!("m{}", number / 2), data).await,
                        _ => service.create::<Member<true>>(&call, Some(format!("r{round}n{number}")), data).await,
                    };
                    made.map(|member| member.id).map_err(|status| status.message().to_owned())
                })
            })
            .collect();
        let mut got = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(id) => got.push(id),
                Err(refused) => assert_eq!(refused, Status::of_constraint("member_email").1),
            }
        }
        assert_eq!(got.len(), 1, "{got:?}");
        assert_eq!(holders(&two, &wanted).await, got);
        two.delete(&got[0]).await.unwrap();
        one.create(&got[0], Data::default()).await.unwrap();
    }
    two.engines.stop().await;
    one.close().await;
}

async fn holders(club: &Club, email: &str) -> Vec<String> {
    let list = List { strong: true, filter: Filter::equals("email", email), ..List::default() };
    let found = club.service.list::<Member<true>>(&caller("t"), list).await.unwrap().data;
    found.into_iter().map(|member| member.id).collect()
}

pub async fn whoever_wants_other_values_never_waits(on: On) {
    let one = Club::open(on).await;
    let two = one.beside().await;
    two.ready().await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let service = if number % 2 == 0 { one.service.clone() } else { two.service.clone() };
            tokio::spawn(async move {
                let data = email(&format!("e{number}@x"));
                service.create::<Member<true>>(&caller("t"), Some(format!("m{number}")), data).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    two.engines.stop().await;
    one.close().await;
}

/// A value goes from hand to hand: at each moment at most one has it, and it is never lost.
pub async fn a_value_that_is_passed_on_is_never_had_twice(on: On) {
    let one = Club::open(on).await;
    let two = one.beside().await;
    two.ready().await;
    for number in 0..8 {
        one.create(&format!("m{number}"), Data::default()).await.unwrap();
    }
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let service = if number % 2 == 0 { one.service.clone() } else { two.service.clone() };
            tokio::spawn(async move {
                let (id, mut had) = (format!("m{number}"), 0);
                while had < 5 {
                    if service.update::<Member<true>>(&caller("t"), id.clone(), email("ball")).await.is_err() {
                        continue;
                    }
                    had += 1;
                    let data = Data { no_email: true, ..Data::default() };
                    service.update::<Member<true>>(&caller("t"), id.clone(), data).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let events = one.databases.all()[0].events();
    let (mut holder, mut passed) = (None, 0);
    for stored in events.read(&Tenant::new("t"), &Query::All, scaffold_runtime::store::Range::default()).await.unwrap()
    {
        let Some(Event::MemberUpdated(event)) =
            Event::decode(&stored.event_type, stored.version, &stored.payload).unwrap()
        else {
            continue;
        };
        match (event.email, &holder) {
            (Some(_), None) => (holder, passed) = (Some(event.id), passed + 1),
            (None, Some(of)) if *of == event.id => holder = None,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((holder, passed), (None, 40));
    two.engines.stop().await;
    one.close().await;
}

pub async fn entries_of_before_keep_their_values(on: On) {
    let earlier = Club::earlier(on).await;
    for (id, value) in [("ada", "a@x"), ("bob", "b@x"), ("cid", "c@x")] {
        let id = Some(id.to_owned());
        earlier.service.create::<Member<false>>(&caller("t"), id, email(value)).await.unwrap();
    }
    let club = earlier.again().await;
    club.ready().await;
    assert_eq!(club.create("eve", email("a@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.delete("ada").await.unwrap();
    club.create("eve", email("a@x")).await.unwrap();
    club.update("bob", email("b2@x")).await.unwrap();
    club.update("cid", email("b@x")).await.unwrap();
    assert_eq!(club.update("eve", email("b@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.close().await;
}

pub async fn members_who_share_a_value_keep_the_type_from_being_ready(on: On) {
    let earlier = Club::earlier(on).await;
    let shared = vec![created("ada", "a@x"), created("bob", "a@x"), created("cid", "c@x"), created("dan", "a@x")];
    earlier.append("t", shared).await;
    earlier.append("u", vec![created("ada", "a@x")]).await;
    let club = earlier.again().await;
    let member = || club.engines.readiness().into_iter().find(|one| one.entry == "Member").unwrap();
    until(async || matches!(member().progress.uniqueness, Uniqueness::Broken(_))).await;
    let broken = member().progress.uniqueness.broken();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!((broken[0].constraint, broken[0].tenant.as_str()), ("member_email", "t"));
    assert_eq!(broken[0].entries, ["ada", "bob", "dan"]);
    assert!(!club.engines.is_ready());
    let overview = club.engines.overview().await.unwrap();
    assert_eq!(overview.iter().find(|one| one.projection == "Member").unwrap().violations, broken);

    let refused = club.service.list::<Member<true>>(&caller("t"), List::default()).await.err().unwrap();
    assert_eq!(status::code(&refused), "UNAVAILABLE");
    let why = "Member is not ready: its entries break the unique constraint 'member_email'";
    assert_eq!(refused.message(), why, "who it is, is for operators");
    assert_eq!(club.create("eve", email("a@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.update("ada", email("ada@x")).await.unwrap();
    assert_eq!(club.create("eve", email("a@x")).await.unwrap_err(), Status::of_constraint("member_email"));
    club.update("cid", email("c2@x")).await.unwrap();
    assert!(!club.engines.is_ready(), "two of them are left");
    club.delete("bob").await.unwrap();
    club.ready().await;
    assert_eq!(holders(&club, "a@x").await, ["dan"]);
    club.close().await;
}

pub async fn what_no_index_takes_is_refused(on: On) {
    let club = Club::open(on).await;
    let long = email(&"x".repeat(5_000));
    let outcome = club.create("ada", long).await;
    if let Err(Status(code, message)) = &outcome {
        assert_eq!(code, "VALIDATION");
        assert!(message.starts_with("email: it is too long for an index"), "{message}");
    }
    let again = club.create("bob", email(&"x".repeat(5_000))).await.unwrap_err();
    let expected = if outcome.is_ok() { "CONFLICT" } else { "VALIDATION" };
    assert_eq!(again.0, expected, "it is never had twice");
    club.close().await;
}
