//! Personal fields of an event that was renamed: programs of before and after open what either has sealed, and an erasure reaches both.

use std::sync::Arc;

use super::ground::{SignedUp, grounds, put, signed_up, tenant};
use crate::erasure::{By, Erasure, PersonalEvent, SealedEvents, Vault};
use crate::event::{DomainEvent, Names, NewEvent, Query, QueryItem, Renamed, Tag};
use crate::store::renamed::RenamedEvents;
use crate::store::{EventStore, Range};

const BEFORE: &[PersonalEvent] =
    &[PersonalEvent { event_type: "Joined", fields: SignedUp::PERSONAL, tags: SignedUp::PERSONAL_TAGS }];
const RENAMED: &[Renamed] = &[Renamed { name: "SignedUp", before: &["Joined"] }];

async fn addresses(store: &SealedEvents, name: &'static str, tag: &str) -> Vec<String> {
    let query = Query::of([QueryItem::of(&[name], [Tag::new(tag)])]);
    let found = store.read(&tenant(), &query, Range::default()).await.unwrap();
    assert!(found.iter().all(|event| event.event_type == name), "{found:?}");
    found.iter().map(|event| event.payload["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personal_fields_follow_the_name() {
    for ground in grounds().await {
        let old = SealedEvents::new(Arc::clone(&ground.raw), Vault::new(BEFORE, ground.vault.keys.clone()));
        let renamed: Arc<dyn EventStore> = Arc::new(RenamedEvents::new(Arc::clone(&ground.raw), Names::new(RENAMED)));
        let new = SealedEvents::new(Arc::clone(&renamed), ground.vault.clone());
        put(&old, NewEvent { event_type: "Joined".into(), ..signed_up("ada", "ada@lovelace.uk") }).await;
        put(&new, signed_up("ada", "ada@byron.uk")).await;
        for (store, name) in [(&old, "Joined"), (&new, "SignedUp")] {
            assert_eq!(addresses(store, name, "person:ada").await, ["ada@lovelace.uk", "ada@byron.uk"], "{name}");
            for address in ["ada@lovelace.uk", "ada@byron.uk"] {
                assert_eq!(addresses(store, name, &format!("email:{address}")).await, [address], "{name}");
            }
        }
        let stored = ground.raw.read_all(&Query::All, Range::default()).await.unwrap();
        assert!(!format!("{stored:?}").contains(".uk"), "nothing is stored in the open: {stored:?}");

        let erasure = Erasure::new("people", renamed, ground.vault.clone());
        erasure.erase(&tenant(), "ada", By::default()).await.unwrap();
        for (store, name) in [(&old, "Joined"), (&new, "SignedUp")] {
            assert_eq!(addresses(store, name, "person:ada").await, ["", ""], "{name}");
            assert_eq!(addresses(store, name, "email:ada@byron.uk").await, [""; 0], "{name}");
        }
    }
}
