//! Tags that a state entry asks for: the events below its `on` must have them, or it reads nothing for ever.

use crate::diagnostic::codes::rules::UNKNOWN_TAG;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, EventOrigin, Service, StateEntry, TagPart, TagTemplate};

/// Every state entry of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for entry in service.commands.values().flat_map(|command| &command.state) {
        let declared = |event: &&Event| event.origin != EventOrigin::Undeclared;
        let events: Vec<&Event> =
            entry.on.keys().filter_map(|name| service.events.get(name)).filter(declared).collect();
        for tag in &entry.tags {
            check_tag(entry, tag, &events, sink);
        }
    }
}

fn check_tag(entry: &StateEntry, tag: &TagTemplate, events: &[&Event], sink: &mut Sink) {
    let Some(asked) = prefix(tag) else { return };
    for event in events {
        let has: Vec<&str> = event.tags.iter().filter_map(prefix).collect();
        // A tag that begins with a value may be any.
        if has.len() < event.tags.len() || has.contains(&asked) {
            continue;
        }
        let name = &event.name;
        let message = if has.is_empty() {
            format!("`{name}` has no tags, so `{}` never sees it", entry.name)
        } else {
            format!("`{name}` has no tag that begins with `{asked}`, so `{}` never sees it", entry.name)
        };
        let problem = Diagnostic::error(UNKNOWN_TAG, tag.place, message).label("no such tag");
        let problem = problem.related(event.place, "the event");
        sink.push(match has.as_slice() {
            [] => problem.help(format!("give `{name}` the tag, or leave `tags` out to read it by type alone")),
            _ => problem.suggest(asked, &has),
        });
    }
}

/// `course:` of `course:{courseId}`, the whole of a tag without holes; none if it begins with a hole or was reported.
fn prefix(tag: &TagTemplate) -> Option<&str> {
    match tag.parts.first()? {
        TagPart::Text(text) if !text.is_empty() => Some(text.split_inclusive(':').next().unwrap_or(text)),
        _ => None,
    }
}
