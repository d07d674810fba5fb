//! The event model: YAML files of a service, as written.

mod raw;

pub use raw::*;
