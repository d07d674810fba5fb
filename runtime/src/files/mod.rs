//! Files: their bytes in an object store, what is known of them in a table beside the events, and the value that stands for one
//! in events and entries.
//!
//! A file is uploaded first, and then named by its id in a command or in the data of an entry. The service looks it up and puts the
//! stored value into its event, along with a tag. What no event holds is removed after a day.

#[cfg(feature = "files")]
mod collect;
#[cfg(feature = "files")]
mod incoming;
#[cfg(feature = "files")]
mod media;
#[cfg(feature = "files")]
mod name;
#[cfg(feature = "files")]
mod objects;
#[cfg(feature = "files")]
mod serve;
#[cfg(feature = "files")]
mod stored;
#[cfg(feature = "files")]
mod table;
mod taken;
#[cfg(all(test, feature = "files", feature = "gateway"))]
mod tests;
mod value;

#[cfg(feature = "files")]
pub(crate) use collect::Collector;
#[cfg(feature = "files")]
pub(crate) use media::Accepted;
#[cfg(feature = "files")]
pub(crate) use serve::Served;
#[cfg(feature = "files")]
pub(crate) use stored::{Files, FilesSettings};
#[cfg(feature = "files")]
pub(crate) use table::TABLES;
pub use taken::{FilesFound, TakesFiles};
pub use value::{File, HoldsFiles, file_tags};

/// The name of the service on the wire.
#[cfg(any(feature = "files", feature = "gateway"))]
pub(crate) const SERVICE: &str = "scaffold.v1.Files";
