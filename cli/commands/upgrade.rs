//! What `scaffold gen --upgrade` leaves to the user: files of theirs that an earlier version created and this one needs otherwise.
//!
//! They are read and never written. Each step looks at what is there, not at the version that was, so a step that was done is not
//! told again.

use crate::check::CheckedModel;
use crate::model::{RuntimeSource, Service};
use crate::output::{Change, Difference, OutputError, State, difference, read_text};
use std::path::Path;

/// The runtime that what is generated now is made for: it has the tool's own version.
const RUNTIME: &str = env!("CARGO_PKG_VERSION");

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// Lines of files, as a difference each.
    pub lines: Vec<Difference>,
    /// What no line says.
    pub words: Vec<String>,
}

impl Steps {
    /// Whether all is as it must be.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.words.is_empty()
    }

    fn replace(&mut self, path: &str, before: Option<String>, after: String) {
        if before.as_ref().is_some_and(|before| *before != after) {
            let change = Change { path: path.into(), before, after: after.into() };
            self.lines.push(difference(&change, State::Yours));
        }
    }
}

/// Everything that is left to do in the project.
pub(super) fn steps(dir: &Path, model: &CheckedModel) -> Result<Steps, OutputError> {
    let mut steps = Steps::default();
    for service in model.services.values() {
        program(dir, service, &mut steps)?;
    }
    match &model.project.runtime {
        RuntimeSource::Vendored => vendored(dir, &mut steps)?,
        RuntimeSource::Version(version) => named(dir, version, &mut steps)?,
        RuntimeSource::Path(_) => {}
    }
    Ok(steps)
}

/// Until 0.1 a service's program called the crate of its gRPC API; since 0.2 the service is a crate of its own, `<service>-service`.
fn program(dir: &Path, service: &Service, steps: &mut Steps) -> Result<(), OutputError> {
    let (name, krate) = (service.name.kebab(), service.name.snake());
    let main = format!("services/{name}/src/main.rs");
    let Some(text) = read_text(dir, &main)? else { return Ok(()) };
    let called = text.replace(&format!("{krate}_grpc::service("), &format!("{krate}_service::service("));
    let calls_grpc = called.contains(&format!("{krate}_grpc"));
    if !called.contains(&format!("{krate}_service::")) {
        return Ok(());
    }
    steps.replace(&main, Some(text), called);
    let manifest = format!("services/{name}/Cargo.toml");
    let Some(text) = read_text(dir, &manifest)? else { return Ok(()) };
    let depended = depends(&text, &name, calls_grpc);
    steps.replace(&manifest, Some(text), depended);
    Ok(())
}

/// The manifest with the dependency on the service, instead of the one on its API unless that is still called.
fn depends(manifest: &str, name: &str, keeps_grpc: bool) -> String {
    let is = |line: &str, part: &str| {
        let rest = line.trim_start().strip_prefix(&format!("{name}-{part}"));
        rest.is_some_and(|rest| rest.starts_with([' ', '=', '.']))
    };
    if manifest.lines().any(|line| is(line, "service")) {
        return manifest.to_owned();
    }
    let needed = format!("{name}-service = {{ path = \"../../generated/{name}/service\" }}\n");
    let mut lines = String::new();
    let mut is_there = false;
    for line in manifest.split_inclusive('\n') {
        let (grpc, dependencies) = (is(line, "grpc"), line.trim() == "[dependencies]");
        if !grpc || keeps_grpc {
            lines.push_str(line);
        }
        // In the place of the old one, or below the heading if there is no old one.
        let has_old = manifest.lines().any(|line| is(line, "grpc"));
        if !is_there && (grpc || (dependencies && !has_old)) {
            lines.push_str(&needed);
            is_there = true;
        }
    }
    if !is_there {
        lines.push_str(&format!("\n[dependencies]\n{needed}"));
    }
    lines
}

/// The runtime's source inside the project is the one of the version that made it.
fn vendored(dir: &Path, steps: &mut Steps) -> Result<(), OutputError> {
    let manifest = match read_text(dir, "runtime/Cargo.toml") {
        Ok(Some(manifest)) => manifest,
        // A link leads to a runtime that is kept elsewhere.
        Ok(None) | Err(OutputError::Outside { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    if let Some(version) = version.filter(|version| *version != RUNTIME) {
        steps.words.push(format!(
            "runtime/ holds scaffold-runtime {version}; put {RUNTIME} into its place: \
             scaffold new ../fresh && rm -r runtime && mv ../fresh/runtime runtime"
        ));
    }
    Ok(())
}

/// The runtime's version stands in `scaffold.yaml`, and in the workspace that was made from it.
fn named(dir: &Path, version: &str, steps: &mut Steps) -> Result<(), OutputError> {
    let now = RUNTIME.rsplit_once('.').map_or(RUNTIME, |(minor, _)| minor);
    if is_of(version, now) {
        return Ok(());
    }
    for (path, key) in [("scaffold.yaml", "version"), ("Cargo.toml", "scaffold-runtime")] {
        let Some(text) = read_text(dir, path)? else { continue };
        let raise = |line: &str| if line.contains(key) { line.replacen(version, now, 1) } else { line.to_owned() };
        let raised = text.split_inclusive('\n').map(raise).collect();
        steps.replace(path, Some(text), raised);
    }
    Ok(())
}

/// Whether the requirement takes a release of this minor version.
fn is_of(requirement: &str, minor: &str) -> bool {
    let bare = requirement.trim_start_matches(['^', '~', '=', '>', '<', ' ']);
    bare == minor || bare.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "notes-service = { path = \"../../generated/notes/service\" }\n";

    #[test]
    fn the_service_takes_the_place_of_its_api() {
        let before = "[dependencies]\na = \"1\"\nnotes-grpc = { path = \"x\" }\nz = \"1\"\n";
        assert_eq!(depends(before, "notes", false), format!("[dependencies]\na = \"1\"\n{SERVICE}z = \"1\"\n"));
        let both = depends(before, "notes", true);
        assert!(both.contains("notes-grpc = ") && both.contains(SERVICE), "{both}");
        assert_eq!(depends(&both, "notes", true), both, "it is there");
        assert_eq!(depends("[dependencies]\n", "notes", false), format!("[dependencies]\n{SERVICE}"));
        assert_eq!(depends("[package]\n", "notes", false), format!("[package]\n\n[dependencies]\n{SERVICE}"));
        assert!(depends("[dependencies]\nother-notes-grpc = \"1\"\n", "notes", false).contains("other-notes-grpc"));
    }

    #[test]
    fn a_requirement_is_of_a_minor_version() {
        for fine in ["0.2", "0.2.3", "^0.2", "=0.2.0"] {
            assert!(is_of(fine, "0.2"), "{fine}");
        }
        for other in ["0.1", "0.20", "0", "1.0.2"] {
            assert!(!is_of(other, "0.2"), "{other}");
        }
    }
}
