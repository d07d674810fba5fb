//! Personal fields of events, and how they are erased.
//!
//! A personal field is sealed with the key of its subject before its event is stored, and opened by whoever reads it. To erase a
//! subject is to throw its key away and to say so with an event of its own, [`SUBJECT_ERASED`]: from then on the fields read as
//! their defaults, and projections fold the subject's entries anew. See `docs/decisions/0014-erasure.md`.
//!
//! What is said of events, and what projections do, is here always; sealing comes with the cargo feature `erasure`.

mod declared;
mod erased;

pub use declared::{Personal, PersonalEvent, PersonalTag};
pub use erased::SUBJECT_ERASED;
pub(crate) use erased::{Subject, subject_tag};
