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

/// The line of the runtime for a crate that serves: with what the service needs of it.
pub fn runtime_line(service: &Service) -> String {
    match service.has_files() {
        true => "scaffold-runtime = { workspace = true, features = [\"files\"] }".to_owned(),
        false => RUNTIME.to_owned(),
    }
}

/// Adds the manifests of a service's crates, without the one of its gRPC API. A service that has no commands has no such crate.
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
        let manifest = Crate {
            header: generated_from(&service.input_folders()),
            name: format!("{name}-{part}"),
            description: format!("{what} the service {name}"),
            dependencies: events.into_iter().chain(others.into_iter().map(str::to_owned)).collect(),
        };
        manifest.push(&format!("generated/{name}/{part}"), files)?;
    }
    Ok(())
}
