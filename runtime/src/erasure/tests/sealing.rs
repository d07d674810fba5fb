//! What is stored, what is read, and what decisions see.

use std::sync::Arc;

use serde_json::json;

use super::ground::{banned, grounds, put, signed_up, tenant, whole};
use crate::event::{Query, QueryItem, Tag, Tenant};
use crate::store::{Append, AppendError, Appended, Range, Snapshot, SnapshotKey};

fn taken(email: &str) -> Query {
    Query::of([QueryItem::of(&["SignedUp", "Banned"], [Tag::new(format!("email:{email}"))])])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_tells_nothing_and_what_is_read_everything() {
    for ground in grounds().await {
        let event = signed_up("ada", "ada@lovelace.uk");
        let tags = event.tags.clone();
        put(&*ground.events, event).await;
        let raw = ground.raw.read_all(&Query::All, Range::default()).await.unwrap().pop().unwrap();
        let text = format!("{raw:?}");
        assert!(!text.contains("lovelace"), "{text}");
        // Whether an object keeps its order is a feature of the library, which others in the same build may turn on.
        let mut plain: Vec<&String> = raw.payload.as_object().unwrap().keys().collect();
        plain.sort();
        assert_eq!(plain, ["$personal", "personId", "plan"], "not even whether there is an age");
        assert_eq!(raw.payload["plan"], json!("basic"), "what is not personal stays as it is");
        assert!(raw.tags.contains(&Tag::new("person:ada")) && raw.tags.contains(&Tag::new("$subject:ada")));

        let opened = ground.events.read_all(&Query::All, Range::default()).await.unwrap().pop().unwrap();
        assert_eq!(opened.payload, whole("ada", "ada@lovelace.uk"));
        let mut shown = ground.tagged("email:ada@lovelace.uk").await.remove(0).tags;
        shown.sort();
        assert_eq!(shown, tags, "a decision finds the tags that it asks for");
        assert!(ground.tagged("email:other@lovelace.uk").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_is_equal_to_itself_and_to_nothing_in_another_tenant() {
    for ground in grounds().await {
        ground.sign_up("ada", "ada@lovelace.uk").await;
        put(&*ground.events, banned("ada@lovelace.uk")).await;
        let other = Append::new(Tenant::new("other"), vec![signed_up("ada", "ada@lovelace.uk")]);
        ground.events.append(other).await.unwrap();
        let found = ground.tagged("email:ada@lovelace.uk").await;
        assert_eq!(found.len(), 2, "also where the address is nobody's own");
        let raw = ground.raw.read_all(&Query::All, Range::default()).await.unwrap();
        let hidden = |number: usize| raw[number].tags.iter().find(|tag| tag.as_str().starts_with("email:~")).unwrap();
        assert_eq!(hidden(0), hidden(1));
        assert_ne!(hidden(0), hidden(2));
        let across = ground.events.read_all(&taken("ada@lovelace.uk"), Range::default()).await;
        assert!(across.unwrap_err().to_string().contains("within one tenant"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_want_an_address_one_gets_it() {
    for ground in grounds().await {
        let ground = Arc::new(ground);
        let racers = (0..16).map(|number| {
            let ground = Arc::clone(&ground);
            tokio::spawn(async move {
                let event = signed_up(&format!("p{number}"), "one@example.org");
                // Half of them have looked before, half say "any at all".
                let after = if number % 2 == 0 { Some(0) } else { None };
                let append = Append::new(tenant(), vec![event]).unless(taken("one@example.org"), after);
                ground.events.append(append).await
            })
        });
        let mut won = 0;
        for racer in racers.collect::<Vec<_>>() {
            match racer.await.unwrap() {
                Ok(_) => won += 1,
                Err(AppendError::Conflict) => {}
                Err(AppendError::Store(error)) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(ground.tagged("email:one@example.org").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_event_again_stands_where_it_stood() {
    for ground in grounds().await {
        let event = signed_up("ada", "ada@lovelace.uk");
        let append = Append::new(tenant(), vec![event]).unless(taken("ada@lovelace.uk"), None);
        let first = ground.events.append(append.clone()).await.unwrap();
        let again = ground.events.append(append).await.unwrap();
        assert_eq!(first, again, "although its own tag stands in the way by now");
        assert!(matches!(first, Appended::Done(_)));
        assert_eq!(ground.emails("ada").await, ["ada@lovelace.uk"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_before_it_was_personal_is_read_as_it_is() {
    for ground in grounds().await {
        put(&*ground.raw, signed_up("old", "old@example.org")).await;
        assert_eq!(ground.emails("old").await, ["old@example.org"]);
        let mut nobodys = signed_up("x", "x@example.org");
        nobodys.payload["personId"] = json!(null);
        let refused = ground.events.append(Append::new(tenant(), vec![nobodys])).await.unwrap_err();
        assert!(refused.to_string().contains("`personId`"), "{refused}");
    }
}

/// A state that was folded from personal fields would outlive their key, and what it is found by would show hidden tags.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_state_of_personal_events_is_kept() {
    for ground in grounds().await {
        let item = |types: &[&'static str], tag: &str| QueryItem::of(types, [Tag::new(tag)]);
        let personal = [
            Query::of([item(&["SignedUp"], "person:ada")]),
            Query::of([item(&["Banned"], "person:ada"), item(&["SignedUp"], "person:ada")]),
            Query::of([item(&["Banned"], "email:ada@lovelace.uk")]),
            Query::of([item(&[], "person:ada")]),
            Query::All,
        ];
        for query in personal {
            let of = snapshot_of(query);
            ground.events.keep(&tenant(), &of, Snapshot { position: 1, state: json!(1) }).await.unwrap();
            assert_eq!(ground.raw.snapshot(&tenant(), &of).await.unwrap(), None, "{of:?}");
            ground.raw.keep(&tenant(), &of, Snapshot { position: 1, state: json!(1) }).await.unwrap();
            assert_eq!(ground.events.snapshot(&tenant(), &of).await.unwrap(), None, "{of:?}");
        }
        let of = snapshot_of(Query::of([item(&["Banned"], "person:ada")]));
        let state = Snapshot { position: 2, state: json!(2) };
        ground.events.keep(&tenant(), &of, state.clone()).await.unwrap();
        assert_eq!(ground.events.snapshot(&tenant(), &of).await.unwrap(), Some(state), "nothing in it is personal");
    }
}

fn snapshot_of(query: Query) -> SnapshotKey {
    let (command, reads, definition) = ("Greet".into(), format!("{query:?}"), "one".into());
    SnapshotKey { command, reads, definition, query }
}
