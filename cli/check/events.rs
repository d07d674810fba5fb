//! Events: whether anything finds and reads them.

use super::automations::starts;
use crate::diagnostic::codes::lints::{UNREAD_EVENT, UNTAGGED_EVENT};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EventOrigin, Model, Service, TypeName};

/// Lints over the events that the model declares.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for event in service.events.values().filter(|event| event.origin == EventOrigin::Model) {
        if event.tags.is_empty() {
            let message = format!("`{}` has no tags: only a query by type finds it", event.name);
            let mut problem = Diagnostic::warning(UNTAGGED_EVENT, event.place, message).label("no `tags:`");
            if let Some(field) = event.fields.iter().find(|field| field.name.as_written().ends_with("Id")) {
                let name = field.name.as_written();
                let prefix = name.trim_end_matches("Id");
                problem = problem.help(format!("for example `tags: [\"{prefix}:{{{name}}}\"]`"));
            }
            sink.push(problem);
        }
        // Whoever deletes it says who has had it before, be it in Rust.
        let is_deleted = service.topics.iter().any(|topic| topic.name == event.topic);
        if !is_deleted && !is_read(model, service, &event.name) {
            let message = format!("nothing reads `{}`", event.name);
            let problem = Diagnostic::warning(UNREAD_EVENT, event.place, message)
                .label("no state, projection or automation names it");
            sink.push(problem.help("let a projection, a command's state or an automation read it, or leave it out"));
        }
    }
}

/// A command's state reads its own service; projections and automations of any service may follow the event.
fn is_read(model: &Model, service: &Service, event: &TypeName) -> bool {
    let own = service.name.as_written();
    let by_state =
        service.commands.values().flat_map(|command| &command.state).any(|entry| entry.on.contains_key(event));
    let followed = |reader: &Service| {
        let by_projection = reader.projections.values().any(|view| view.follows == own && view.events.contains(event));
        by_projection || reader.automations.values().any(|automation| starts(reader, automation, (own, event)))
    };
    by_state || model.services.values().any(followed)
}
