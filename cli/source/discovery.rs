//! Which file belongs to which service.

use super::files::Folder;
use super::glob;
use super::project::RawProject;
use super::text::Name;
use crate::diagnostic::codes::reading::{NO_INPUTS, OUTSIDE_PROJECT};
use crate::diagnostic::{Diagnostic, Sink};
use std::collections::{BTreeMap, BTreeSet};

/// The inputs of one service, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    pub schemas: BTreeSet<String>,
    pub models: BTreeSet<String>,
}

/// The inputs of every service: what `scaffold.yaml` names, then by folder what nobody has claimed.
pub(super) fn discover(folder: &Folder, project: &RawProject, sink: &mut Sink) -> BTreeMap<String, Inputs> {
    let mut services: BTreeMap<String, Inputs> = BTreeMap::new();
    let mut claimed = BTreeSet::new();
    let has_globs = project.services.iter().any(|service| service.schema.is_some() || service.model.is_some());
    let all = if has_globs { folder.files("", sink) } else { BTreeSet::new() };
    for settings in &project.services {
        let inputs = services.entry(settings.name.value.clone()).or_default();
        inputs.schemas = matching(settings.schema.as_deref(), &all, is_schema, sink);
        inputs.models = matching(settings.model.as_deref(), &all, is_model, sink);
        claimed.extend(inputs.schemas.iter().chain(&inputs.models).cloned());
    }
    let own = project.name.as_ref().map(|name| name.value.as_str());
    let set = |path: &str| -> BTreeSet<String> { named(project, path) };
    for path in folder.files("schema", sink).difference(&claimed).filter(|path| is_schema(path)) {
        let Some(service) = service_of(path).or(own).filter(|service| !set("schema").contains(*service)) else {
            continue;
        };
        services.entry(service.to_owned()).or_default().schemas.insert(path.clone());
    }
    for path in folder.files("model", sink).difference(&claimed).filter(|path| is_model(path)) {
        let stem = path.strip_prefix("model/").and_then(|name| name.rsplit_once('.')).map(|(stem, _)| stem);
        let Some(service) = service_of(path).or(stem).filter(|service| !set("model").contains(*service)) else {
            continue;
        };
        services.entry(service.to_owned()).or_default().models.insert(path.clone());
    }
    for settings in &project.services {
        if services.get(&settings.name.value).is_some_and(|inputs| *inputs == Inputs::default()) {
            let message = format!("the service `{}` has neither schema nor model", settings.name.value);
            let problem = Diagnostic::error(NO_INPUTS, settings.name.place, message);
            sink.push(problem.help(format!("put files into `schema/{0}/` or `model/{0}/`", settings.name.value)));
        }
    }
    services
}

/// Services whose `schema` or `model` stands where `scaffold.yaml` says, and nowhere else.
fn named(project: &RawProject, kind: &str) -> BTreeSet<String> {
    let has = |service: &&super::project::RawServiceSettings| match kind {
        "schema" => service.schema.is_some(),
        _ => service.model.is_some(),
    };
    project.services.iter().filter(has).map(|service| service.name.value.clone()).collect()
}

/// `schema/enrollment/x/y.graphql` belongs to `enrollment`; a file directly in the folder to no service by this rule.
fn service_of(path: &str) -> Option<&str> {
    let (_, below) = path.split_once('/')?;
    below.split_once('/').map(|(service, _)| service)
}

fn matching(
    globs: Option<&[Name]>,
    all: &BTreeSet<String>,
    is_input: fn(&str) -> bool,
    sink: &mut Sink,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for pattern in globs.unwrap_or_default() {
        if pattern.starts_with('/') || pattern.contains('\\') || pattern.split('/').any(|part| part == "..") {
            let message = format!("`{}` is no path inside the project", pattern.value);
            let problem = Diagnostic::error(OUTSIDE_PROJECT, pattern.place, message);
            sink.push(problem.help("write it relative to `scaffold.yaml`, with `/`"));
            continue;
        }
        let before = found.len();
        let files = all.iter().filter(|path| is_input(path) && glob::matches(pattern, path));
        let mut files = files.cloned().peekable();
        if files.peek().is_none() && before == found.len() {
            sink.push(Diagnostic::error(NO_INPUTS, pattern.place, format!("`{}` matches no file", pattern.value)));
        }
        found.extend(files);
    }
    found
}

fn is_schema(path: &str) -> bool {
    path.ends_with(".graphql") || path.ends_with(".gql")
}

fn is_model(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}
