//! Fields of CRUD types: what their directives say about writing them goes together, and something fills them.

use crate::diagnostic::codes::lints::{CHANGING_GROUP, FIELD_NEVER_FILLED};
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::writing::{
    CONTRADICTING_DIRECTIVES, DEFAULT_IS_NO_UUID, WRITTEN_BY_COMMAND, WRONG_GROUP, WRONG_SEQUENCE, WRONG_UUID,
};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, EntryType, EventOrigin, ExprKind, Field, FieldName, Service, Type, TypeName};
use crate::place::Place;

/// Every CRUD type of the service, and the commands that record events of one.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for crud in service.cruds.values() {
        for field in &crud.entry.fields {
            check_field(service, &crud.entry, field, sink);
            check_filled(service, &crud.entry, field, sink);
        }
    }
    for command in service.commands.values() {
        check_command(service, command, sink);
    }
}

fn check_field(service: &Service, entry: &EntryType, field: &Field, sink: &mut Sink) {
    let name = format!("{}.{}", entry.name, field.name);
    if let Some(sequence) = &field.writing.sequence {
        if field.ty.ty != Type::Int || !field.ty.required {
            let message = format!("`{name}` is numbered, but it is `{}`", field.ty);
            let problem = Diagnostic::error(WRONG_SEQUENCE, sequence.place, message);
            sink.push(problem.related(field.place, "declared here").help(format!("write `{}: Int!`", field.name)));
        }
        for (at, (name, place)) in sequence.group.iter().enumerate() {
            let is_double = sequence.group[..at].iter().any(|(other, _)| other == name);
            let problem = check_group(service, (entry, field), (name, *place), is_double);
            problem.into_iter().for_each(|problem| sink.push(problem));
        }
    }
    if let Some(uuid) = &field.writing.uuid
        && !matches!(field.ty.ty, Type::Id | Type::String)
    {
        let message = format!("`{name}` cannot hold a UUID: it is `{}`", field.ty);
        let problem = Diagnostic::error(WRONG_UUID, uuid.place, message);
        let mark = if field.ty.required { "!" } else { "" };
        sink.push(problem.related(field.place, "declared here").help(format!("write `{}: ID{mark}`", field.name)));
    } else if field.writing.uuid.is_some() && !field.is_generated() {
        check_default(&name, field, sink);
    }
    if let Some((place, message, help)) = contradiction(&name, field) {
        sink.push(Diagnostic::error(CONTRADICTING_DIRECTIVES, place, message).help(help));
    }
}

/// The first two directives that do not go together.
fn contradiction(name: &str, field: &Field) -> Option<(Place, String, &'static str)> {
    let writing = &field.writing;
    let filled_by = match (&writing.sequence, field.is_generated()) {
        (Some(_), _) => Some("@sequence"),
        (None, true) => Some("@uuidV4(generate: true)"),
        (None, false) => None,
    };
    match (writing.immutable, writing.readonly, filled_by, &field.default) {
        (Some(place), Some(_), ..) => {
            let message = format!("`{name}` can never be written, so that it cannot be set once");
            Some((place, message, "leave out `@immutable`, or `@readonly` if callers are to set it"))
        }
        (Some(place), _, Some("@sequence"), _) => {
            let message = format!("`{name}` is numbered and never written, so that nobody sets it");
            Some((place, message, "leave out `@immutable`: a number stays as it is anyway"))
        }
        (.., Some(fills), Some(default)) => {
            let message = format!("`{name}` gets its first value from `{fills}`, so that its default is never used");
            Some((default.place, message, "leave one of the two out"))
        }
        _ => None,
    }
}

fn check_default(name: &str, field: &Field, sink: &mut Sink) {
    let Some(default) = &field.default else { return };
    let mut value = default;
    while let ExprKind::Widen(inner) = &value.kind {
        value = inner;
    }
    let ExprKind::Text(text) = &value.kind else { return };
    if !is_uuid_v4(text) {
        let message = format!("the default of `{name}` is no UUID of version 4");
        let problem = Diagnostic::error(DEFAULT_IS_NO_UUID, default.place, message);
        sink.push(problem.help("`@uuidV4(generate: true)` makes a new one for each entry"));
    }
}

/// `6f9619ff-8b86-4d01-b42d-00c04fc964ff`, as the runtime keeps it.
fn is_uuid_v4(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// What a counter's groups are made of: fields with plain values, of which a lint says if they can change.
fn check_group(
    service: &Service,
    (entry, counted): (&EntryType, &Field),
    (name, place): (&FieldName, Place),
    is_double: bool,
) -> Option<Diagnostic> {
    let Some(field) = entry.fields.iter().find(|field| field.name == *name) else {
        return Some(unknown(entry, name, place));
    };
    let reason = match unfit(&field.ty.ty) {
        _ if is_double => "it is named twice",
        _ if field.writing.sequence.is_some() => "it is a number that is given at the same moment",
        Some(what) => what,
        None => return changing(service, (entry, counted), field, place),
    };
    let message = format!("`{}.{name}` makes no groups: {reason}", entry.name);
    Some(Diagnostic::error(WRONG_GROUP, place, message).related(field.place, "declared here"))
}

fn unknown(entry: &EntryType, name: &FieldName, place: Place) -> Diagnostic {
    if matches!(name.as_written(), "id" | "createdAt" | "changedAt") {
        let message = format!("`{}.{name}` makes no groups: each entry has another one", entry.name);
        return Diagnostic::error(WRONG_GROUP, place, message);
    }
    let message = format!("there is no field `{name}`");
    let names = entry.fields.iter().map(|field| field.name.as_written());
    Diagnostic::error(UNKNOWN_FIELD, place, message).suggest(name.as_written(), names)
}

fn unfit(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Float | Type::Decimal => Some("one number can be written in several ways"),
        Type::Object(_) | Type::Map(_) => Some("it is a nested type"),
        Type::Json => Some("it is JSON"),
        Type::File => Some("it is a file"),
        Type::List(_) => Some("it is a list"),
        _ => None,
    }
}

/// Tells of a group that an entry can leave.
fn changing(
    service: &Service,
    (entry, counted): (&EntryType, &Field),
    field: &Field,
    place: Place,
) -> Option<Diagnostic> {
    let is_kept = field.writing.immutable.is_some() && field.ty.required;
    let by_callers = field.is_writable() && !is_kept;
    if !by_callers && !service.commands.values().any(|command| gives(service, command, (entry, field), true)) {
        return None;
    }
    let (number, group) = (&counted.name, &field.name);
    let message =
        format!("two entries of one `{group}` can have the same `{number}`: `{}.{group}` can be changed", entry.name);
    let problem = Diagnostic::warning(CHANGING_GROUP, place, message).label("an entry keeps its number when it moves");
    let problem = problem.related(field.place, if field.ty.required { "can be changed" } else { "can be set later" });
    Some(match field.ty.required {
        true => problem.help(format!("`{group}` with `@immutable` stays as it is")),
        false => problem.help(format!("`{group}: {}! @immutable` stays as it is", field.ty.ty)),
    })
}

/// What callers cannot write has another source, or keeps its first value for ever.
fn check_filled(service: &Service, entry: &EntryType, field: &Field, sink: &mut Sink) {
    let fills =
        field.writing.sequence.is_some() || field.is_generated() || field.default.is_some() || field.claim.is_some();
    if field.is_writable()
        || fills
        || service.commands.values().any(|command| gives(service, command, (entry, field), false))
    {
        return;
    }
    let message = format!("`{}.{}` never gets a value", entry.name, field.name);
    let problem = Diagnostic::warning(FIELD_NEVER_FILLED, field.place, message).label("nobody may write it");
    sink.push(problem.help("give it a `@default`, or let a command record it"));
}

/// Does the command record an event of the type with a value for the field? Maybe only one that changes an entry counts.
fn gives(service: &Service, command: &Command, (entry, field): (&EntryType, &Field), changes_only: bool) -> bool {
    let is_meant = |event: &TypeName| {
        crud_of(service, event).is_some_and(|(name, creates)| *name == entry.name && !(creates && changes_only))
    };
    let in_rust = command.custom.iter().flat_map(|custom| &custom.emits).any(is_meant);
    in_rust
        || command
            .all_emits()
            .any(|emit| is_meant(&emit.event) && emit.values.iter().any(|(name, _)| *name == field.name))
}

/// The CRUD type whose event this is, and whether it is the one that creates an entry.
fn crud_of<'a>(service: &'a Service, event: &TypeName) -> Option<(&'a TypeName, bool)> {
    match &service.events.get(event)?.origin {
        EventOrigin::CrudCreated(name) => Some((name, true)),
        EventOrigin::CrudUpdated(name) => Some((name, false)),
        _ => None,
    }
}

/// A command asks neither a counter nor whether a field was set.
fn check_command(service: &Service, command: &Command, sink: &mut Sink) {
    for emit in command.all_emits() {
        let given = |field: &Field| emit.values.iter().any(|(name, _)| *name == field.name);
        refuse_recorded(service, &emit.event, emit.place, given, sink);
    }
    if let Some(custom) = &command.custom {
        for event in &custom.emits {
            refuse_recorded(service, event, custom.place, |_| true, sink);
        }
    }
}

fn refuse_recorded(service: &Service, event: &TypeName, place: Place, given: impl Fn(&Field) -> bool, sink: &mut Sink) {
    let Some((name, creates)) = crud_of(service, event) else { return };
    let fields = service.cruds.get(name).map_or(&[][..], |crud| &crud.entry.fields);
    let kept = |field: &&Field| field.writing.sequence.is_some() || (!creates && field.writing.immutable.is_some());
    let Some(field) = fields.iter().filter(kept).find(|field| given(field)) else { return };
    let (message, help) = if field.writing.sequence.is_some() {
        let message = format!("`{event}` gives `{name}.{}`, which `@sequence` numbers", field.name);
        (message, "let callers create the entry, or record an event of your own")
    } else {
        let message = format!(
            "`{event}` gives `{name}.{}`, which is set once, and a command does not ask whether it was",
            field.name
        );
        (message, "leave the field away, or record an event of your own")
    };
    let problem = Diagnostic::error(WRITTEN_BY_COMMAND, place, message);
    sink.push(problem.related(field.place, "declared here").help(help));
}
