//! Personal data: whether it can be erased as the model says it.

mod copies;
mod tags;

use crate::diagnostic::codes::erasure::{PERSONAL_FILE, PERSONAL_ID, PERSONAL_SUBJECT};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, EventField, FieldName, IdentifyPart, Model, Personal, Service, Target, Type};

/// Every event, tag, projection and command of the service.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for event in service.events.values() {
        for (field, personal) in event.personal_fields() {
            check_subject(event, field, personal, sink);
            check_file(service, field, personal, sink);
        }
    }
    tags::check(service, sink);
    for projection in service.projections.values() {
        let followed = model.followed(&projection.follows, service);
        for target in projection.upserts.iter().chain(&projection.removes) {
            check_target(followed, target, sink);
        }
    }
    copies::check(service, sink);
}

/// A subject is a text that is always there and stays when the person goes.
fn check_subject(event: &Event, field: &EventField, personal: &Personal, sink: &mut Sink) {
    let Some(subject) = event.fields.iter().find(|known| known.name == personal.subject) else { return };
    let (name, ty) = (&subject.name, &subject.ty);
    let message = if subject.name == field.name {
        format!("`{name}` cannot be its own subject: whose data it is must be known without it")
    } else if subject.personal.is_some() {
        format!("`{name}` is personal itself, so it cannot say whose data `{}` is", field.name)
    } else if !ty.required || !matches!(ty.ty, Type::Id | Type::String) {
        format!("`{name}` is `{ty}`, which cannot name a person")
    } else {
        return;
    };
    let problem = Diagnostic::error(PERSONAL_SUBJECT, personal.place, message).related(subject.place, "the subject");
    sink.push(problem.help("name a field of type `ID!` or `String!` that is not personal"));
}

/// The bytes of a file are not in the event, so they would outlive the key.
fn check_file(service: &Service, field: &EventField, personal: &Personal, sink: &mut Sink) {
    if service.holds_files(&field.ty) {
        let message = format!("`{}` holds a file, which does not go with the person", field.name);
        let problem = Diagnostic::error(PERSONAL_FILE, personal.place, message).label("erases the event alone");
        sink.push(problem.help("leave out `gdpr`, and keep no files here that have to be erased"));
    }
}

/// An entry whose id only personal data gives cannot be found any more once the data is erased.
fn check_target(service: &Service, target: &Target, sink: &mut Sink) {
    let parts = target.identify.iter().flat_map(|identify| &identify.parts);
    let paths: Vec<&[FieldName]> = parts
        .filter_map(|part| match part {
            IdentifyPart::Payload(path) => Some(path.as_slice()),
            IdentifyPart::Attribute(_) => None,
        })
        .collect();
    for event in target.events.iter().filter_map(|name| service.events.get(name)) {
        for path in &paths {
            let Some(personal) = path.first().and_then(|field| event.personal(field)) else { continue };
            let written = path.iter().map(FieldName::as_written).collect::<Vec<_>>().join(".");
            let message = format!("`{written}` of `{}` is personal, so it cannot be the id of an entry", event.name);
            let problem = Diagnostic::error(PERSONAL_ID, target.place, message)
                .label("once it is erased, nobody can tell which entry the event had reached")
                .related(personal.place, "personal");
            sink.push(
                problem.help(format!("identify entries by `{}`, or by another field that stays", personal.subject)),
            );
        }
    }
}
