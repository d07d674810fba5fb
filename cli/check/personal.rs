//! Personal data: whether it can be erased as the model says it.

mod copies;
mod tags;

use crate::diagnostic::codes::erasure::PERSONAL_SUBJECT;
use crate::diagnostic::codes::lints::PERSONAL_ID;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, EventField, FieldName, IdentifyPart, Model, Personal, RowFilter, Service, Target, Type};

/// Every event, tag, projection and command of the service.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for event in service.events.values() {
        for (field, personal) in event.personal_fields() {
            check_subject(event, field, personal, sink);
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

/// An entry that personal data leads to is another one once the data is erased.
fn check_target(service: &Service, target: &Target, sink: &mut Sink) {
    let mut paths: Vec<(&[FieldName], &str)> = Vec::new();
    for part in target.identify.iter().flat_map(|identify| &identify.parts) {
        if let IdentifyPart::Payload(path) = part {
            paths.push((path, "the id of an entry is made of it"));
        }
    }
    if let Some(filter) = &target.filter {
        compared(filter, &mut paths);
    }
    for event in target.events.iter().filter_map(|name| service.events.get(name)) {
        for (path, does) in &paths {
            let Some(personal) = path.first().and_then(|field| event.personal(field)) else { continue };
            let written = path.iter().map(FieldName::as_written).collect::<Vec<_>>().join(".");
            let message = format!("`{written}` of `{}` is personal, and {does}", event.name);
            let problem = Diagnostic::warning(PERSONAL_ID, target.place, message)
                .label("the events of all who are erased reach one and the same entry")
                .related(personal.place, "personal");
            sink.push(problem.help(format!("find entries by `{}`, or by another field that stays", personal.subject)));
        }
    }
}

fn compared<'a>(filter: &'a RowFilter, paths: &mut Vec<(&'a [FieldName], &'static str)>) {
    match filter {
        RowFilter::And(all) | RowFilter::Or(all) => all.iter().for_each(|filter| compared(filter, paths)),
        RowFilter::Compare { event_field, .. } => paths.push((event_field, "a filter picks entries by it")),
    }
}
