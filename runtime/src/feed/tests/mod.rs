//! What follows another service's events must do, over real sockets, on each database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ground;
mod groups;
mod names;
mod projections;
mod reading;
mod rights;
pub(crate) mod tally;

use ground::{Billing, Enrollment, On, until};

/// Runs each named test on each back end.
macro_rules! on_every_database {
    ($($module:ident: $($test:ident)*;)*) => {
        mod on_sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$module::$test(super::On::Sqlite).await;
                }
            )*)*
        }
        #[cfg(feature = "postgres")]
        mod on_postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$module::$test(super::On::Postgres).await;
                }
            )*)*
        }
    };
}

on_every_database! {
    reading: what_is_read_is_what_the_store_has pages_have_bounds_and_whatever_is_larger_comes_alone
        a_dead_connection_is_noticed what_was_deleted_is_told;
    projections: it_folds_what_happens_elsewhere_and_tenants_never_meet
        nothing_is_doubled_or_passed_over_however_often_the_line_breaks it_waits_for_a_service_that_is_not_there
        what_lies_aside_is_tried_again_from_the_other_service others_events_are_no_reason_to_go_on;
    groups: nothing_is_handled_twice_however_often_the_line_breaks what_is_parked_is_sent_again
        what_was_put_off_waits_for_the_other_service others_events_set_off_nothing a_new_group_begins_where_the_other_service_is;
    names: programs_of_every_deployment_read_each_other what_was_parked_before_is_shown_by_todays_name
        what_a_projection_put_aside_before_is_shown_by_todays_name;
}
