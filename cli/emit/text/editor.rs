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
        services: model.services.values().map(Schemas::of).filter(|schemas| !schemas.files.is_empty()).collect(),
    };
    files.push(Owner::OursList, "graphql.config.yml", render("project/graphql.config.yml", &config)?);
    files.push(Owner::Yours, ".vscode/settings.json", render("project/.vscode/settings.json", &config)?);
    Ok(())
}

impl Schemas {
    /// By folder where that says it all, else file by file.
    fn of(service: &Service) -> Self {
        let name = service.name.kebab();
        let own = format!("schema/{name}/");
        let is_schema = |path: &&String| path.ends_with(".graphql") || path.ends_with(".gql");
        let schemas: Vec<&String> = service.inputs.iter().filter(is_schema).collect();
        let files = if schemas.is_empty() || schemas.iter().any(|path| !path.starts_with(&own)) {
            schemas.into_iter().map(|path| quoted(path)).collect()
        } else {
            vec![quoted(&format!("{own}**/*.{{graphql,gql}}"))]
        };
        Self { name, files }
    }
}

/// A double-quoted YAML scalar.
fn quoted(path: &str) -> String {
    serde_json::Value::from(path).to_string()
}
