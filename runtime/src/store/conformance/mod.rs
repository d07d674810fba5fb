//! What every store must do, as tests that each back end passes.
//!
//! | the specification (dcb.events) and what it leaves open | shown by |
//! |---|---|
//! | queries of types, tags, both, several items and all find what they mean | `queries::every_shape_finds_what_it_means`, `many_items_are_one_query` |
//! | an append conflicts with what came after the read and is meant, and with nothing else | `conditions::an_append_fails_exactly_on_what_the_query_means`, `an_empty_query_never_fails` |
//! | the same query read twice is no conflict | `conditions::the_same_query_twice_is_one` |
//! | several queries in one decision | `conditions::each_of_several_queries_stands_in_the_way`; `decision::tests` |
//! | what is hashed may collide | `recent::tests::what_collides_is_never_taken_for_a_hit` (no event is found by hashes elsewhere) |
//! | two tags of one prefix are two | `conditions::two_tags_of_one_prefix_are_two` |
//! | all or nothing | `conditions::a_failing_append_leaves_nothing` |
//! | the same ids again, and known idempotency keys, change nothing | `appends::the_same_id_again_changes_nothing`, `half_known_ids_are_refused`, `an_idempotency_key_keeps_the_first_answer`, `keys_are_apart`, `races::a_repeated_key_is_carried_out_once` |
//! | of 16 and 256 racers under all shapes of query one wins; those apart all win | `races::of_many_racers_one_wins`, `racers_apart_all_win` |
//! | no reader misses what commits late | `races::every_reader_sees_positions_in_order`; PostgreSQL: `tests/postgres/order.rs`, for consumer groups `tests/groups/processes.rs` |
//! | tenants never see each other | `queries::tenants_never_see_each_other`, `conditions::other_tenants_do_not_stand_in_the_way` |
//! | what is deleted: gone for readers, known to repeats and conditions for a while, told to whoever must see all | `deletions` |
//! | states of decisions that are kept: the newest of one definition is found, by whose they are, command and what that reads | `snapshots` |
//! | what had another name before is one with what was stored then | `renames`; all of this with a rename: `renamed`, `model` |
//! | all of it together, at random | `model` |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod appends;
mod conditions;
mod deletions;
mod model;
mod queries;
mod races;
mod renames;
mod snapshots;
// The tests of whole servers use more of it than these.
#[cfg(feature = "postgres")]
#[allow(dead_code)]
mod server;

use super::renamed::RenamedEvents;
use super::sqlite::{Sqlite, SqliteEvents};
use super::{Append, Appended, EventStore, MemoryEvents, Positions};
use crate::event::{Metadata, Names, NewEvent, Position, Query, QueryItem, Renamed, StoredEvent, Tag, Tenant};
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

type Store = Arc<dyn EventStore>;

/// Runs each named test on each back end.
macro_rules! on_every_store {
    ($($module:ident: $($test:ident)*;)*) => {
        mod memory {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$module::$test(std::sync::Arc::new(super::MemoryEvents::new())).await;
                }
            )*)*
        }
        mod sqlite_file {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let folder = tempfile::tempdir().unwrap();
                    let database = super::Sqlite::open(&folder.path().join("events.db")).unwrap();
                    super::$module::$test(std::sync::Arc::new(super::SqliteEvents::new(database.clone()))).await;
                    database.close().await;
                }
            )*)*
        }
        mod sqlite_memory {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let database = super::Sqlite::in_memory().unwrap();
                    super::$module::$test(std::sync::Arc::new(super::SqliteEvents::new(database))).await;
                }
            )*)*
        }
        mod renamed {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let database = super::Sqlite::in_memory().unwrap();
                    super::$module::$test(super::renamed(std::sync::Arc::new(super::SqliteEvents::new(database)))).await;
                }
            )*)*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let events = super::on_server().await;
                    super::$module::$test(std::sync::Arc::new(events.clone())).await;
                    events.close().await;
                }
            )*)*
        }
    };
}

/// A schema of its own on the one server of these tests.
#[cfg(feature = "postgres")]
async fn on_server() -> super::postgres::PostgresEvents {
    super::postgres::PostgresEvents::open(&address_on_server(), "unused").await.unwrap()
}

/// The address of a schema that nobody else uses.
#[cfg(feature = "postgres")]
pub(crate) fn address_on_server() -> String {
    static SERVER: std::sync::LazyLock<server::Server> = std::sync::LazyLock::new(server::Server::start);
    SERVER.schema()
}

on_every_store! {
    queries: every_shape_finds_what_it_means ranges_cut_what_is_found many_items_are_one_query
        tenants_never_see_each_other all_tenants_are_read_in_order nothing_is_there_at_first
        what_is_rare_is_found_however_far_away;
    appends: what_is_appended_is_read_back numbers_come_back_to_the_last_digit positions_grow_and_the_watch_follows the_same_id_again_changes_nothing
        half_known_ids_are_refused an_idempotency_key_keeps_the_first_answer keys_are_apart;
    conditions: an_append_fails_exactly_on_what_the_query_means two_tags_of_one_prefix_are_two
        a_failing_append_leaves_nothing an_empty_query_never_fails other_tenants_do_not_stand_in_the_way
        the_same_query_twice_is_one each_of_several_queries_stands_in_the_way;
    races: of_many_racers_one_wins racers_apart_all_win a_repeated_key_is_carried_out_once
        every_reader_sees_positions_in_order;
    deletions: what_is_deleted_is_read_by_nobody exceptions_the_young_and_other_types_stay
        a_repeat_of_a_deleted_append_is_known conditions_find_what_was_deleted
        whoever_must_not_miss_an_event_is_told remnants_go_when_they_are_old;
    snapshots: what_is_kept_is_found what_is_newer_takes_the_place another_definition_is_not_read_and_takes_the_place
        commands_reads_and_tenants_are_apart what_is_too_long_is_not_kept of_many_who_keep_the_newest_stays;
    renames: programs_of_before_and_after_meet what_is_stored_under_any_name_is_read
        what_is_deleted_is_deleted_under_every_name;
}

/// Of the types that these tests use, those that had other names before.
const RENAMED: &[Renamed] =
    &[Renamed { name: "A", before: &["Oldest", "Old"] }, Renamed { name: "C", before: &["Earlier"] }];

/// A store as a program sees it that has renamed events.
fn renamed(store: Store) -> Store {
    Arc::new(RenamedEvents::new(store, Names::new(RENAMED)))
}

fn tenant() -> Tenant {
    Tenant::new("acme")
}

fn event(event_type: &'static str, tags: &[&str]) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        topic: Cow::Borrowed("test"),
        stream: None,
        event_type: Cow::Borrowed(event_type),
        version: 1,
        tags: tags.iter().copied().map(Tag::new).collect(),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: 1_767_225_600_000_001,
    }
}

fn item(types: &[&'static str], tags: &[&str]) -> QueryItem {
    QueryItem::of(types, tags.iter().copied().map(Tag::new))
}

fn query(types: &[&'static str], tags: &[&str]) -> Query {
    Query::of([item(types, tags)])
}

async fn put(store: &Store, events: Vec<NewEvent>) -> Positions {
    match store.append(Append::new(tenant(), events)).await.unwrap() {
        Appended::Done(positions) => positions,
        Appended::Repeated(answer) => panic!("repeated: {answer:?}"),
    }
}

fn positions(events: &[StoredEvent]) -> Vec<Position> {
    events.iter().map(|event| event.position).collect()
}
