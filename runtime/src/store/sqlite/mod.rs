//! The embedded back end: one SQLite file, one writer thread, many readers.

mod append;
mod checkpoint;
mod deletion;
mod lock;
mod pool;
mod read;
mod rows;
mod schema;
mod select;
mod snapshot;
mod store;
#[cfg(test)]
mod tests;
mod untag;
mod writer;

pub use pool::Readers;
pub use store::{Sqlite, SqliteEvents};
pub use writer::Writer;
