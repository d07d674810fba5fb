//! What the directives of a field say about writing it.

use super::context::Context;
use super::directive::texts;
use crate::diagnostic::codes::directives::MISPLACED_DIRECTIVE;
use crate::diagnostic::codes::writing::SEQUENCE_OUT_OF_RANGE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{FieldName, FieldType, Kind, Sequence, UuidV4, Writing};
use crate::source::{RawDirective, RawSchemaValueKind};

/// The directives that are about writing.
const ABOUT_WRITING: &[&str] = &["readonly", "immutable", "uuidV4", "sequence"];

/// The largest number that GraphQL passes on exactly.
const LARGEST: i64 = (1 << 53) - 1;

/// `@readonly`, `@immutable`, `@uuidV4` and `@sequence` of a field.
pub(super) fn lower_writing(
    (ty, kind): (&FieldType, Kind),
    directives: &[&RawDirective],
    context: &Context,
    sink: &mut Sink,
) -> Writing {
    let about = directives.iter().filter(|found| ABOUT_WRITING.contains(&found.name.value.as_str()));
    if kind != Kind::Crud {
        for directive in about {
            let name = &directive.name.value;
            let message = format!("`@{name}` says what callers may write, and this type is made from events");
            let problem = Diagnostic::error(MISPLACED_DIRECTIVE, directive.place, message);
            sink.push(problem.help("`@crudType` makes a type that is written through the API"));
        }
        return Writing::default();
    }
    let find = |name: &str| directives.iter().find(|found| found.name.value == name);
    let place = |name: &str| find(name).map(|found| found.place);
    // What a type that could not be read was meant to be nobody knows.
    let is_known = !context.types.may_be_broken(ty);
    Writing {
        readonly: place("readonly"),
        immutable: place("immutable"),
        uuid: find("uuidV4").filter(|_| is_known).map(|raw| uuid_v4(raw)),
        sequence: find("sequence").filter(|_| is_known).and_then(|raw| sequence(raw, sink)),
    }
}

fn uuid_v4(raw: &RawDirective) -> UuidV4 {
    let generate = raw.argument("generate").is_some_and(|value| value.kind == RawSchemaValueKind::Boolean(true));
    UuidV4 { generate, place: raw.place }
}

fn sequence(raw: &RawDirective, sink: &mut Sink) -> Option<Sequence> {
    let mut group: Vec<_> =
        texts(raw.argument("group")).into_iter().map(|(name, place)| (FieldName::new(name), place)).collect();
    group.sort_by(|(a, _), (b, _)| a.cmp(b));
    let Some(offset) = raw.argument("offset") else {
        return Some(Sequence { first: 1, group, place: raw.place });
    };
    let RawSchemaValueKind::Int(written) = &offset.kind else { return None };
    match written.parse() {
        Ok(first @ 0..=LARGEST) => Some(Sequence { first, group, place: raw.place }),
        _ => {
            let message = format!("a counter cannot begin at {written}");
            let problem = Diagnostic::error(SEQUENCE_OUT_OF_RANGE, offset.place, message);
            sink.push(problem.help(format!("`offset` is the first number: from 0 to {LARGEST}")));
            None
        }
    }
}
