//! The built application over real sockets, as a client would use it: GraphQL, subscriptions, gRPC by reflection; restarts, kills,
//! races and lies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod app;
mod banking;
mod durability;
mod erasure;
mod full;
mod graphql;
mod hotel;
mod journey;
mod neighbours;
mod operators;
mod papers;
mod papers_fields;
mod postgres;
mod programs;
#[path = "../projects/mod.rs"]
mod projects;
mod race;
mod reflection;
mod renames;
mod security;
#[allow(dead_code, reason = "the tests of the store use more of it than these")]
#[path = "../../runtime/src/store/conformance/server.rs"]
mod server;
mod sharing;
mod signing;
#[path = "../../runtime/tests/faults/small.rs"]
mod small;
mod snapshots;
mod socket;
mod terminal;
mod till;
mod till_fields;
mod till_public;
mod till_rows;
mod till_unique;
mod till_written;
mod tokens;

/// The sample's service by its full name.
const SERVICE: &str = "courses.enrollment.v1.EnrollmentService";
