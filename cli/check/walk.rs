//! Every name that a user gave, with its role and its place: what the rules about names go over.

use crate::model::{EventOrigin, Service};
use crate::place::Place;

/// A name as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// What it names: "event", "field of `Course`" …
    pub what: What<'a>,
    /// As written.
    pub name: &'a str,
    /// Where.
    pub place: Place,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What<'a> {
    /// An enum of the schema.
    Enum,
    /// A nested type or an input.
    Object,
    /// A projection or CRUD type.
    Entry,
    /// An event of the model, or one that only a directive names.
    Event,
    /// A command.
    Command,
    /// An automation.
    Automation,
    /// The service itself, whose name has no place of its own.
    Service,
    /// An error of a command.
    Error(&'a str),
    /// A field of a type or command.
    Field(&'a str),
    /// A field of an event.
    Payload(&'a str),
    /// An entry of a command's state.
    State(&'a str),
    /// A value of an enum.
    Value(&'a str),
}

impl What<'_> {
    /// For messages: "field of `Course`".
    pub(super) fn describe(self) -> String {
        match self {
            Self::Enum => "enum".to_owned(),
            Self::Object | Self::Entry => "type".to_owned(),
            Self::Event => "event".to_owned(),
            Self::Command => "command".to_owned(),
            Self::Automation => "automation".to_owned(),
            Self::Service => "service".to_owned(),
            Self::Error(owner) => format!("error of `{owner}`"),
            Self::Field(owner) | Self::Payload(owner) => format!("field of `{owner}`"),
            Self::State(owner) => format!("state entry of `{owner}`"),
            Self::Value(owner) => format!("value of `{owner}`"),
        }
    }

    /// Whether it becomes a type of its own in the generated code.
    pub(super) fn is_type(self) -> bool {
        matches!(self, Self::Enum | Self::Object | Self::Entry | Self::Event | Self::Command | Self::Automation)
    }
}

/// All names of a service in a fixed order; the events that come with CRUD types are left out, nobody wrote those.
pub(super) fn names(service: &Service) -> Vec<Named<'_>> {
    let mut found = types(service);
    found.extend(members(service));
    for command in service.commands.values() {
        let owner = command.name.as_written();
        for entry in &command.state {
            found.push(Named { what: What::State(owner), name: entry.name.as_written(), place: entry.place });
        }
        for error in &command.errors {
            found.push(Named { what: What::Error(owner), name: error.name.as_written(), place: error.place });
        }
    }
    found
}

/// What becomes a type of its own.
pub(super) fn types(service: &Service) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    let mut push = |what, name, place| found.push(Named { what, name, place });
    for (name, definition) in &service.enums {
        push(What::Enum, name.as_written(), definition.place);
    }
    for (name, object) in &service.objects {
        push(What::Object, name.as_written(), object.place);
    }
    for (name, entry) in service.entries() {
        push(What::Entry, name.as_written(), entry.place);
    }
    for (name, event) in &service.events {
        if matches!(event.origin, EventOrigin::Model | EventOrigin::Undeclared | EventOrigin::Erasure) {
            push(What::Event, name.as_written(), event.place);
        }
    }
    for (name, command) in &service.commands {
        push(What::Command, name.as_written(), command.place);
    }
    for (name, automation) in &service.automations {
        push(What::Automation, name.as_written(), automation.place);
    }
    found
}

/// Fields and enum values.
fn members(service: &Service) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    for (owner, definition) in &service.enums {
        let what = What::Value(owner.as_written());
        found.extend(definition.values.iter().map(|value| Named { what, name: &value.name, place: value.place }));
    }
    for (owner, object) in &service.objects {
        let what = What::Field(owner.as_written());
        let fields = object.fields.iter();
        found.extend(fields.map(|field| Named { what, name: field.name.as_written(), place: field.place }));
    }
    for (owner, entry) in service.entries() {
        let what = What::Field(owner.as_written());
        let fields = entry.fields.iter();
        found.extend(fields.map(|field| Named { what, name: field.name.as_written(), place: field.place }));
    }
    for event in service.events.values().filter(|event| event.origin == EventOrigin::Model) {
        let what = What::Payload(event.name.as_written());
        let fields = event.fields.iter();
        found.extend(fields.map(|field| Named { what, name: field.name.as_written(), place: field.place }));
    }
    for command in service.commands.values() {
        let what = What::Field(command.name.as_written());
        let fields = command.fields.iter();
        found.extend(fields.map(|field| Named { what, name: field.name.as_written(), place: field.place }));
    }
    found
}

/// The name as it stands in a message: cut when it is long, without control characters.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().count() > LONGEST {
        text.push('…');
    }
    text
}

/// `a` or `an`, as the word asks for.
pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
