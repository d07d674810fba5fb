//! Personal fields, sealed and erased, on every kind of store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod entries;
mod erasing;
mod folding;
pub(crate) mod ground;
mod keeping;
mod killed;
mod renamed;
mod sealing;
