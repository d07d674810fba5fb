//! Erasing, again and again, in the middle of other things, and after half of it.

use std::sync::Arc;

use super::ground::{grounds, put, signed_up, tenant, whole};
use crate::erasure::{By, Erased, SUBJECT_ERASED, Subject};
use crate::event::{Query, QueryItem, Tag};
use crate::store::{Append, AppendError, Range};

fn nobody() -> By {
    By::default()
}

fn subject(id: &str) -> Subject {
    Subject { tenant: tenant(), id: id.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_reads_as_its_defaults_and_says_so_once() {
    for ground in grounds().await {
        ground.sign_up("ada", "ada@lovelace.uk").await;
        ground.sign_up("bob", "bob@example.org").await;
        let by = By { user: Some("dpo".to_owned()), reason: Some("article 17".to_owned()) };
        let first = ground.erasure.erase(&tenant(), "ada", by).await.unwrap();
        let Erased::Erased { position } = first else { panic!("{first:?}") };
        let event = &ground.tagged("person:ada").await[0];
        assert_eq!(event.payload, serde_json::json!({ "personId": "ada", "email": "", "age": null, "plan": "basic" }));
        assert_eq!(ground.emails("bob").await, ["bob@example.org"], "nobody else is touched");
        assert_eq!(ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap(), Erased::Already { position });
        assert_eq!(ground.erasure.erase(&tenant(), "eve", nobody()).await.unwrap(), Erased::Unknown);

        let query = Query::of([QueryItem::of(&[SUBJECT_ERASED], [])]);
        let said = ground.events.read_all(&query, Range::default()).await.unwrap();
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].topic.as_str(), said[0].position), ("people", position));
        assert_eq!(said[0].payload, serde_json::json!({ "subjectId": "ada" }));
        assert_eq!(said[0].metadata.user_id.as_deref(), Some("dpo"));
        assert_eq!(said[0].metadata.reason.as_deref(), Some("article 17"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_address_is_free_and_its_owner_may_come_back() {
    for ground in grounds().await {
        let free = Query::of([QueryItem::of(&["SignedUp"], [Tag::new("email:ada@lovelace.uk")])]);
        let wanted =
            |person: &str| Append::new(tenant(), vec![signed_up(person, "ada@lovelace.uk")]).unless(free.clone(), None);
        ground.events.append(wanted("ada")).await.unwrap();
        assert!(matches!(ground.events.append(wanted("bob")).await, Err(AppendError::Conflict)));
        ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        assert!(ground.tagged("email:ada@lovelace.uk").await.is_empty());
        let raw = ground.raw.read_all(&Query::All, Range::default().limit(1)).await.unwrap();
        assert!(raw[0].tags.iter().all(|tag| !tag.as_str().starts_with("email:")), "{:?}", raw[0].tags);
        // The erasure of long ago does not stand in the way of "any at all".
        ground.events.append(wanted("ada")).await.unwrap();
        assert_eq!(ground.emails("ada").await, ["", "ada@lovelace.uk"]);
        assert!(matches!(ground.events.append(wanted("bob")).await, Err(AppendError::Conflict)));
        let again = ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        assert!(matches!(again, Erased::Erased { .. }), "{again:?}");
        assert_eq!(ground.emails("ada").await, ["", ""]);
        ground.events.append(wanted("bob")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_finishes_what_was_cut_short_behind_the_key() {
    for ground in grounds().await {
        ground.sign_up("ada", "ada@lovelace.uk").await;
        // The process died right behind this.
        ground.vault.keys.remove(&subject("ada")).await.unwrap();
        assert_eq!(ground.emails("ada").await, [""]);
        let repeated = ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        assert!(matches!(repeated, Erased::Erased { .. }), "{repeated:?}");
        assert!(ground.tagged("email:ada@lovelace.uk").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_takes_the_tags_that_a_crash_has_left() {
    for ground in grounds().await {
        ground.sign_up("ada", "ada@lovelace.uk").await;
        ground.vault.keys.remove(&subject("ada")).await.unwrap();
        // It died right behind this.
        put(&*ground.raw, crate::erasure::erased::event("people", "ada", Default::default())).await;
        assert_eq!(ground.tagged("email:ada@lovelace.uk").await.len(), 1);
        let repeated = ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        assert!(matches!(repeated, Erased::Already { .. }), "{repeated:?}");
        assert!(ground.tagged("email:ada@lovelace.uk").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sealed_with_a_key_whose_subject_is_erased_meanwhile() {
    for ground in grounds().await {
        ground.sign_up("ada", "0@example.org").await;
        let ground = Arc::new(ground);
        let writer = {
            let ground = Arc::clone(&ground);
            tokio::spawn(async move {
                for number in 1..=40 {
                    ground.sign_up("ada", &format!("{number}@example.org")).await;
                }
            })
        };
        for _ in 0..5 {
            ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        }
        writer.await.unwrap();
        // What stands behind the last erasure can all be read.
        let query = Query::of([QueryItem::of(&[SUBJECT_ERASED], [])]);
        let last = ground.events.read_all(&query, Range::default().backwards().limit(1)).await.unwrap();
        let last = last[0].position;
        for event in ground.tagged("person:ada").await.iter().filter(|event| event.position > last) {
            assert_ne!(event.payload["email"], "", "at {} behind {last}", event.position);
        }
        ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        assert!(ground.emails("ada").await.iter().all(String::is_empty));
        assert_eq!(ground.emails("ada").await.len(), 41);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_of_its_own_still_conflicts_and_only_then() {
    for ground in grounds().await {
        let head = ground.sign_up("ada", "ada@lovelace.uk").await.last;
        let of_ada = Query::of([QueryItem::of(&[], [Tag::new("person:ada")])]);
        let more =
            |after| Append::new(tenant(), vec![signed_up("ada", "new@lovelace.uk")]).unless(of_ada.clone(), after);
        ground.events.append(more(head)).await.unwrap();
        assert!(matches!(ground.events.append(more(head)).await, Err(AppendError::Conflict)));
        let head = ground.events.head().await.unwrap();
        ground.erasure.erase(&tenant(), "ada", nobody()).await.unwrap();
        // Decided before the erasure, so to be decided again.
        assert!(matches!(ground.events.append(more(head)).await, Err(AppendError::Conflict)));
        let head = ground.events.head().await.unwrap();
        ground.events.append(more(head)).await.unwrap();
        assert_eq!(ground.tagged("email:new@lovelace.uk").await[0].payload, whole("ada", "new@lovelace.uk"));
    }
}
