//! Files over real sockets: through the edge into the service, its database and its folder, and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod collecting;
mod ground;
mod large;
mod loading;
mod naming;
mod uploading;

use ground::{Ground, On, until};

/// Runs each named test on each database.
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
    uploading: a_file_comes_in_and_out_as_it_was what_cannot_be_taken_leaves_nothing a_cut_upload_leaves_nothing
        only_users_upload a_form_of_a_browser_is_taken a_name_is_shown_and_never_a_path a_file_survives_a_restart;
    loading: only_the_owner_loads_without_a_link a_link_leads_to_its_file_for_its_time public_data_has_links_too parts_and_what_is_known_are_not_sent_again;
    naming: a_file_is_named_by_its_owner_alone what_is_not_there_is_named_by_its_field
        services_and_the_process_pass_files_on;
    collecting: what_no_event_holds_goes_after_a_day what_a_dead_process_left_goes_too
        a_file_that_is_being_used_stays_or_is_refused another_owner_of_the_lease_removes_nothing;
}
