//! Entries that events are folded into.

use super::club::*;
use crate::On;
use crate::fixture::{caller, heal, sicken};
use scaffold_runtime::codegen::*;
use scaffold_runtime::event::Position;
use scaffold_runtime::projection::Uniqueness;
use std::collections::BTreeMap;

const WHY: &str = "violation of unique constraint 'badge_code'";

fn noted(badge: &str, code: &str, note: &str) -> Event {
    BadgeGiven { badge: badge.into(), code: Some(code.into()), note: note.into() }.into()
}

fn uncoded(badge: &str) -> Event {
    BadgeGiven { badge: badge.into(), code: None, note: String::new() }.into()
}

fn all_coded(code: &str) -> Event {
    BadgesCoded { code: code.into(), note: String::new() }.into()
}

fn expected(badges: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    badges.iter().map(|(badge, code)| ((*badge).to_owned(), Some((*code).to_owned()))).collect()
}

pub async fn an_event_that_breaks_a_constraint_is_put_aside_and_tried_again(on: On) {
    let club = Club::open(on).await;
    club.happened(vec![given("b1", "x"), given("b3", "z")]).await;
    let aside = club.happened(vec![given("b2", "x")]).await;
    let changed = club.happened(vec![given("b3", "x")]).await;
    club.happened(vec![given("b3", "w"), uncoded("b4"), uncoded("b5")]).await;
    let because = |position: Position, badge: &str| (position, Some(badge.to_owned()), WHY.to_owned());
    assert_eq!(club.aside().await, [because(aside, "b2"), because(changed, "b3")]);
    assert_eq!(club.badges().await[..2], expected(&[("b1", "x"), ("b3", "w")]), "b3 stayed as it was, and went on");

    club.resend(aside, "b2").await;
    assert_eq!(club.aside().await.len(), 2, "b1 has it still");
    club.happened(vec![given("b1", "y")]).await;
    club.resend(aside, "b2").await;
    assert_eq!(club.badges().await[..3], expected(&[("b1", "y"), ("b2", "x"), ("b3", "w")]));
    // Behind it comes another code, so that the one in between is nobody's matter.
    club.resend(changed, "b3").await;
    assert_eq!(club.aside().await, []);
    let last = club.happened(vec![given("b1", "x")]).await;
    assert_eq!(club.aside().await, [because(last, "b1")], "what was tried again has its value now");
    let club = club.again().await;
    club.ready().await;
    assert_eq!(club.badges().await[..3], expected(&[("b1", "y"), ("b2", "x"), ("b3", "w")]));
    club.close().await;
}

pub async fn what_lies_aside_for_another_reason_is_tried_without_it(on: On) {
    let (club, sick) = (Club::open(on).await, uuid::Uuid::now_v7().to_string());
    sicken(&sick);
    club.happened(vec![given("b1", "x"), given("b2", "a")]).await;
    let violating = club.happened(vec![given("b2", "x")]).await;
    let broken = club.happened(vec![noted("b2", "b", &sick)]).await;
    let last = club.happened(vec![given("b2", "x")]).await;
    heal(&sick);
    club.resend(broken, "b2").await;
    assert_eq!(club.badges().await, expected(&[("b1", "x"), ("b2", "b")]));
    let positions = |aside: Vec<(Position, Option<String>, String)>| -> Vec<Position> {
        aside.into_iter().map(|(position, ..)| position).collect()
    };
    assert_eq!(positions(club.aside().await), [violating, last]);
    club.resend(violating, "b2").await;
    assert_eq!(
        positions(club.aside().await),
        [violating, last],
        "together they would give it the value of the other one"
    );
    club.happened(vec![taken("b1")]).await;
    club.resend(violating, "b2").await;
    assert_eq!((club.badges().await, club.aside().await.len()), (expected(&[("b2", "x")]), 0));
    club.close().await;
}

/// What the events come to one at a time.
#[derive(Default)]
struct Model {
    codes: BTreeMap<String, Option<String>>,
    refused: Vec<(Position, String)>,
}

impl Model {
    fn apply(&mut self, position: Position, event: &Event) {
        match event {
            Event::BadgeTaken(event) => drop(self.codes.remove(&event.badge)),
            Event::BadgeGiven(event) => {
                let mut others = self.codes.iter().filter(|(badge, _)| **badge != event.badge);
                if event.code.is_some() && others.any(|(_, code)| *code == event.code) {
                    self.refused.push((position, event.badge.clone()));
                } else {
                    self.codes.insert(event.badge.clone(), event.code.clone());
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

pub async fn a_batch_comes_to_what_its_events_come_to_one_by_one(on: On) {
    let club = Club::open(on).await;
    let mut random = fastrand::Rng::with_seed(7);
    let mut events = || -> Vec<Event> {
        let mut one = |_| {
            let (badge, code) = (format!("b{}", random.u8(0..6)), format!("c{}", random.u8(0..5)));
            match random.u8(0..10) {
                0 => taken(&badge),
                1 => uncoded(&badge),
                _ => given(&badge, &code),
            }
        };
        (0..200).map(&mut one).collect()
    };
    let mut model = Model::default();
    for round in 0..4 {
        let events = events();
        if round % 2 == 0 {
            let last = club.happened(events.clone()).await;
            for (position, event) in (last - 199..).zip(&events) {
                model.apply(position, event);
            }
        } else {
            for event in events.into_iter().take(30) {
                let position = club.happened(vec![event.clone()]).await;
                model.apply(position, &event);
            }
        }
        assert_eq!(club.badges().await, model.codes.clone().into_iter().collect::<Vec<_>>());
    }
    assert!(model.refused.len() > 100, "{}", model.refused.len());
    let found = club.engines.parked("Badge", None, 10_000).await.unwrap().unwrap();
    let found: Vec<_> = found.into_iter().map(|one| (one.parked.position, one.parked.entry.unwrap())).collect();
    assert_eq!(found, model.refused);
    club.close().await;
}

pub async fn of_the_entries_of_one_event_the_first_gets_the_value(on: On) {
    let club = Club::open(on).await;
    club.happened(vec![given("b1", "x"), given("b2", "y"), given("b3", "z")]).await;
    club.happened(vec![all_coded("for-#")]).await;
    assert_eq!(club.badges().await, expected(&[("b1", "for-b1"), ("b2", "for-b2"), ("b3", "for-b3")]));
    let aside = club.happened(vec![all_coded("for-b3")]).await;
    assert_eq!(club.badges().await, expected(&[("b1", "for-b1"), ("b2", "for-b2"), ("b3", "for-b3")]));
    let because = |badge: &str| (aside, Some(badge.to_owned()), WHY.to_owned());
    assert_eq!(club.aside().await, [because("b1"), because("b2")], "b3 keeps what it has");
    let aside = club.happened(vec![all_coded("same")]).await;
    assert_eq!(club.badges().await, expected(&[("b1", "same"), ("b2", "for-b2"), ("b3", "for-b3")]));
    assert_eq!(club.aside().await.into_iter().filter(|one| one.0 == aside).count(), 2);
    club.close().await;
}

pub async fn an_event_for_more_entries_than_a_page_leaves_no_value_twice(on: On) {
    let club = Club::open(on).await;
    let badges = (0..2_050).map(|number| given(&format!("b{number:05}"), &format!("c{number}"))).collect();
    club.happened(badges).await;
    club.happened(vec![all_coded("same")]).await;
    let list = List { filter: Filter::equals("code", "same"), strong: true, ..List::default() };
    let found = club.service.list::<Badge<true>>(&caller("t"), list).await.unwrap().data;
    assert_eq!(found.into_iter().map(|badge| badge.id).collect::<Vec<_>>(), ["b00000"]);
    let aside = club.engines.overview().await.unwrap();
    assert_eq!(aside.iter().find(|one| one.projection == "Badge").unwrap().parked, 1_001);
    club.close().await;
}

pub async fn badges_that_share_a_value_keep_the_type_from_being_ready(on: On) {
    let earlier = Club::earlier(on).await;
    let events = vec![given("b1", "x"), given("b2", "x"), given("b3", "y"), given("b4", "y"), given("b3", "z")];
    earlier.append("t", events).await;
    let club = earlier.again().await;
    let badge = || club.engines.readiness().into_iter().find(|one| one.entry == "Badge").unwrap();
    until(async || matches!(badge().progress.uniqueness, Uniqueness::Broken(_))).await;
    let broken = badge().progress.uniqueness.broken();
    assert_eq!(broken.len(), 1, "b3 and b4 have shared a value and do no more: {broken:?}");
    assert_eq!(broken[0].entries, ["b1", "b2"]);
    let refused = club.service.list::<Badge<true>>(&caller("t"), List::default()).await.err().unwrap();
    assert_eq!(status::code(&refused), "UNAVAILABLE");
    // Until it is ready, events are applied whatever they break.
    club.append("t", vec![given("b5", "x")]).await;
    club.append("t", vec![given("b1", "a")]).await;
    until(async || badge().progress.uniqueness.broken().iter().any(|one| one.entries == ["b2", "b5"])).await;
    club.append("t", vec![taken("b2")]).await;
    club.ready().await;
    let aside = club.happened(vec![given("b6", "x")]).await;
    assert_eq!(club.aside().await, [(aside, Some("b6".to_owned()), WHY.to_owned())]);
    club.close().await;
}

pub async fn events_of_while_nobody_ran_are_held_to_it_too(on: On) {
    let club = Club::open(on).await;
    club.happened(vec![given("b1", "x")]).await;
    club.engines.stop().await;
    let aside = club.append("t", vec![given("b2", "x")]).await;
    let club = club.again().await;
    club.ready().await;
    assert_eq!(club.aside().await, [(aside, Some("b2".to_owned()), WHY.to_owned())]);
    assert_eq!(club.badges().await, expected(&[("b1", "x")]));
    club.close().await;
}

pub async fn whoever_goes_on_with_a_table_holds_it_too(on: On) {
    let one = Club::open(on).await;
    one.happened(vec![given("b1", "x")]).await;
    let two = one.beside().await;
    two.ready().await;
    one.engines.stop().await;
    let aside = two.happened(vec![given("b2", "x"), given("b3", "y")]).await - 1;
    assert_eq!(two.aside().await, [(aside, Some("b2".to_owned()), WHY.to_owned())]);
    assert_eq!(two.badges().await, expected(&[("b1", "x"), ("b3", "y")]));
    two.engines.stop().await;
    one.close().await;
}
