//! Files of the project as a whole: the workspace, what belongs to the user, CI.

use super::{RenderError, render};
use crate::model::{Model, RuntimeSource, Service};
use crate::output::{Files, Owner, generated_from};
use serde::Serialize;

/// Paths of lists, which git may merge by keeping both sides.
const LISTS: &[&str] = &[
    "generated/**/lib.rs",
    "generated/app/services/Cargo.toml",
    "generated/gateway/graphql/Cargo.toml",
    "generated/gateway/graphql/src/schema.rs",
    "generated/*/grpc/proto/**/*.proto",
    "generated/*/grpc/src/client.rs",
    "generated/*/grpc/src/descriptors.rs",
    "generated/*/grpc/src/proto.rs",
    "generated/*/grpc/src/routes.rs",
    "generated/*/grpc/src/**/mod.rs",
    "generated/*/service/Cargo.toml",
    "generated/gateway/graphql/src/*/mod.rs",
    "graphql.config.yml",
    "scaffold.lock/files",
];

/// The same of automations, in a project that has any.
const LISTS_OF_AUTOMATIONS: &[&str] = &["generated/*/automations/Cargo.toml"];

/// The same of crates of shared types, in a project that has any.
const SHARED_LISTS: &[&str] =
    &["generated/*/types/proto/**/*.proto", "generated/*/types/src/**/mod.rs", "generated/*/types/src/proto.rs"];

/// What the templates of the project may name.
#[derive(Serialize)]
struct Project {
    header: String,
    name: String,
    /// `campus-gateway-api`
    api: String,
    api_crate: String,
    /// `campus-services`
    services_package: String,
    services_crate: String,
    runtime: String,
    lists: Vec<&'static str>,
    services: Vec<ServiceLine>,
    /// Whether any service has personal fields, whose keys need a master key.
    personal: bool,
}

/// A service as the templates see it.
#[derive(Serialize)]
struct ServiceLine {
    name: String,
    krate: String,
    variable: String,
    summary: String,
}

/// Package name of the generated gateway.
pub fn gateway_package(model: &Model) -> String {
    format!("{}-gateway-api", model.project.name.kebab())
}

/// Package name of the generated list of services.
pub fn services_package(model: &Model) -> String {
    format!("{}-services", model.project.name.kebab())
}

/// Adds the project's own files, and those that are created once for the user.
pub fn emit_project(model: &Model, files: &mut Files) -> Result<(), RenderError> {
    let project = Project::of(model);
    for path in [".gitattributes", ".github/workflows/ci.yml"] {
        files.push(Owner::Ours, path, render(&template(path), &project)?);
    }
    let header = &project.header;
    files.push(Owner::Ours, "generated/rustfmt.toml", format!("# {header}\ndisable_all_formatting = true\n"));
    let once = [
        ".env.example",
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "app/Cargo.toml",
        "app/src/main.rs",
        "gateway/Cargo.toml",
        "gateway/src/main.rs",
    ];
    for path in once {
        files.push(Owner::Yours, path, render(&template(path), &project)?);
    }
    for service in &project.services {
        for path in ["Cargo.toml", "src/main.rs"] {
            let text = render(&format!("project/service/{path}"), service)?;
            files.push(Owner::Yours, format!("services/{}/{path}", service.name), text);
        }
    }
    Ok(())
}

/// The template of a file; `_gitignore` is `.gitignore`, which git itself would heed among the templates.
fn template(path: &str) -> String {
    let path = path
        .strip_prefix(".git")
        .filter(|rest| !rest.starts_with("hub"))
        .map_or(path.to_owned(), |rest| format!("_git{rest}"));
    format!("project/{path}")
}

impl Project {
    fn of(model: &Model) -> Self {
        let (api, services) = (gateway_package(model), services_package(model));
        Self {
            header: generated_from(&["scaffold.yaml".to_owned()]),
            name: model.project.name.as_written().to_owned(),
            api_crate: api.replace('-', "_"),
            api,
            services_crate: services.replace('-', "_"),
            services_package: services,
            runtime: runtime(&model.project.runtime),
            lists: lists(model),
            services: model.services.values().map(ServiceLine::of).collect(),
            personal: model.services.values().any(Service::is_personal),
        }
    }
}

impl ServiceLine {
    fn of(service: &Service) -> Self {
        let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
        let parts = [
            count(service.commands.len(), "command"),
            count(service.projections.len(), "projection"),
            count(service.cruds.len(), "CRUD type"),
        ];
        Self {
            name: service.name.kebab(),
            krate: service.name.snake(),
            variable: service.name.snake().to_uppercase(),
            summary: parts.join(", "),
        }
    }
}

fn lists(model: &Model) -> Vec<&'static str> {
    let are_there = model.services.values().any(|service| !service.automations.is_empty());
    let of_automations = if are_there { LISTS_OF_AUTOMATIONS } else { &[] };
    let shared = if model.shared().next().is_some() { SHARED_LISTS } else { &[] };
    LISTS.iter().chain(of_automations).chain(shared).copied().collect()
}

/// Where cargo finds the runtime, as a value of TOML.
fn runtime(source: &RuntimeSource) -> String {
    match source {
        RuntimeSource::Vendored => "{ path = \"runtime\" }".to_owned(),
        RuntimeSource::Path(path) => format!("{{ path = {} }}", toml_text(path)),
        RuntimeSource::Version(version) => toml_text(version),
    }
}

/// A basic string of TOML.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
