//! `Cargo.toml` of every generated crate.

use super::{RenderError, render};
use crate::model::{Service, ServiceName};
use crate::output::{Files, Owner, generated_from};
use serde::Serialize;
use std::collections::BTreeSet;

const RUNTIME: &str = "scaffold-runtime = { workspace = true }";
const SERDE: &str = "serde = { version = \"1\", features = [\"derive\"] }";
const THISERROR: &str = "thiserror = \"2\"";

/// A crate that is ours.
#[derive(Clone, Debug, Serialize)]
pub struct Crate {
    /// The inputs it was made from, for the header.
    pub header: String,
    /// Package name.
    pub name: String,
    /// One line of what it is.
    pub description: String,
    /// Its dependencies in the order they are to stand, each a line of TOML.
    pub dependencies: Vec<String>,
}

impl Crate {
    /// Adds the crate's `Cargo.toml` below `folder`.
    pub fn push(&self, folder: &str, files: &mut Files) -> Result<(), RenderError> {
        self.push_as(Owner::Ours, folder, files)
    }

    /// As [`Self::push`], for a crate that depends on every service: two branches may both add one.
    pub fn push_list(&self, folder: &str, files: &mut Files) -> Result<(), RenderError> {
        self.push_as(Owner::OursList, folder, files)
    }

    fn push_as(&self, owner: Owner, folder: &str, files: &mut Files) -> Result<(), RenderError> {
        files.push(owner, format!("{folder}/Cargo.toml"), render("generated/Cargo.toml", self)?);
        Ok(())
    }
}

/// The line that lets a crate of `service` name the events of `of`, which may be another one.
pub fn events_line(service: &Service, of: &ServiceName) -> String {
    let name = of.kebab();
    let folder = if *of == service.name { "..".to_owned() } else { format!("../../{name}") };
    format!("{name}-events = {{ path = \"{folder}/events\" }}")
}

/// The lines that let the crate in `folder`, one of the service's, name shared types: those crates that its files do name.
pub fn types_lines(service: &Service, folder: &str, files: &Files) -> Vec<String> {
    let line = |shared: &ServiceName| {
        let (name, krate) = (shared.kebab(), format!("{}_types::", shared.snake()));
        let is_named = files.below(&format!("{folder}/")).any(|file| names_crate(&file.contents, &krate));
        let folder = if *shared == service.name { "..".to_owned() } else { format!("../../{name}") };
        is_named.then(|| format!("{name}-types = {{ path = \"{folder}/types\" }}"))
    };
    service.types.shared().filter_map(line).collect()
}

/// Whether the path stands in the text, and not as the end of a longer name.
fn names_crate(text: &str, path: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(path).any(|(at, _)| !text[..at].ends_with(is_part))
}

/// The line of the runtime for a crate that serves, with those of its features that are needed.
pub fn runtime_line<const N: usize>(features: [(&str, bool); N]) -> String {
    let needed: Vec<_> = features.iter().filter(|(_, needed)| *needed).map(|(name, _)| format!("\"{name}\"")).collect();
    match needed.is_empty() {
        true => RUNTIME.to_owned(),
        false => format!("scaffold-runtime = {{ workspace = true, features = [{}] }}", needed.join(", ")),
    }
}

/// Adds the manifests of a service's crates, without those that others emit. A service that has no commands has no such crate.
pub fn emit_manifests(service: &Service, files: &mut Files) -> Result<(), RenderError> {
    let name = service.name.kebab();
    let events = vec![events_line(service, &service.name)];
    let followed = service.projections.values().map(|view| ServiceName::new(&view.follows));
    let with_followed: BTreeSet<String> =
        followed.map(|other| events_line(service, &other)).chain(events.clone()).collect();
    let parts = [
        (true, "events", "The events of", Vec::new(), vec![RUNTIME, SERDE]),
        (!service.commands.is_empty(), "commands", "The commands of", events.clone(), vec![RUNTIME, SERDE, THISERROR]),
        (
            !service.projections.is_empty(),
            "projections",
            "The projections of",
            with_followed.into_iter().collect(),
            vec![RUNTIME, SERDE],
        ),
        (!service.cruds.is_empty(), "crud", "The CRUD types of", events, vec![RUNTIME, SERDE]),
    ];
    for (_, part, what, events, others) in parts.into_iter().filter(|(there, ..)| *there) {
        let folder = format!("generated/{name}/{part}");
        let types = types_lines(service, &folder, files);
        let manifest = Crate {
            header: generated_from(&service.input_folders()),
            name: format!("{name}-{part}"),
            description: format!("{what} the service {name}"),
            dependencies: events.into_iter().chain(types).chain(others.into_iter().map(str::to_owned)).collect(),
        };
        manifest.push(&folder, files)?;
    }
    Ok(())
}
