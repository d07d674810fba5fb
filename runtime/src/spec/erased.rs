//! What erasures leave of the events before them.

use crate::erasure::{PersonalEvent, SUBJECT_ERASED};
use crate::event::{EventSet, Payload};
use serde_json::Value as Json;

/// Gives each event that is about somebody who is erased behind it what a store would give back: its defaults, and no tag over
/// personal data of theirs.
#[track_caller]
pub(super) fn apply<E: EventSet>(history: &mut [Payload]) {
    for at in 0..history.len() {
        let (before, rest) = history.split_at_mut(at);
        let Some(erasure) = rest.first().filter(|event| event.event_type == SUBJECT_ERASED) else { continue };
        let Some(subject) = erasure.json.get("subjectId").and_then(Json::as_str) else { continue };
        for event in before {
            if let Some(personal) = E::PERSONAL.iter().find(|of| of.event_type == event.event_type) {
                erase(event, personal, subject);
            }
        }
    }
}

#[track_caller]
#[allow(clippy::panic)]
fn erase(event: &mut Payload, personal: &PersonalEvent, subject: &str) {
    let is_theirs = |json: &Json, field: &str| json.get(field).and_then(Json::as_str) == Some(subject);
    let json = &event.json;
    let gone = personal.tags.iter().filter(|tag| is_theirs(json, tag.subject));
    let gone: Vec<&str> = gone.map(|tag| tag.prefix).collect();
    event.tags.retain(|tag| tag.as_str().split_once(':').is_none_or(|(prefix, _)| !gone.contains(&prefix)));
    let fields: Vec<_> = personal.fields.iter().filter(|field| is_theirs(json, field.subject)).collect();
    for field in fields {
        let default = match serde_json::from_str(field.default) {
            Ok(default) => default,
            Err(error) => panic!("the default of `{}` is no JSON: {error}", field.field),
        };
        if let Some(fields) = event.json.as_object_mut() {
            fields.insert(field.field.to_owned(), default);
        }
    }
}
