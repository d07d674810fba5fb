//! Entries from end to end on a real SQLite file: projections, lists, subscriptions, CRUD types.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod crud;
mod decimals;
mod fixture;
mod lists;
mod paging;
mod permissions;
mod projections;
mod subscriptions;
