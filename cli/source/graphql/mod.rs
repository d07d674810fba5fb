//! The schema: GraphQL files of a service, as written.

mod raw;

pub use raw::*;
