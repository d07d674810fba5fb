//! What editors read: JSON Schema of the YAML files, and where the GraphQL of each service stands.

use super::{RenderError, render};
use crate::embedded;
use crate::model::{Model, Service};
use crate::output::{Files, Owner, generated_from};
use serde::Serialize;

/// JSON Schema, the same in each project.
const SCHEMAS: &[&str] = &["generated/editor/event-model.schema.json", "generated/editor/project.schema.json"];

/// What the template of the GraphQL configuration may name.
#[derive(Serialize)]
struct Config {
    header: String,
    services: Vec<Schemas>,
}

/// The schema of one service.
#[derive(Serialize)]
struct Schemas {
    name: String,
    files: Vec<String>,
}

/// Adds them; the settings of an editor are the user's.
pub fn emit_editor(model: &Model, files: &mut Files) -> Result<(), RenderError> {
    for path in SCHEMAS {
        files.push(Owner::Ours, *path, embedded::template(path).unwrap_or_default());
    }
    let config = Config {
        header: generated_from(&["scaffold.yaml".to_owned()]),
        services: model
            .services
            .values()
            .map(|service| Schemas::of(model, service))
            .filter(|schemas| !schemas.files.is_empty())
            .collect(),
    };
    files.push(Owner::OursList, "graphql.config.yml", render("project/graphql.config.yml", &config)?);
    files.push(Owner::Yours, ".vscode/settings.json", render("project/.vscode/settings.json", &config)?);
    Ok(())
}

impl Schemas {
    /// Its own files, and those of the services whose types they name.
    fn of(model: &Model, service: &Service) -> Self {
        let mut all = vec![service];
        let mut next = 0;
        while let Some(&one) = all.get(next) {
            for other in named(model, one) {
                if !all.iter().any(|known| known.name == other.name) {
                    all.push(other);
                }
            }
            next += 1;
        }
        Self { name: service.name.kebab(), files: all.into_iter().flat_map(files).collect() }
    }
}

/// The services whose enums, nested types and entries the schema of this one names.
fn named<'a>(model: &'a Model, service: &'a Service) -> impl Iterator<Item = &'a Service> {
    let stored = service.entries().into_values().flat_map(|entry| &entry.fields).map(|field| &field.ty);
    let nested = service.objects.values().flat_map(|object| &object.fields).map(|field| &field.ty);
    stored.chain(nested).filter_map(|ty| {
        let name = ty.ty.declared()?;
        let declares = |other: &&Service| {
            other.entry(name).is_some() || other.enums.contains_key(name) || other.objects.contains_key(name)
        };
        model.services.values().find(declares)
    })
}

/// By folder where that says it all, else file by file.
fn files(service: &Service) -> Vec<String> {
    let own = format!("schema/{}/", service.name.kebab());
    let is_schema = |path: &&String| path.ends_with(".graphql") || path.ends_with(".gql");
    let schemas: Vec<&String> = service.inputs.iter().filter(is_schema).collect();
    if schemas.is_empty() || schemas.iter().any(|path| !path.starts_with(&own)) {
        schemas.into_iter().map(|path| quoted(path)).collect()
    } else {
        vec![quoted(&format!("{own}**/*.{{graphql,gql}}"))]
    }
}

/// A double-quoted YAML scalar.
fn quoted(path: &str) -> String {
    serde_json::Value::from(path).to_string()
}
