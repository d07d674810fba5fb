//! What projections and CRUD types have in common: the entry's struct, its table, how it is stored and loaded.

mod columns;
mod definition;
mod item;
mod rows;

pub use columns::column_kind;
pub use definition::definition;
pub use item::{EntryCode, entry_items, initial_value};
