//! Files: their bytes in an object store, what is known of them in a table beside the events, and the value that stands for one
//! in events and entries.

mod taken;
mod value;

pub use taken::{FilesFound, TakesFiles};
pub use value::{File, HoldsFiles, file_tags};
