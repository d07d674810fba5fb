//! `scaffold add projection`: a type that is made of events, with an example in the model.

use super::example::{id, values};
use super::place::{Content, Part};
use super::text::{flow, indented, list, object, quoted};
use super::words::{NewField, field, sentence, type_name};
use super::{Bench, Refusal, Work};
use crate::args::AddProjection;
use crate::diagnostic::closest;
use crate::lower::type_name as type_text;
use crate::model::{Event, EventField, EventOrigin, Projection, Service, Type, TypeName};
use heck::{ToKebabCase, ToLowerCamelCase};

/// What every entry has without saying so.
const BUILT_IN: &[&str] = &["id", "createdAt", "changedAt"];

/// A projection in a file of its own, and its example in another.
pub(super) fn draft(bench: Bench<'_>, args: &AddProjection) -> Result<Work, Refusal> {
    let name = type_name("type", &args.slice.name)?;
    bench.survey.refuse_known(&bench.service, &name)?;
    let Some(service) = bench.survey.meaning(&bench.service) else { return Err(bench.vanished()) };
    let followed = Followed::of(&bench, service, &args.on)?;
    let by = identity(&name, &followed.events, &args.by)?;
    let asked = args.slice.fields.iter().map(|written| field(written)).collect::<Result<Vec<_>, _>>()?;
    let fields = if asked.is_empty() { payloads(&followed, &by) } else { asked };
    let doc = args.slice.placing.doc.clone().unwrap_or_else(|| format!("{}.", sentence(&name)));
    let schema =
        Content::Schema { text: object(&doc, &name, &directives(&followed.events, &by, &args.permission), &fields) };
    let comment = format!("View: examples of `{name}`, whose shape stands in the schema.");
    let example = Content::Model { comment, entries: vec![("views", example(&name, &followed, &by))] };
    let stem = name.to_kebab_case();
    let parts =
        [Part { stem: stem.clone(), content: schema, extends: false }, Part { stem, content: example, extends: true }];
    let notes = vec!["next: say with `@from` what no event has under the field's name, then scaffold gen".to_owned()];
    bench.settle(&parts, notes)
}

/// Events of one service: the own one, or another.
pub(super) struct Followed<'s> {
    /// The service.
    pub service: &'s Service,
    /// Those that were named.
    pub events: Vec<&'s Event>,
    /// Whether that is the follower's own.
    pub is_own: bool,
}

impl<'s> Followed<'s> {
    /// The events of these names: `StudentLeft`, or `school.StudentLeft` of another service. All are of one.
    pub fn of(bench: &'s Bench<'_>, own: &'s Service, named: &[String]) -> Result<Self, Refusal> {
        let mut found = Self { service: own, events: Vec::new(), is_own: true };
        for (at, written) in named.iter().enumerate() {
            let (service, event) = match written.split_once('.') {
                Some((service, event)) => (bench.survey.service(Some(service))?, event),
                None => (own.name.as_written().to_owned(), written.as_str()),
            };
            let Some(service) = bench.survey.meaning(&service) else { return Err(bench.vanished()) };
            if at > 0 && service.name != found.service.name {
                let (first, other) = (found.service.name.as_written(), service.name.as_written());
                let message = format!("`{first}` and `{other}` cannot be followed together");
                return Err(Refusal::usage(message, "their events have no order in common; make one of each"));
            }
            found.service = service;
            found.events.push(declared(event, service)?);
        }
        Ok(found.seen_from(own))
    }

    /// The service that a view follows, no event named.
    pub fn by(bench: &'s Bench<'_>, own: &'s Service, view: &Projection) -> Self {
        let service = bench.survey.model.followed(&view.follows, own);
        Self { service, events: Vec::new(), is_own: true }.seen_from(own)
    }

    fn seen_from(self, own: &Service) -> Self {
        Self { is_own: self.service.name == own.name, ..self }
    }

    /// The event as the model of the follower calls it.
    pub fn name(&self, event: &Event) -> String {
        if self.is_own { event.name.to_string() } else { format!("{}.{}", self.service.name.as_written(), event.name) }
    }
}

/// The event of that name; one that nobody declares has no fields to show.
fn declared<'s>(written: &str, service: &'s Service) -> Result<&'s Event, Refusal> {
    let name = type_name("event", written)?;
    let declared = |event: &&Event| event.origin != EventOrigin::Undeclared;
    if let Some(event) = service.events.get(&TypeName::new(&name)).filter(declared) {
        return Ok(event);
    }
    let names = service.events.values().filter(declared).map(|event| event.name.as_written());
    let help = match closest(&name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it first: scaffold add event {name} …"),
    };
    Err(Refusal::usage(format!("`{}` has no event `{name}`", service.name.as_written()), help))
}

/// The fields that make an entry's id: those that were named, else the one that all events have.
fn identity(name: &str, events: &[&Event], named: &[String]) -> Result<Vec<String>, Refusal> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let has =
        |event: &Event, name: &str| event.fields.iter().any(|field| field.name.as_written() == name && is_id(field));
    let first = events.first().map_or(&[][..], |event| &event.fields);
    let shared: Vec<&str> = first
        .iter()
        .map(|field| field.name.as_written())
        .filter(|field| events.iter().all(|event| has(event, field)))
        .collect();
    let own = format!("{}Id", name.to_lower_camel_case());
    let best = shared.iter().find(|field| **field == own || **field == "id").or(shared.first());
    best.map(|field| vec![(*field).to_owned()]).ok_or_else(|| {
        let events: Vec<&str> = events.iter().map(|event| event.name.as_written()).collect();
        let message = format!("no field of type `ID!` is in all of {}", events.join(", "));
        Refusal::usage(message, "name the fields that make an entry's id with --by")
    })
}

fn is_id(field: &EventField) -> bool {
    field.ty.required && !field.may_be_absent && matches!(field.ty.ty, Type::Id | Type::Reference(_))
}

/// What the events hold beside the id, each name once.
fn payloads(followed: &Followed<'_>, by: &[String]) -> Vec<NewField> {
    let mut found: Vec<NewField> = Vec::new();
    let fields = followed.events.iter().flat_map(|event| &event.fields);
    for field in fields {
        let name = field.name.as_written();
        let is_id = by.len() == 1 && by.iter().any(|part| part == name);
        if !is_id && !BUILT_IN.contains(&name) && !found.iter().any(|other| other.name == name) {
            found.push(NewField { name: name.to_owned(), ty: type_text(&field.ty) });
        }
    }
    found
}

/// `@upsertOn` for each topic, and who may read.
fn directives(events: &[&Event], by: &[String], permission: &[String]) -> Vec<Vec<String>> {
    let mut topics: Vec<(&str, Vec<String>)> = Vec::new();
    for event in events {
        let name = quoted(event.name.as_written());
        match topics.iter_mut().find(|(topic, _)| *topic == event.topic) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => topics.push((&event.topic, vec![name])),
        }
    }
    let upsert = |(topic, names): &(&str, Vec<String>)| {
        vec![
            "@upsertOn(".to_owned(),
            format!("  on: {{ topic: {}, eventTypes: {} }}", quoted(topic), list(names.iter().cloned())),
            format!("  identifyBy: {{ payload: {} }}", list(by.iter().map(|field| quoted(field)))),
            ")".to_owned(),
        ]
    };
    let mut lines: Vec<_> = topics.iter().map(upsert).collect();
    let names = list(permission.iter().cloned());
    lines.push(if permission.is_empty() {
        vec!["# Anyone may read it; `@permission(read: […], readById: […])` says who.".to_owned()]
    } else {
        vec![format!("@permission(read: {names}, readById: {names})")]
    });
    // The last line takes the brace, which a comment would hide.
    if permission.is_empty() {
        lines.rotate_right(1)
    }
    lines
}

/// The first event makes an entry.
fn example(name: &str, followed: &Followed<'_>, by: &[String]) -> Vec<String> {
    let service = followed.service;
    let Some(event) = followed.events.first() else { return Vec::new() };
    let given = format!("{{ {}: {} }}", followed.name(event), flow(&values(&event.fields, service)));
    let known = values(&event.fields, service);
    let part = |field: &String| {
        let found = known.iter().find(|(name, _)| name == field);
        found.map_or_else(|| id(field), |(_, value)| value.trim_matches('"').to_owned())
    };
    let joined = by.iter().map(part).collect::<Vec<_>>().join("-");
    let spec = vec![
        format!("- name: {} makes one", sentence(event.name.as_written()).to_lowercase()),
        format!("  given: [{given}]"),
        format!("  then: [{{ id: {joined} }}]"),
    ];
    let mut lines = vec![format!("{name}:"), "  specs:".to_owned()];
    lines.extend(indented(indented(spec)));
    lines
}
