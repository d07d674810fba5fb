//! The model → every file of the project, in memory. Pure: nothing is read, nothing is written.

pub mod proto;
pub mod rust;
pub mod text;
