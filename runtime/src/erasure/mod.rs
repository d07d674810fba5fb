//! Personal fields of events, and how they are erased.
//!
//! A personal field is sealed with the key of its subject before its event is stored, and opened by whoever reads it. To erase a
//! subject is to throw its key away and to say so with an event of its own, [`SUBJECT_ERASED`]: from then on the fields read as
//! their defaults, and projections fold the subject's entries anew. See `docs/decisions/0014-erasure.md`.
//!
//! What is said of events, and what projections do, is here always; sealing comes with the cargo feature `erasure`.

#[cfg(feature = "erasure")]
mod cipher;
mod declared;
#[cfg(feature = "erasure")]
mod envelope;
#[cfg(feature = "erasure")]
mod erase;
mod erased;
#[cfg(feature = "erasure")]
mod keys;
#[cfg(feature = "erasure")]
mod master;
#[cfg(feature = "erasure")]
mod model;
#[cfg(feature = "erasure")]
mod place;
#[cfg(feature = "erasure")]
mod seal;
#[cfg(feature = "erasure")]
mod sealed;
#[cfg(all(test, feature = "erasure"))]
pub(crate) mod tests;
#[cfg(feature = "erasure")]
mod vault;

pub use declared::{Personal, PersonalEvent, PersonalTag};
#[cfg(feature = "erasure")]
pub use erase::{By, Erased, Erasure};
pub use erased::SUBJECT_ERASED;
pub(crate) use erased::{Subject, subject_tag};
#[cfg(all(feature = "erasure", feature = "postgres"))]
pub(crate) use keys::PostgresKeys;
#[cfg(feature = "erasure")]
pub(crate) use keys::{KeyStore, Keys, SqliteKeys};
#[cfg(feature = "erasure")]
pub(crate) use master::Masters;
#[cfg(feature = "erasure")]
pub(crate) use place::{KeysAt, beside_file};
#[cfg(feature = "erasure")]
pub(crate) use sealed::SealedEvents;
#[cfg(feature = "erasure")]
pub(crate) use vault::Vault;
