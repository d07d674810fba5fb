//! The beginning of a decision that the user writes.

use super::{RenderError, render};
use crate::emit::rust::commands::decision_path;
use crate::model::{Command, CustomDecision, Service};
use crate::output::{Files, Owner};
use serde::Serialize;

/// What the template shows.
#[derive(Serialize)]
struct Decision {
    command: String,
    rust: String,
    /// `{Recorded, State, X, XError}`, sorted.
    imports: String,
    has_state: bool,
    /// An event that it may record, and the crate of it.
    event: Option<String>,
    events_crate: String,
    /// An error that it may give.
    error: Option<String>,
    path: String,
}

/// Adds a file for each decision that the model leaves to Rust; it compiles, and refuses every call until it is written.
pub fn emit_decisions(service: &Service, files: &mut Files) -> Result<(), RenderError> {
    for command in service.commands.values() {
        if let Some(custom) = &command.custom {
            let decision = Decision::of(service, command, custom);
            let text = render("project/service/decide.rs", &decision)?;
            files.push(Owner::Yours, decision.path, text);
        }
    }
    Ok(())
}

impl Decision {
    fn of(service: &Service, command: &Command, custom: &CustomDecision) -> Self {
        let (rust, has_state) = (command.name.rust(), !command.state.is_empty());
        let mut imports = vec!["Recorded".to_owned(), rust.clone(), format!("{rust}Error")];
        imports.extend(has_state.then(|| "State".to_owned()));
        imports.sort();
        Self {
            command: command.name.as_written().to_owned(),
            rust,
            imports: format!("{{{}}}", imports.join(", ")),
            has_state,
            event: custom.emits.first().map(|event| event.rust()),
            events_crate: format!("{}_events", service.name.snake()),
            error: command.errors.first().map(|error| error.name.rust()),
            path: decision_path(service, command),
        }
    }
}
