//! What a run produces: files in memory first, then the disk.

pub mod files;

pub use files::{File, Files, Owner};
