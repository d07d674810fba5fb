//! Entries from end to end on real databases: projections, lists, subscriptions, CRUD types. What a test finds on SQLite it
//! finds on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod aside;
mod building;
mod crud;
mod decimals;
#[macro_use]
mod fixture;
mod lists;
mod paging;
mod permissions;
mod projections;
mod pruning;
mod rows;
mod rules;
#[cfg(feature = "postgres")]
mod same;
mod school;
#[cfg(feature = "postgres")]
#[allow(dead_code, reason = "the tests of whole servers use more of it than these")]
#[path = "../../src/store/conformance/server.rs"]
mod server;
#[cfg(feature = "postgres")]
mod shared;
mod subscriptions;
mod sweeps;
mod tickets;
mod unique;
mod written;

/// Where a test has its tables.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// Runs each named test on each database.
macro_rules! on_every_database {
    ($($module:ident: $($test:ident)*;)*) => {
        mod sqlite {
            $(mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$module::$test(crate::On::Sqlite).await;
                }
            )*})*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$module::$test(crate::On::Postgres).await;
                }
            )*})*
        }
    };
}

on_every_database! {
    aside: an_event_that_is_tried_again_is_applied_in_its_place what_came_behind_it_may_then_fail
        an_event_for_all_reaches_those_that_were_there what_was_discarded_stays_out
        an_event_that_is_still_broken_stays_aside a_removal_that_is_tried_again_removes
        more_entries_than_fit_at_once_are_folded_again what_lies_aside_is_listed_page_by_page;
    building: a_type_that_is_being_built_says_how_far_it_is_and_others_serve;
    crud: an_entry_is_created_changed_and_removed what_is_there_conflicts_and_what_is_missing_is_not_found
        invalid_data_and_ids_name_their_fields of_many_who_create_the_same_id_at_once_one_wins
        concurrent_updates_all_happen a_filter_removes_what_it_means_and_says_how_many
        a_repeated_call_gets_the_first_answer;
    decimals: digits_stay_as_they_were_written filters_compare_by_value pages_follow_the_order_of_values;
    lists: text_filters_take_the_caller_at_their_word other_kinds_filter_by_their_own_order
        lists_of_references_filter_by_length_and_content filters_nest_and_mean_the_same_in_memory
        orders_follow_their_priorities_and_put_null_first pages_are_counted_and_limits_have_a_ceiling
        only_wanted_fields_are_read what_cannot_be_asked_is_a_validation_that_names_the_field
        one_entry_by_id_filter_and_condition a_caller_can_wait_for_a_condition;
    paging: a_cursor_belongs_to_its_question;
    permissions: without_a_token_only_what_is_public_can_be_read permissions_are_asked_for_each_operation
        a_request_needs_a_token_or_a_tenant;
    projections: events_fold_into_entries_that_are_readable a_restart_goes_on_without_counting_twice
        all_and_matching_reach_stored_entries_and_those_of_the_same_batch
        a_removed_entry_is_gone_and_can_come_back_fresh a_poisoned_event_is_put_aside_and_the_rest_goes_on
        an_event_of_an_older_version_is_folded_as_todays
        an_event_newer_than_the_program_stops_that_projection_only tenants_never_meet
        a_strong_read_sees_what_was_appended_before_it many_events_in_several_batches_fold_in_order
        another_definition_is_another_table_built_from_zero
        entries_of_all_tenants_say_which_event_changed_them_last;
    pruning: tables_that_nobody_serves_are_dropped;
    rows: each_caller_sees_the_entries_of_its_claim a_claim_that_says_nothing_shows_nothing
        every_way_to_read_keeps_to_the_rows values_of_every_kind_are_compared_as_their_own
        a_path_leads_through_references_and_lists subscriptions_tell_of_what_is_seen_alone
        what_is_not_seen_cannot_be_written nobody_writes_an_entry_out_of_sight
        an_entry_belongs_to_whoever_the_token_named;
    subscriptions: one_entry_is_followed_until_it_is_gone an_entry_that_leaves_the_filter_is_removed
        a_subscriber_who_falls_too_far_behind_is_told_so a_subscription_ends_with_its_token;
    sweeps: an_event_for_more_entries_than_a_page_reaches_each_of_them_once
        a_sweep_that_was_cut_short_goes_on_where_it_was entries_that_such_an_event_fails_on_are_put_aside_once;
    written: of_many_who_create_at_once_in_two_processes_none_leaves_a_number_out what_is_not_created_takes_no_number
        a_number_stays_with_its_entry_and_is_not_given_again entries_from_before_the_counter_have_no_number
        of_many_who_set_a_field_once_one_wins;
    unique: a_value_is_had_once_and_freed_at_once several_fields_are_one_value_and_null_is_none
        tenants_share_nothing_and_keys_still_work of_many_who_want_a_value_at_once_one_gets_it
        whoever_wants_other_values_never_waits a_value_that_is_passed_on_is_never_had_twice
        entries_of_before_keep_their_values members_who_share_a_value_keep_the_type_from_being_ready
        what_no_index_takes_is_refused
        an_event_that_breaks_a_constraint_is_put_aside_and_tried_again
        what_lies_aside_for_another_reason_is_tried_without_it a_batch_comes_to_what_its_events_come_to_one_by_one
        of_the_entries_of_one_event_the_first_gets_the_value
        an_event_for_more_entries_than_a_page_leaves_no_value_twice
        badges_that_share_a_value_keep_the_type_from_being_ready events_of_while_nobody_ran_are_held_to_it_too
        whoever_goes_on_with_a_table_holds_it_too;
}
