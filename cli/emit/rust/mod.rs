//! Rust by quoting: one file an emitted thing, one function an item.

pub mod docs;
pub mod imports;
pub mod json;
pub mod print;

pub use docs::docs;
pub use imports::{from_crate, import};
