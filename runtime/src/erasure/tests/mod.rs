//! Personal fields, sealed and erased, on every kind of store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod erasing;
pub(crate) mod ground;
mod sealing;
