//! Files in memory → the project on disk: write, check or dry run; all or nothing.
//!
//! Two kinds of file and no third. *Ours* is always rewritten and its hash stands in `scaffold.lock/files`, so that an edit by
//! hand is noticed; *yours* is created once and never touched again. This room knows no model.

pub mod files;
mod flush;
mod journal;
pub mod lock;
mod lock_folder;
mod manifest;
mod on_disk;
mod payloads;
mod plan;
mod report;
mod steps;
mod unchanged;
mod write;

pub use files::{File, Files, Owner, generated_from};
pub use journal::{Guard, OutputError};
pub use lock::Lock;
pub use lock_folder::{TOOL, generated_by, read_lock};
pub use manifest::{MANIFEST, Manifest};
pub use on_disk::read_text;
pub use payloads::{Change as PayloadChange, Payload, Payloads};
pub use plan::{Change, Plan, plan};
pub use report::{Difference, State, difference, differences};
pub use unchanged::{Inputs, forget_state, keep_state, unchanged};
pub use write::write;
