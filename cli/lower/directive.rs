//! Directives: which there are, where they stand, which arguments they take.

mod sdl;

pub(crate) use sdl::sdl;

use crate::diagnostic::codes::directives::{
    DOUBLED_DIRECTIVE, MISPLACED_DIRECTIVE, MISSING_ARGUMENT, UNKNOWN_ARGUMENT, UNKNOWN_DIRECTIVE, WRONG_ARGUMENT,
};
use crate::diagnostic::codes::later::DIRECTIVE_LATER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;
use crate::source::{RawArgument, RawDirective, RawSchemaValue, RawSchemaValueKind};

/// Where a directive stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    /// On a type.
    Object,
    /// On a field.
    Field,
    /// On an enum or one of its values, where none belongs.
    Enum,
}

/// The form of an argument's value.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A text, or a bare name.
    Text,
    /// A list of texts.
    Texts,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Int,
    /// An object with these keys.
    Object(&'static [Argument]),
    /// A list of such objects.
    Objects(&'static [Argument]),
    /// Anything.
    Any,
}

/// Name, form, and whether it must be there.
type Argument = (&'static str, Form, bool);

/// A directive of the language.
struct Directive {
    name: &'static str,
    object: bool,
    field: bool,
    repeatable: bool,
    later: bool,
    arguments: &'static [Argument],
}

const ON: &[Argument] = &[("topic", Form::Text, true), ("eventTypes", Form::Texts, false)];
const IDENTIFY_BY: &[Argument] = &[("attributes", Form::Texts, false), ("payload", Form::Texts, false)];
const COMPARE: &[Argument] = &[
    ("projectionField", Form::Text, true),
    ("eventField", Form::Text, true),
    ("type", Form::Text, false),
    ("operation", Form::Text, false),
];
const FILTER_BY: &[Argument] =
    &[("fields", Form::Objects(COMPARE), false), ("and", Form::Any, false), ("or", Form::Any, false)];
const EVENT: &[Argument] = &[
    ("on", Form::Object(ON), true),
    ("identifyBy", Form::Object(IDENTIFY_BY), false),
    ("filterBy", Form::Object(FILTER_BY), false),
];
const FROM: &[Argument] = &[
    ("events", Form::Texts, false),
    ("topics", Form::Texts, false),
    ("condition", Form::Text, false),
    ("value", Form::Text, false),
    ("allowNull", Form::Boolean, false),
];
const INDEX: &[Argument] = &[("fields", Form::Texts, false), ("name", Form::Text, false)];
const PERMISSION: &[Argument] = &[
    ("read", Form::Texts, false),
    ("readById", Form::Texts, false),
    ("update", Form::Texts, false),
    ("create", Form::Texts, false),
    ("delete", Form::Texts, false),
    ("all", Form::Texts, false),
];
const FILTER_BY_JWT: &[Argument] =
    &[("jwtDataKey", Form::Text, true), ("path", Form::Text, true), ("exceptFor", Form::Texts, false)];
const AFTER: &[Argument] = &[
    ("years", Form::Int, false),
    ("months", Form::Int, false),
    ("weeks", Form::Int, false),
    ("days", Form::Int, false),
    ("hours", Form::Int, false),
    ("minutes", Form::Int, false),
    ("seconds", Form::Int, false),
];
const WEBHOOK: &[Argument] = &[
    ("url", Form::Text, true),
    ("method", Form::Text, true),
    ("path", Form::Any, false),
    ("query", Form::Any, false),
    ("header", Form::Any, false),
    ("body", Form::Any, false),
    ("events", Form::Texts, false),
    ("topics", Form::Texts, false),
    ("condition", Form::Text, false),
];
const VIEW: &[Argument] = &[("sqlFile", Form::Text, true), ("revalidate", Form::Any, false)];

/// `O` on types, `F` on fields, `*` repeatable, `-` not generated yet.
const fn row(name: &'static str, flags: &str, arguments: &'static [Argument]) -> Directive {
    Directive {
        name,
        object: has(flags, b'O'),
        field: has(flags, b'F'),
        repeatable: has(flags, b'*'),
        later: has(flags, b'-'),
        arguments,
    }
}

const fn has(flags: &str, flag: u8) -> bool {
    let flags = flags.as_bytes();
    let mut at = 0;
    while at < flags.len() {
        if flags[at] == flag {
            return true;
        }
        at += 1;
    }
    false
}

const DIRECTIVES: &[Directive] = &[
    row("upsertOn", "O*", EVENT),
    row("removeOn", "O*", EVENT),
    row("dangerouslyUpsertOn", "O*-", EVENT),
    row("dangerouslyRemoveOn", "O*-", EVENT),
    row("from", "F*", FROM),
    row("global", "O-", &[]),
    row("crudType", "O", &[]),
    row("readonly", "F", &[]),
    row("immutable", "F", &[]),
    row("cloneField", "F-", &[("field", Form::Text, true)]),
    row("default", "F", &[("value", Form::Any, true)]),
    row("uuidV4", "F", &[("generate", Form::Boolean, false)]),
    row("sequence", "F", &[("offset", Form::Int, false), ("group", Form::Texts, false)]),
    row("validate", "F*-", &[("tags", Form::Any, true)]),
    row("safeHtml", "F-", &[]),
    row("unique", "OF*", INDEX),
    row("index", "OF*", INDEX),
    row("permission", "OF", PERMISSION),
    row("filterByJwtData", "OF*", FILTER_BY_JWT),
    row("fromJwtData", "F", &[("key", Form::Text, true)]),
    row("gdpr", "F-", &[("default", Form::Any, false), ("condition", Form::Text, false)]),
    row("expires", "O-", &[("after", Form::Object(AFTER), false), ("condition", Form::Text, false)]),
    row("renamed", "OF-", &[("prev", Form::Text, true)]),
    row("webhook", "OF*-", WEBHOOK),
    row("aggregateEvents", "F-", &[]),
    row("identifier", "F-", &[]),
    row("createdAt", "F-", &[]),
    row("changedAt", "F-", &[]),
    row("createdBy", "F-", &[]),
    row("changedBy", "F-", &[]),
    row("projectedAt", "F-", &[]),
    row("view", "O-", VIEW),
    row("baseView", "O-", VIEW),
    row("searchable", "OF-", &[]),
    row("fullTextSearch", "OF-", &[]),
    row("facetedSearch", "OF-", &[("range", Form::Any, false)]),
    row("geosearch", "OF-", &[]),
    row("deprecated", "F-", &[("reason", Form::Text, false)]),
];

/// The directives that can be lowered; what is wrong with the others is reported.
pub(super) fn usable<'r>(raw: &'r [RawDirective], location: Location, sink: &mut Sink) -> Vec<&'r RawDirective> {
    let mut found: Vec<&RawDirective> = Vec::new();
    for directive in raw {
        let Some(known) = DIRECTIVES.iter().find(|known| known.name == directive.name.value) else {
            sink.push(unknown(directive.name.value.as_str(), directive.name.place));
            continue;
        };
        if !check(known, directive, location, sink) {
            continue;
        }
        let first = found.iter().find(|other| other.name.value == directive.name.value);
        if let (Some(first), false) = (first, known.repeatable) {
            let message = format!("`@{}` may stand here only once", known.name);
            let diagnostic = Diagnostic::error(DOUBLED_DIRECTIVE, directive.place, message);
            sink.push(
                diagnostic.related(first.place, "given first").help("leave one of them out, or join what they say"),
            );
            continue;
        }
        found.push(directive);
    }
    found
}

/// Is this a directive of the language?
pub(super) fn is_known(name: &str) -> bool {
    matches!(name, "specifiedBy" | "oneOf" | "skip" | "include") || DIRECTIVES.iter().any(|known| known.name == name)
}

/// Says that no directive has this name.
pub(super) fn unknown(name: &str, place: Place) -> Diagnostic {
    let names = DIRECTIVES.iter().map(|known| format!("@{}", known.name));
    let problem = Diagnostic::error(UNKNOWN_DIRECTIVE, place, format!("there is no directive `@{name}`"));
    problem.suggest(&format!("@{name}"), names)
}

/// The texts of a list argument, each at its place.
pub(super) fn texts(value: Option<&RawSchemaValue>) -> Vec<(&str, Place)> {
    let elements = value.map_or(&[][..], RawSchemaValue::elements);
    elements.iter().filter_map(|element| Some((element.word()?, element.place))).collect()
}

fn check(known: &Directive, raw: &RawDirective, location: Location, sink: &mut Sink) -> bool {
    let allowed = match location {
        Location::Object => known.object,
        Location::Field => known.field,
        Location::Enum => false,
    };
    if !allowed {
        let belongs = match (known.object, known.field) {
            (true, true) => "on types and fields",
            (true, false) => "on types",
            _ => "on fields",
        };
        let message = format!("`@{}` belongs {belongs}", known.name);
        let here = match location {
            Location::Object => "this is a type",
            Location::Field => "this is a field",
            Location::Enum => "this is an enum or one of its values",
        };
        sink.push(Diagnostic::error(MISPLACED_DIRECTIVE, raw.place, message).label(here));
        return false;
    }
    let whole = Holder { name: format!("`@{}`", known.name), place: raw.name.place };
    let complete = arguments(&whole, known.arguments, &raw.arguments, sink);
    if known.later {
        let message = format!("`@{}` is not generated yet", known.name);
        sink.push(Diagnostic::error(DIRECTIVE_LATER, raw.place, message));
    }
    complete && !known.later
}

/// A directive or an input object in it.
struct Holder {
    name: String,
    place: Place,
}

fn arguments(holder: &Holder, known: &[Argument], given: &[RawArgument], sink: &mut Sink) -> bool {
    let mut complete = true;
    for argument in given {
        match known.iter().find(|(name, ..)| *name == argument.name.value) {
            Some((_, form, _)) => complete &= fits(argument, *form, sink),
            None => {
                let message = format!("{} has no argument `{}`", holder.name, argument.name.value);
                let diagnostic = Diagnostic::error(UNKNOWN_ARGUMENT, argument.name.place, message);
                sink.push(diagnostic.suggest(&argument.name.value, known.iter().map(|(name, ..)| name)));
                complete = false;
            }
        }
    }
    for (name, _, required) in known {
        if *required && !given.iter().any(|argument| argument.name.value == *name) {
            let message = format!("{} needs the argument `{name}`", holder.name);
            sink.push(Diagnostic::error(MISSING_ARGUMENT, holder.place, message).help(format!("add `{name}: …`")));
            complete = false;
        }
    }
    complete
}

fn fits(argument: &RawArgument, form: Form, sink: &mut Sink) -> bool {
    let value = &argument.value;
    let expected = match form {
        Form::Any => return true,
        Form::Text if value.word().is_some() => return true,
        Form::Text => "a text",
        Form::Texts if value.elements().iter().all(|element| element.word().is_some()) => return true,
        Form::Texts => "a list of texts",
        Form::Boolean if matches!(value.kind, RawSchemaValueKind::Boolean(_)) => return true,
        Form::Boolean => "`true` or `false`",
        Form::Int if matches!(value.kind, RawSchemaValueKind::Int(_)) => return true,
        Form::Int => "a whole number",
        Form::Object(known) => match &value.kind {
            RawSchemaValueKind::Object(given) => return arguments(&holder(argument, value.place), known, given, sink),
            _ => "an object like `{ … }`",
        },
        Form::Objects(known) => return objects(argument, known, sink),
    };
    wrong(value, &format!("`{}`", argument.name.value), expected, sink)
}

fn objects(argument: &RawArgument, known: &[Argument], sink: &mut Sink) -> bool {
    let mut complete = true;
    for element in argument.value.elements() {
        complete &= match &element.kind {
            RawSchemaValueKind::Object(given) => arguments(&holder(argument, element.place), known, given, sink),
            _ => wrong(element, &format!("`{}`", argument.name.value), "objects like `{ … }`", sink),
        };
    }
    complete
}

fn holder(argument: &RawArgument, place: Place) -> Holder {
    Holder { name: format!("`{}`", argument.name.value), place }
}

/// Checks the keys of an object whose form repeats itself, as `and` and `or` of a filter do.
pub(super) fn is_filter(value: &RawSchemaValue, sink: &mut Sink) -> bool {
    let RawSchemaValueKind::Object(given) = &value.kind else {
        return wrong(value, "a filter", "an object like `{ fields: […] }`", sink);
    };
    arguments(&Holder { name: "a filter".to_owned(), place: value.place }, FILTER_BY, given, sink)
}

fn wrong(value: &RawSchemaValue, name: &str, expected: &str, sink: &mut Sink) -> bool {
    let found = match &value.kind {
        RawSchemaValueKind::Text(_) => "a text",
        RawSchemaValueKind::Enum(_) => "a bare name",
        RawSchemaValueKind::Int(_) | RawSchemaValueKind::Float(_) => "a number",
        RawSchemaValueKind::Boolean(_) => "`true` or `false`",
        RawSchemaValueKind::List(_) => "a list",
        RawSchemaValueKind::Object(_) => "an object",
        RawSchemaValueKind::Null => "`null`",
        RawSchemaValueKind::Variable(_) => "a variable",
    };
    let problem = Diagnostic::error(WRONG_ARGUMENT, value.place, format!("{name} takes {expected}"));
    let problem = problem.label(format!("this is {found}"));
    sink.push(match expected {
        "a text" => problem.help("put it into quotes"),
        _ => problem,
    });
    false
}
