//! Entries: what projections and CRUD types have in common.

use super::context::Context;
use super::directive::{self, Location, texts};
use super::expression::{Scope, Typer};
use super::fields::{BUILT_IN, fields_once, refuse_field_parts, through_reference};
use super::names::doc;
use super::permission;
use super::rows;
use super::unique::{is_unique, lower_unique};
use super::value;
use super::writing::lower_writing;
use crate::diagnostic::codes::directives::{BUILT_IN_FIELD, MISPLACED_DIRECTIVE, MISSING_ARGUMENT};
use crate::diagnostic::codes::later::DIRECTIVE_LATER;
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EntryType, Expr, Field, FieldName, FieldType, Index, Kind, TypeName};
use crate::source::{RawDirective, RawObject, RawSchemaField};

/// All of an entry but its `@from`; the directives are those of the type.
pub(super) fn lower_entry(
    (raw, kind): (&RawObject, Kind),
    directives: &[&RawDirective],
    context: &Context,
    sink: &mut Sink,
) -> EntryType {
    let mut fields = Vec::new();
    let (mut indexes, mut uniques) = (Vec::new(), Vec::new());
    for field in fields_once(raw, sink) {
        let directives = directive::usable(&field.directives, Location::Field, sink);
        if is_built_in(field, &directives, context, sink) {
            continue;
        }
        indexes.extend(directives.iter().filter(|found| is_index(found)).map(|found| (Some(field), *found)));
        uniques.extend(directives.iter().filter(|found| is_unique(found)).map(|found| (Some(field), *found)));
        fields.push(lower_field((field, kind), &directives, context, sink));
    }
    indexes.extend(directives.iter().filter(|found| is_index(found)).map(|found| (None, *found)));
    let indexes =
        indexes.into_iter().filter_map(|(on, index)| lower_index((on, index), &mut fields, context, sink)).collect();
    let permission = directives.iter().find(|found| found.name.value == "permission");
    uniques.extend(directives.iter().filter(|found| is_unique(found)).map(|found| (None, *found)));
    let mut entry = EntryType {
        name: TypeName::new(&raw.name.value),
        doc: doc(&raw.doc),
        kind,
        fields,
        indexes,
        uniques: Vec::new(),
        access: permission::type_access(permission.copied(), context, sink),
        rows: Vec::new(),
        place: raw.name.place,
    };
    for directive in uniques {
        let unique = lower_unique(directive, &mut entry, context, sink);
        entry.uniques.extend(unique);
    }
    entry
}

/// Is it `id`, `createdAt` or `changedAt`? Then it must be as every entry has it.
fn is_built_in(field: &RawSchemaField, directives: &[&RawDirective], context: &Context, sink: &mut Sink) -> bool {
    let Some((name, ty)) = BUILT_IN.iter().find(|(name, _)| *name == field.name.value) else { return false };
    let expected = FieldType::required(ty.clone());
    let written = context.types.with_service(&field.ty, &context.neighbours);
    if context.types.resolve(&written, &context.neighbours, sink).is_some_and(|found| found != expected) {
        let expected = super::expression::type_name(&expected);
        let message = format!("`{name}` is `{expected}` in every entry");
        sink.push(Diagnostic::error(BUILT_IN_FIELD, field.ty.place, message));
    }
    // An index on it changes nothing: it can be filtered and sorted by anyway.
    for directive in directives.iter().filter(|found| !is_index(found)) {
        let message = format!("`{name}` is set by the service; `@{}` cannot change it", directive.name.value);
        sink.push(Diagnostic::error(MISPLACED_DIRECTIVE, directive.place, message));
    }
    true
}

fn lower_field(
    (raw, kind): (&RawSchemaField, Kind),
    directives: &[&RawDirective],
    context: &Context,
    sink: &mut Sink,
) -> Field {
    refuse_field_parts(raw, sink);
    let ty = context.types.resolve_or_any_in_schema(&raw.ty, &context.neighbours, sink);
    if kind == Kind::Crud {
        for from in directives.iter().filter(|found| found.name.value == "from") {
            let message = "a CRUD type is written through the API; `@from` belongs to types with `@upsertOn`";
            sink.push(Diagnostic::error(MISPLACED_DIRECTIVE, from.place, message));
        }
    }
    for later in directives.iter().filter(|found| found.name.value == "filterByJwtData") {
        let message = "`@filterByJwtData` on a field is not generated yet";
        sink.push(Diagnostic::error(DIRECTIVE_LATER, later.place, message));
    }
    let default = directives.iter().find(|found| found.name.value == "default");
    let permission = directives.iter().find(|found| found.name.value == "permission");
    let index = directives.iter().find(|found| is_index(found) && found.argument("fields").is_none());
    let claim = rows::lower_filled((kind, &raw.name.value, &ty), directives, context, sink);
    Field {
        name: FieldName::new(&raw.name.value),
        doc: doc(&raw.doc),
        default: default.and_then(|default| lower_default(default, &ty, context, sink)),
        indexed: index.is_some() && !context.types.may_be_broken(&ty),
        writing: lower_writing((&ty, kind), directives, context, sink),
        ty,
        from: Vec::new(),
        access: permission::field_access(permission.copied(), context, sink),
        claim,
        place: raw.name.place,
    }
}

fn lower_default(raw: &RawDirective, ty: &FieldType, context: &Context, sink: &mut Sink) -> Option<Expr> {
    let value = value::literal(raw.argument("value")?, ty, sink)?;
    let scope = Scope::default();
    Typer::new(&context.types, &scope, sink).typed(&value, ty)
}

/// `@index` of a type, or of a field that names others; the fields become indexed.
fn lower_index(
    (on, raw): (Option<&RawSchemaField>, &RawDirective),
    fields: &mut [Field],
    context: &Context,
    sink: &mut Sink,
) -> Option<Index> {
    let named = texts(raw.argument("fields"));
    if named.is_empty() {
        if on.is_none() {
            let message = "`@index` on a type needs the argument `fields`";
            sink.push(Diagnostic::error(MISSING_ARGUMENT, raw.place, message));
        }
        return None;
    }
    let mut complete = true;
    for (name, place) in &named {
        let known = fields.iter_mut().find(|field| field.name.as_written() == *name);
        if let Some(field) = known {
            field.indexed = !context.types.may_be_broken(&field.ty);
            complete &= field.indexed;
        } else if !BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
            let message = format!("there is no field `{name}`");
            let problem = Diagnostic::error(UNKNOWN_FIELD, *place, message);
            sink.push(match through_reference(name, fields, context) {
                Some(help) => problem.label("leads to another entry").help(help),
                None => problem.suggest(name, fields.iter().map(|field| field.name.as_written())),
            });
            complete = false;
        }
    }
    let names: Vec<_> = named.iter().map(|(name, _)| FieldName::new(*name)).collect();
    let written = raw.argument("name").and_then(|name| name.word()).map(str::to_owned);
    let name = written.unwrap_or_else(|| names.iter().map(FieldName::column).collect::<Vec<_>>().join("_"));
    complete.then_some(Index { name, fields: names })
}

fn is_index(directive: &RawDirective) -> bool {
    directive.name.value == "index"
}
