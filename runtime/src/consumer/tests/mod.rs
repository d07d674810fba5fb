//! What consumer groups must do, on each back end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod effects;
mod failures;
mod ground;
mod order;
mod scheduling;
mod waits;

use super::{Failure, Options, Order, Parked, Retry, Start, Statement};
use crate::event::{Metadata, NewEvent, Position, Query, StoredEvent, Tag, Tenant};
use crate::store::sqlite::Sqlite;
use ground::{Act, Ground, Recorder};
use serde_json::json;
use std::borrow::Cow;
use std::time::Duration;

/// Runs each named test on each back end.
macro_rules! on_every_database {
    ($($module:ident: $($test:ident)*;)*) => {
        mod in_memory {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$module::$test(super::Ground::in_memory()).await;
                }
            )*)*
        }
        mod on_sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let ground = super::Ground::on_sqlite(super::Sqlite::in_memory().unwrap());
                    super::$module::$test(ground).await;
                }
            )*)*
        }
        #[cfg(feature = "postgres")]
        mod on_postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let ground = super::Ground::on_postgres(crate::store::conformance::address_on_server()).await;
                    super::$module::$test(ground.clone()).await;
                    ground.close().await;
                }
            )*)*
        }
    };
}

on_every_database! {
    order: each_tenant_is_in_order different_keys_are_handled_at_once what_shares_a_tag_is_in_order
        a_group_goes_on_where_it_was a_group_may_begin_now a_consumer_that_hangs_is_broken_off;
    failures: what_fails_is_tried_again_and_holds_up_only_its_key what_fails_for_good_is_parked_and_sent_again
        what_is_asked_for_again_is_told what_was_put_off_is_known_after_a_restart
        what_only_a_newer_program_can_handle_waits_for_it runs_that_no_event_started_are_parked_too;
    effects: writes_are_there_once_whatever_happens what_the_database_refuses_harms_only_its_own_event
        a_paused_owner_writes_nothing;
    waits: a_correlation_id_is_waited_for_through_several_groups a_wait_ends_with_what_is_parked_or_late;
}

/// An event that stands at position 1.
pub(super) fn event(tenant: &str, event_type: &str, tags: &[&str]) -> StoredEvent {
    StoredEvent {
        position: 1,
        tenant: Tenant::new(tenant),
        id: uuid::Uuid::now_v7(),
        topic: "test".to_owned(),
        stream: None,
        event_type: event_type.to_owned(),
        version: 1,
        tags: tags.iter().copied().map(Tag::new).collect(),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    }
}

fn new_event(event_type: &'static str, tags: &[&str]) -> NewEvent {
    NewEvent {
        id: uuid::Uuid::now_v7(),
        topic: Cow::Borrowed("test"),
        stream: None,
        event_type: Cow::Borrowed(event_type),
        version: 1,
        tags: tags.iter().copied().map(Tag::new).collect(),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    }
}

/// Waits for something to become true; the machine may be busy.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "it never came to be: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
