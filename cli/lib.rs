//! The tool as a library: read → lower → check → emit → write.

pub mod args;
pub mod check;
pub mod diagnostic;
pub mod embedded;
pub mod emit;
pub mod lower;
pub mod model;
pub mod output;
pub mod place;
pub mod source;
