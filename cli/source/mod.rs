//! Text → raw documents: what the user wrote, every value with its place, nothing looked up yet.

mod event_model;
mod expression;
mod graphql;
mod project;
mod text;
mod types;

pub use event_model::*;
pub use expression::*;
pub use graphql::*;
pub use project::{RawProject, RawRuntime, RawServiceSettings};
pub use text::{Name, Placed, Text};
pub use types::{RawType, RawTypeKind};

use crate::place::Sources;

/// Everything that was read in one run.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    /// Every text, for diagnostics.
    pub sources: Sources,
    /// `scaffold.yaml`
    pub project: RawProject,
    /// The services, by name.
    pub services: Vec<RawService>,
}

/// The documents of one service.
#[derive(Clone, Debug)]
pub struct RawService {
    /// Its name as written (a folder's or a file's name, or a key of `services`).
    pub name: String,
    /// Its schema, a document a file, by path. Extensions are merged.
    pub schemas: Vec<RawSchema>,
    /// Its event model, a document a file, by path.
    pub models: Vec<RawModel>,
    /// Relative paths of all these files, sorted.
    pub inputs: Vec<String>,
}
