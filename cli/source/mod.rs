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
pub use text::{Name, Placed, Text};
pub use types::{RawType, RawTypeKind, is_type};

use crate::diagnostic::codes::reading::{NO_INPUTS, NO_PROJECT};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place, Sources};
use discovery::Inputs;
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
    for (name, inputs) in services {
        raw.services.push(service(&folder, name, inputs, &mut raw.sources, sink));
    }
    raw
}

fn service(folder: &Folder, name: String, inputs: Inputs, sources: &mut Sources, sink: &mut Sink) -> RawService {
    let mut service = RawService { name, schemas: Vec::new(), models: Vec::new(), inputs: Vec::new() };
    for path in &inputs.schemas {
        if let Some(file) = add(folder, path, sources, sink) {
            service.schemas.push(read_schema(sources, file, sink));
        }
    }
    for path in &inputs.models {
        if let Some(file) = add(folder, path, sources, sink) {
            service.models.push(read_model(sources, file, sink));
        }
    }
    merge_extensions(&mut service.schemas, sink);
    service.inputs = inputs.models.union(&inputs.schemas).cloned().collect();
    service
}

fn add(folder: &Folder, path: &str, sources: &mut Sources, sink: &mut Sink) -> Option<FileId> {
    let text = folder.text(path, sink)?;
    Some(sources.add(path, text))
}
