//! `Cargo.toml` of every generated crate.

use super::{RenderError, render};
use crate::model::Service;
use crate::output::{Files, Owner, generated_from};
use serde::Serialize;

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

/// Adds the manifests of a service's crates, without the one of its gRPC API. A service that has no commands has no such crate.
pub fn emit_manifests(service: &Service, files: &mut Files) -> Result<(), RenderError> {
    let name = service.name.kebab();
    let events = format!("{name}-events = {{ path = \"../events\" }}");
    let parts = [
        (true, "events", "The events of", vec![RUNTIME, SERDE]),
        (!service.commands.is_empty(), "commands", "The commands of", vec![&events, RUNTIME, SERDE, THISERROR]),
        (!service.projections.is_empty(), "projections", "The projections of", vec![&events, RUNTIME, SERDE]),
        (!service.cruds.is_empty(), "crud", "The CRUD types of", vec![&events, RUNTIME, SERDE]),
    ];
    for (_, part, what, dependencies) in parts.into_iter().filter(|(there, ..)| *there) {
        let manifest = Crate {
            header: generated_from(&service.input_folders()),
            name: format!("{name}-{part}"),
            description: format!("{what} the service {name}"),
            dependencies: dependencies.into_iter().map(str::to_owned).collect(),
        };
        manifest.push(&format!("generated/{name}/{part}"), files)?;
    }
    Ok(())
}
