//! Row filters: `@filterByJwtData`, and what `@fromJwtData` fills.

use super::context::Context;
use super::declared::SchemaEntry;
use super::directive::texts;
use super::fields::BUILT_IN;
use super::permission;
use crate::diagnostic::codes::directives::MISPLACED_DIRECTIVE;
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::rows::{CLAIM_NAME, NOT_FILLED, ROW_VALUE, ROWS_ELSEWHERE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    Access, EntryType, Field, FieldName, FieldType, Index, Inside, Kind, RowPath, RowRule, Type, TypeName,
};
use crate::place::Place;
use crate::source::RawDirective;

/// Adds the rules of every entry, once the fields of all are known, and indexes for what they compare.
pub(super) fn lower_rules(entries: &mut [SchemaEntry<'_>], context: &Context, sink: &mut Sink) {
    let known: Vec<EntryType> = entries.iter().map(|entry| entry.entry.clone()).collect();
    let paths = Paths { known: &known, context };
    let mut compared = Vec::new();
    for found in entries.iter_mut() {
        let raw = found.directives.iter().filter(|raw| raw.name.value == "filterByJwtData");
        let rules: Vec<RowRule> = raw.filter_map(|raw| paths.rule(&found.entry, raw, sink)).collect();
        compared.extend(rules.iter().flat_map(|rule| rule.path.columns(&found.entry.name)));
        found.entry.rows = rules;
    }
    for (entry, field) in compared {
        if let Some(found) = entries.iter_mut().find(|found| found.entry.name == entry) {
            index(&mut found.entry, field);
        }
    }
}

/// An index for a field that has none, which is no matter of the API.
fn index(entry: &mut EntryType, name: FieldName) {
    let Some(field) = entry.fields.iter().find(|field| field.name == name) else { return };
    let fields = vec![name];
    let is_known = field.indexed || entry.indexes.iter().any(|index| index.fields == fields);
    if field.ty.ty.is_one_value() && !is_known {
        entry.indexes.push(Index { name: field.name.column(), fields });
    }
}

/// The claim that fills a field.
pub(super) fn lower_filled(
    (kind, name, ty): (Kind, &str, &FieldType),
    directives: &[&RawDirective],
    context: &Context,
    sink: &mut Sink,
) -> Option<String> {
    let find = |name: &str| directives.iter().find(|found| found.name.value == name);
    let raw = find("fromJwtData")?;
    if kind != Kind::Crud {
        let message = "only fields of CRUD types are filled from the token; events fill those of a projection";
        sink.push(Diagnostic::error(MISPLACED_DIRECTIVE, raw.place, message));
        return None;
    }
    let is_one = match ty.ty {
        Type::Id | Type::String | Type::Int | Type::Boolean | Type::Enum(_) | Type::Reference(_) => true,
        _ => context.types.may_be_broken(ty),
    };
    if !is_one {
        let message = format!("`{name}` cannot be filled from the token: it is `{ty}`");
        sink.push(Diagnostic::error(NOT_FILLED, raw.place, message));
        return None;
    }
    if let Some(default) = find("default") {
        let message = format!("`{name}` is filled from the token and has a default too");
        let problem = Diagnostic::error(NOT_FILLED, default.place, message).related(raw.place, "filled here");
        sink.push(problem.help("leave `@default` out: without the claim no entry is created"));
        return None;
    }
    let written = find("permission").and_then(|raw| raw.argument("create").or_else(|| raw.argument("update")));
    if let Some(written) = written {
        let message = format!("nobody writes `{name}`: it is filled from the token");
        let problem = Diagnostic::error(NOT_FILLED, written.place, message).related(raw.place, "filled here");
        sink.push(problem.help("let the permission name `read` and `readById` only"));
        return None;
    }
    claim(raw, "key", sink)
}

/// A key, or several joined by dots.
fn claim(raw: &RawDirective, argument: &str, sink: &mut Sink) -> Option<String> {
    let value = raw.argument(argument)?;
    let written = value.word()?;
    if written.split('.').all(|key| !key.is_empty() && key.trim() == key) {
        return Some(written.to_owned());
    }
    let message = format!("no claim is called `{written}`");
    let problem = Diagnostic::error(CLAIM_NAME, value.place, message);
    sink.push(problem.help("name a key of the token's `data`, or several joined by dots: `school.id`"));
    None
}

impl RowPath {
    /// The fields that a database looks up, each with its entry type.
    fn columns(&self, entry: &TypeName) -> Vec<(TypeName, FieldName)> {
        let mut of = entry.clone();
        let mut columns = Vec::new();
        for (field, to) in &self.through {
            columns.push((of, field.clone()));
            of = to.clone();
        }
        columns.push((of, self.field.clone()));
        columns
    }
}

/// What paths lead through.
struct Paths<'a> {
    known: &'a [EntryType],
    context: &'a Context,
}

/// A path as it is walked.
struct Walk<'a> {
    written: &'a str,
    place: Place,
}

impl Paths<'_> {
    fn rule(&self, entry: &EntryType, raw: &RawDirective, sink: &mut Sink) -> Option<RowRule> {
        let except = texts(raw.argument("exceptFor"));
        let except_for = match permission::any_of_these(except, &self.context.permissions, sink) {
            Access::AnyOf(names) => names,
            _ => Vec::new(),
        };
        let claim = claim(raw, "jwtDataKey", sink);
        let path = raw.argument("path")?;
        let walk = Walk { written: path.word()?, place: path.place };
        let path = self.walk(entry, &walk, sink)?;
        Some(RowRule { claim: claim?, path, except_for, place: raw.place })
    }

    /// From entry to entry, as long as fields are references and the path goes on.
    fn walk(&self, entry: &EntryType, walk: &Walk<'_>, sink: &mut Sink) -> Option<RowPath> {
        let mut names = walk.written.split('.').peekable();
        let (mut through, mut at) = (Vec::new(), entry);
        loop {
            let name = names.next()?;
            let Some(ty) = field_type(at, name) else {
                unknown(walk, name, at.name.as_written(), at.fields.iter().map(|field| field.name.as_written()), sink);
                return None;
            };
            if self.context.types.may_be_broken(&ty) {
                return None;
            }
            let Some(target) = ty.ty.referred().filter(|_| names.peek().is_some()) else {
                let (inside, ty) = self.inside(&ty, names, walk, sink)?;
                return Some(RowPath { through, field: FieldName::new(name), inside, ty });
            };
            let Some(next) = self.known.iter().find(|entry| entry.name == *target) else {
                self.elsewhere(walk, target, sink);
                return None;
            };
            through.push((FieldName::new(name), target.clone()));
            at = next;
        }
    }

    /// Into nested types and lists.
    fn inside<'n>(
        &self,
        ty: &FieldType,
        names: impl Iterator<Item = &'n str>,
        walk: &Walk<'_>,
        sink: &mut Sink,
    ) -> Option<(Vec<Inside>, Type)> {
        let (mut inside, mut ty) = (Vec::new(), ty.ty.clone());
        let mut names = names;
        loop {
            if let Type::List(element) = ty {
                inside.push(Inside::Each);
                ty = element.ty;
                if matches!(ty, Type::List(_)) {
                    return self.not_compared(walk, "a list of lists", sink);
                }
            }
            let Some(name) = names.next() else { break };
            let Type::Object(of) = &ty else {
                let message = format!("`{}` goes on behind a `{ty}`, where it cannot", walk.written);
                sink.push(Diagnostic::error(ROW_VALUE, walk.place, message));
                return None;
            };
            let object = self.context.types.object(of).or_else(|| self.context.types.project.object(of))?;
            let Some(field) = object.fields.iter().find(|field| field.name.as_written() == name) else {
                unknown(walk, name, of.as_written(), object.fields.iter().map(|field| field.name.as_written()), sink);
                return None;
            };
            inside.push(Inside::Field(field.name.clone()));
            ty = field.ty.ty.clone();
        }
        let is_text =
            matches!(ty, Type::Id | Type::String | Type::Enum(_) | Type::Reference(_) | Type::Int | Type::Boolean);
        let is_other = matches!(ty, Type::Float | Type::DateTime | Type::Date | Type::Decimal);
        match (is_text, is_other, inside.is_empty()) {
            (true, ..) | (_, true, true) => Some((inside, ty)),
            (_, true, false) => self.not_compared(walk, &format!("`{ty}` inside of something else"), sink),
            _ => self.not_compared(walk, &format!("`{ty}`"), sink),
        }
    }

    fn not_compared<T>(&self, walk: &Walk<'_>, what: &str, sink: &mut Sink) -> Option<T> {
        let message = format!("`{}` leads to {what}, which a claim cannot be compared with", walk.written);
        let problem = Diagnostic::error(ROW_VALUE, walk.place, message);
        sink.push(problem.help("let the path end at a text, an id, an enum, a number or a boolean"));
        None
    }

    fn elsewhere(&self, walk: &Walk<'_>, target: &TypeName, sink: &mut Sink) {
        let Some(service) = self.context.neighbours.service_of_type(target.as_written()) else { return };
        let message =
            format!("`{}` leads to `{target}` of `{service}`; row filters do not cross services", walk.written);
        let problem = Diagnostic::error(ROWS_ELSEWHERE, walk.place, message);
        sink.push(problem.help("keep a copy of the value here, or compare the reference's id"));
    }
}

fn field_type(entry: &EntryType, name: &str) -> Option<FieldType> {
    let own = entry.fields.iter().find(|field| field.name.as_written() == name).map(|field: &Field| field.ty.clone());
    let base = || BUILT_IN.iter().find(|(built_in, _)| *built_in == name);
    own.or_else(|| base().map(|(_, ty)| FieldType::required(ty.clone())))
}

fn unknown<'n>(walk: &Walk<'_>, name: &str, of: &str, names: impl Iterator<Item = &'n str>, sink: &mut Sink) {
    let message = format!("`{of}` has no field `{name}`");
    sink.push(Diagnostic::error(UNKNOWN_FIELD, walk.place, message).suggest(name, names));
}
