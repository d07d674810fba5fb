//! Text → raw documents: what the user wrote, every value with its place, nothing looked up yet.

mod discovery;
mod event_model;
mod expression;
mod files;
mod glob;
mod graphql;
mod insert;
mod project;
mod reader;
mod service;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod yaml;

pub use event_model::*;
pub use expression::*;
pub use graphql::*;
pub use insert::{Insertion, insert_entry};
pub use project::{RawDeleteAfter, RawProject, RawRuntime, RawServiceSettings, RawTopic};
pub use service::RawService;
pub use text::{Name, Placed, Text};
pub use types::{RawType, RawTypeKind, is_type};

use crate::diagnostic::codes::reading::{NO_INPUTS, NO_PROJECT};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place, Sources};
use files::Folder;
use std::collections::BTreeMap;
use std::path::Path;

/// The project's own settings.
const PROJECT: &str = "scaffold.yaml";

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

/// Reads all inputs of the project in this folder; what is wrong is reported and left out.
pub fn read(dir: &Path, sink: &mut Sink) -> Raw {
    read_planned(dir, &BTreeMap::new(), sink)
}

/// The same as if these texts stood at their paths already.
pub fn read_planned(dir: &Path, planned: &BTreeMap<String, String>, sink: &mut Sink) -> Raw {
    let mut raw = Raw::default();
    let Some(folder) = Folder::open(dir, planned, sink) else { return raw };
    if !folder.has(PROJECT) {
        let problem = Diagnostic::global(NO_PROJECT, format!("there is no `{PROJECT}` in {}", dir.display()));
        sink.push(problem.help("go to the project's folder, or make one with `scaffold new <name>`"));
        return raw;
    }
    let Some(settings) = add(&folder, PROJECT, &mut raw.sources, sink) else { return raw };
    raw.project = project::read_project(&raw.sources, settings, sink);
    let services = discovery::discover(&folder, &raw.project, sink);
    if services.is_empty() {
        let place = Place { file: settings, start: 0, end: 0 };
        let problem = Diagnostic::warning(NO_INPUTS, place, "the project has neither schema nor model");
        sink.push(problem.help("put files into `schema/<service>/` and `model/<service>/`"));
    }
    raw.services = service::read_services(&folder, services, &mut raw.sources, sink);
    raw
}

fn add(folder: &Folder, path: &str, sources: &mut Sources, sink: &mut Sink) -> Option<FileId> {
    let text = folder.text(path, sink)?;
    Some(sources.add(path, text))
}
