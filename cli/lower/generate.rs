//! Fields that are made where a caller leaves them out.

use super::expression::type_name;
use super::types::Types;
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::rules::CANNOT_GENERATE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, EventField, FieldType, Generated, Type, Way};
use crate::source::{Name, RawCommand};
use serde_json::Value as Json;

/// The longest code that is worth typing; it also keeps the number of a spec's code a number.
const MOST_DIGITS: u8 = 18;

/// What `generate` says, in the order of the command's fields.
pub(super) fn lower_generate(
    raw: &RawCommand,
    fields: &[EventField],
    types: &Types,
    sink: &mut Sink,
) -> Vec<Generated> {
    let written = raw.generate.iter().flat_map(|generate| &generate.value);
    let lowered = written.filter_map(|(name, way)| {
        let Some(index) = fields.iter().position(|field| field.name.as_written() == name.value) else {
            let message = format!("`{}` has no field `{}`", raw.name.value, name.value);
            let names = fields.iter().map(|field| field.name.as_written());
            sink.push(Diagnostic::error(UNKNOWN_FIELD, name.place, message).suggest(&name.value, names));
            return None;
        };
        let way = lower_way(way, &fields[index], types, sink)?;
        Some((index, Generated { field: fields[index].name.clone(), way }))
    });
    let mut generated: Vec<_> = lowered.collect();
    generated.sort_by_key(|(index, _)| *index);
    generated.into_iter().map(|(_, generated)| generated).collect()
}

fn lower_way(raw: &Name, field: &EventField, types: &Types, sink: &mut Sink) -> Option<Way> {
    let Some(way) = parse(&raw.value) else {
        let message = format!("`{}` is no way to make a value", raw.value);
        let problem = Diagnostic::error(CANNOT_GENERATE, raw.place, message);
        sink.push(problem.help(format!("`uuid` makes an `ID!`, `digits(6)` a `String!` of 1 to {MOST_DIGITS} digits")));
        return None;
    };
    let made = FieldType::required(match way {
        Way::Uuid => Type::Id,
        Way::Digits(_) => Type::String,
    });
    if field.ty == made {
        return Some(way);
    }
    // A type that could not be read was reported.
    if !(types.has_broken.get() && field.ty.ty == Type::Json) {
        let message = format!("`{}` makes an `{}`", raw.value, type_name(&made)).replace("an `S", "a `S");
        let problem = Diagnostic::error(CANNOT_GENERATE, raw.place, message)
            .label(format!("`{}` is `{}`", field.name, type_name(&field.ty)))
            .related(field.place, "declared here");
        sink.push(problem.help("what is generated is always there: callers may leave it out all the same"));
    }
    None
}

/// `uuid` or `digits(6)`.
fn parse(text: &str) -> Option<Way> {
    if text == "uuid" {
        return Some(Way::Uuid);
    }
    let count = text.strip_prefix("digits(")?.strip_suffix(')')?.trim().parse().ok()?;
    (1..=MOST_DIGITS).contains(&count).then_some(Way::Digits(count))
}

/// Gives an example's command the values that it leaves out: the n-th UUID and the n-th code are the same in every run.
pub(super) fn fill(command: &Command, when: &mut Json) {
    let (mut uuids, mut codes) = (0, 0);
    for generated in &command.generated {
        let Some(value) = when.get_mut(generated.field.as_written()).filter(|value| value.is_null()) else { continue };
        *value = Json::String(match generated.way {
            Way::Uuid => {
                uuids += 1;
                format!("00000000-0000-7000-8000-{uuids:012}")
            }
            Way::Digits(count) => {
                codes += 1;
                format!("{codes:0width$}", width = usize::from(count))
            }
        });
    }
}
