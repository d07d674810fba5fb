//! The event model: YAML files of a service, as written.

mod automation;
mod command;
mod event;
mod raw;
#[cfg(test)]
mod schema_tests;
mod spec;
#[cfg(test)]
mod tests;

pub use raw::*;

use super::reader::Reader;
use super::yaml::{Entry, Node, read_yaml};
use super::{Name, RawExpr};
use crate::diagnostic::codes::reading::{MISSING_KEY, NOT_PLAIN_EXPRESSION};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place, Sources};

/// The keys of a file.
const KEYS: &[&str] = &["automations", "commands", "events", "views"];

/// Reads a file of the event model; what is wrong is reported and left out.
pub(super) fn read_model(sources: &Sources, file: FileId, sink: &mut Sink) -> RawModel {
    let mut model =
        RawModel { file, events: Vec::new(), commands: Vec::new(), views: Vec::new(), automations: Vec::new() };
    let Some(node) = read_yaml(sources, file, sink) else { return model };
    let mut reader = Reader { sink };
    let Some(mut keys) = reader.keys(node, "an event model", KEYS) else { return model };
    let mut entries = |key: &str, reader: &mut Reader<'_>| {
        keys.take(key).and_then(|node| reader.map(node, &format!("`{key}`"))).unwrap_or_default()
    };
    for Entry { key, value } in entries("events", &mut reader) {
        model.events.extend(reader.event(key, value));
    }
    for Entry { key, value } in entries("commands", &mut reader) {
        model.commands.extend(reader.command(key, value));
    }
    for Entry { key, value } in entries("views", &mut reader) {
        model.views.extend(reader.view(key, value));
    }
    for Entry { key, value } in entries("automations", &mut reader) {
        model.automations.extend(reader.automation(key, value));
    }
    model
}

impl Reader<'_> {
    /// `name: expression`, for names that the model gives itself. A comma inside of an unquoted expression leaves an
    /// entry without a value behind, which is reported once for the whole.
    fn assignments(&mut self, entries: Vec<Entry>, what: &str) -> Vec<RawAssignment> {
        let mut read: Vec<RawAssignment> = Vec::new();
        let mut entries = entries.into_iter().peekable();
        while let Some(Entry { key, value }) = entries.next() {
            let mut torn = None;
            while let Some(next) = entries.next_if(is_leftover) {
                torn = Some(next.key.place);
            }
            let value = match torn {
                Some(end) => self.torn(&key, Place { end: end.end, ..value.place }),
                None if value.is_nothing() && !is_name(&key) => self.torn(&key, key.place),
                None => self.assigned(&key, &value, what),
            };
            read.push(RawAssignment { name: key, value });
        }
        read
    }

    fn assigned(&mut self, key: &Name, value: &Node, what: &str) -> RawExpr {
        if value.place.start == value.place.end {
            let problem = Diagnostic::error(MISSING_KEY, key.place, format!("{what} gives `{}` no value", key.value));
            self.sink.push(problem.help("write an expression, `nil` for no value"));
            return RawExpr::invalid(key.place);
        }
        self.expression(value, &format!("the value of `{}`", key.value))
    }

    fn torn(&mut self, key: &Name, place: Place) -> RawExpr {
        let message = format!("YAML tears the value of `{}` apart at its commas", key.value);
        let problem = Diagnostic::error(NOT_PLAIN_EXPRESSION, place, message);
        self.sink.push(problem.help("put quotes around the whole expression"));
        RawExpr::invalid(place)
    }
}

/// Is this what stands behind a comma of the expression before it?
fn is_leftover(entry: &Entry) -> bool {
    entry.value.place.start == entry.value.place.end && entry.value.is_nothing() && !is_name(&entry.key)
}

/// Could it be a name that somebody gave? `service.Name` too.
fn is_name(key: &Name) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(is_letter)
}
