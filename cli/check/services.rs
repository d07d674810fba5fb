//! Names of the project and its services: they become packages, folders, environment variables and protobuf packages.

use super::walk::shown;
use crate::diagnostic::codes::names::{COLLIDING_SERVICES, ILLEGAL_SERVICE_NAME, RESERVED_SERVICE_NAME};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Model;
use std::collections::BTreeMap;

/// Letters that the name of a project or service may have.
const LONGEST: usize = 60;

/// Folders beside those of the services.
const FOLDERS: &[&str] = &[
    "gateway",
    "app",
    "runtime",
    "schema",
    "model",
    "generated",
    "services",
    "deploy",
    "target",
    "lib",
    "main",
    "bin",
];

/// Crates of Rust itself, and those that generated code links against: a package of that name would stand in the way.
const CRATES: &[&str] = &[
    "std",
    "core",
    "alloc",
    "proc-macro",
    "test",
    "build",
    "scaffold",
    "scaffold-runtime",
    "serde",
    "serde-json",
    "thiserror",
    "async-graphql",
    "tonic",
    "prost",
    "tonic-prost",
    "prost-types",
    "tokio",
    "axum",
];

/// Rust's keywords: a package of that name cannot be named in code.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The project's name, each service's, and the packages that come of them.
pub(super) fn check(model: &Model, sink: &mut Sink) {
    let project = model.project.name.as_written();
    // Without a name there was no scaffold.yaml to read it from, which was said.
    let mut sound = project.is_empty() || judge("project", project, sink);
    for service in model.services.keys() {
        sound &= judge("service", service, sink);
    }
    if sound {
        check_packages(model, sink);
    }
}

/// Whether the name is sound.
fn judge(what: &str, name: &str, sink: &mut Sink) -> bool {
    let Some((code, reason)) = fault(what, name) else { return true };
    let problem = Diagnostic::global(code, format!("`{}` cannot be the name of a {what}: {reason}", shown(name)));
    let help = match what {
        "project" => "set another `name:` in scaffold.yaml",
        _ => "rename its folders below schema/ and model/, or its key in scaffold.yaml",
    };
    sink.push(
        problem.help(help).help("for example `course-catalog`: letters from a to z, digits, and `-` between words"),
    );
    false
}

/// Why no project can be called so, if so.
pub fn project_name_fault(name: &str) -> Option<String> {
    fault("project", name).map(|(_, reason)| reason)
}

/// Why no service can be called so, if so.
pub fn service_name_fault(name: &str) -> Option<String> {
    fault("service", name).map(|(_, reason)| reason)
}

fn fault(what: &str, name: &str) -> Option<(crate::diagnostic::Code, String)> {
    let begins = name.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    let letters = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if !begins || !letters || name.ends_with('-') || name.contains("--") {
        return Some((ILLEGAL_SERVICE_NAME, "it is not in kebab-case".to_owned()));
    }
    if name.len() > LONGEST {
        let reason = format!("it has {} letters, at most {LONGEST} are possible", name.len());
        return Some((ILLEGAL_SERVICE_NAME, reason));
    }
    if KEYWORDS.contains(&name) {
        return Some((RESERVED_SERVICE_NAME, "it is a keyword of Rust".to_owned()));
    }
    if CRATES.contains(&name) {
        return Some((RESERVED_SERVICE_NAME, "a crate that the project needs is called so".to_owned()));
    }
    if what == "service" && FOLDERS.contains(&name) {
        return Some((RESERVED_SERVICE_NAME, format!("the project has a folder `{name}` for something else")));
    }
    None
}

/// All packages of one workspace must differ: service `a` has `a-events`, which a service `a-events` would be, too.
fn check_packages(model: &Model, sink: &mut Sink) {
    let project = model.project.name.kebab();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for own in ["app".to_owned(), "gateway".to_owned(), format!("{project}-gateway-api"), format!("{project}-services")]
    {
        taken.insert(own, format!("project `{project}`"));
    }
    for service in model.services.values() {
        let name = service.name.kebab();
        let owner = format!("service `{name}`");
        let parts =
            ["", "-events", "-commands", "-projections", "-crud", "-grpc", "-automations", "-effects", "-service"];
        let types = service.is_shared().then_some("-types");
        for package in parts.into_iter().chain(types).map(|part| format!("{name}{part}")) {
            if let Some(first) = taken.get(&package).filter(|first| **first != owner) {
                let message = format!("{owner} and {first} would both have a package `{package}`");
                sink.push(Diagnostic::global(COLLIDING_SERVICES, message).help("rename one of them"));
            } else {
                taken.insert(package, owner.clone());
            }
        }
    }
}
