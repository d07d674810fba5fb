//! The schema of a service: which type is what, enums, nested types, and entries up to their fields.

use super::context::Context;
use super::declared::{DeclaredEntry, PERMISSIONS, SchemaEntry, is_view, kind_of};
use super::directive::{self, Location};
use super::entry;
use super::fields::{fields_once, later, refuse_field_parts};
use super::names::{Names, doc};
use super::rows;
use super::types::is_built_in;
use crate::diagnostic::codes::directives::{GENERATED_TYPE, NESTED_DIRECTIVE};
use crate::diagnostic::codes::names::DOUBLED_NAME;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EnumType, EnumValue, FieldName, Kind, ObjectField, ObjectType, TypeName};
use crate::source::{Name, RawDirective, RawEnum, RawObject, RawObjectKind, RawSchema, RawService};
use std::collections::BTreeSet;

/// Fills the context's types and permissions and gives what will be entries, by name.
pub(super) fn declare_types<'r>(raw: &'r RawService, context: &mut Context, sink: &mut Sink) -> Vec<DeclaredEntry<'r>> {
    let mut names = Names::default();
    let mut kinds: Vec<(&RawObject, Option<Kind>, Vec<&RawDirective>)> = Vec::new();
    for schema in &raw.schemas {
        refuse_others(schema, sink);
        for found in &schema.enums {
            if is_new(&found.name, &mut names, sink) {
                declare_enum(found, context, sink);
            }
        }
        for object in &schema.objects {
            if is_usable(object, context, sink) && is_new(&object.name, &mut names, sink) {
                let directives = directive::usable(&object.directives, Location::Object, sink);
                let kind = kind_of(object, sink);
                declare(object, kind, context);
                kinds.push((object, kind, directives));
            }
        }
    }
    kinds.sort_by(|(a, ..), (b, ..)| a.name.value.cmp(&b.name.value));
    for (object, kind, directives) in &kinds {
        if kind.is_none() {
            let lowered = nested(object, directives, context, sink);
            context.types.objects.insert(lowered.name.clone(), lowered);
        }
    }
    let entry = |(raw, kind, directives)| Option::map(kind, |kind| DeclaredEntry { raw, kind, directives });
    kinds.into_iter().filter_map(entry).collect()
}

/// The entry types up to their fields, once the types of all services are known.
pub(super) fn lower_entries<'r>(
    declared: Vec<DeclaredEntry<'r>>,
    context: &Context,
    sink: &mut Sink,
) -> Vec<SchemaEntry<'r>> {
    let mut lower = |DeclaredEntry { raw, kind, directives }| SchemaEntry {
        entry: entry::lower_entry((raw, kind), &directives, context, sink),
        raw,
        directives,
    };
    let mut entries: Vec<SchemaEntry<'r>> = declared.into_iter().map(&mut lower).collect();
    rows::lower_rules(&mut entries, context, sink);
    entries
}

fn refuse_others(schema: &RawSchema, sink: &mut Sink) {
    for union in &schema.unions {
        later(union.place, "unions are not generated", sink);
    }
    for scalar in schema.scalars.iter().filter(|scalar| !is_built_in(&scalar.value)) {
        later(scalar.place, &format!("the scalar `{}` is none that is generated", scalar.value), sink);
    }
    for definition in schema.directives.iter().filter(|definition| !directive::is_known(&definition.value)) {
        sink.push(directive::unknown(&definition.value, definition.place));
    }
    for place in &schema.schemas {
        sink.push(Diagnostic::error(GENERATED_TYPE, *place, "the API's root types are generated; leave `schema` out"));
    }
}

fn is_new(name: &Name, names: &mut Names, sink: &mut Sink) -> bool {
    if is_built_in(&name.value) {
        let message = format!("`{}` is a type that every service has", name.value);
        sink.push(Diagnostic::error(DOUBLED_NAME, name.place, message));
        return false;
    }
    names.first("type", name, sink)
}

fn is_usable(object: &RawObject, context: &mut Context, sink: &mut Sink) -> bool {
    if object.is_root {
        let message = format!("`{}` is generated from the types and commands; leave it out", object.name.value);
        sink.push(Diagnostic::error(GENERATED_TYPE, object.name.place, message));
        return false;
    }
    if let Some(interface) = object.implements.first() {
        later(interface.place, "interfaces are not generated", sink);
    }
    if object.kind == RawObjectKind::Interface {
        later(object.name.place, "interfaces are not generated", sink);
        context.types.refused.insert(TypeName::new(&object.name.value));
        return false;
    }
    true
}

fn declare(object: &RawObject, kind: Option<Kind>, context: &mut Context) {
    let name = TypeName::new(&object.name.value);
    match kind {
        Some(_) => context.types.entry_names.insert(name),
        None if is_view(object) => context.types.refused.insert(name),
        None => context.types.object_names.insert(name),
    };
}

fn declare_enum(raw: &RawEnum, context: &mut Context, sink: &mut Sink) {
    directive::usable(&raw.directives, Location::Enum, sink);
    let mut names = Names::default();
    let mut values = Vec::new();
    for value in raw.values.iter().filter(|value| names.first("value", &value.name, sink)).collect::<Vec<_>>() {
        directive::usable(&value.directives, Location::Enum, sink);
        values.push(EnumValue { name: value.name.value.clone(), doc: doc(&value.doc), place: value.name.place });
    }
    if raw.name.value == PERMISSIONS {
        context.permissions = values.into_iter().map(|value| value.name).collect::<BTreeSet<_>>().into_iter().collect();
        return;
    }
    let name = TypeName::new(&raw.name.value);
    context.types.enum_names.insert(name.clone());
    let lowered = EnumType { name: name.clone(), doc: doc(&raw.doc), values, place: raw.name.place };
    context.types.enums.insert(name, lowered);
}

fn nested(raw: &RawObject, directives: &[&RawDirective], context: &Context, sink: &mut Sink) -> ObjectType {
    for directive in directives {
        refuse_nested(directive, &raw.name.value, sink);
    }
    let mut fields = Vec::new();
    for field in fields_once(raw, sink) {
        refuse_field_parts(field, sink);
        for directive in directive::usable(&field.directives, Location::Field, sink) {
            refuse_nested(directive, &raw.name.value, sink);
        }
        let ty = context.types.resolve_or_any_in_schema(&field.ty, &context.neighbours, sink);
        let name = FieldName::new(&field.name.value);
        fields.push(ObjectField { name, doc: doc(&field.doc), ty, place: field.name.place });
    }
    ObjectType { name: TypeName::new(&raw.name.value), doc: doc(&raw.doc), fields, place: raw.name.place }
}

fn refuse_nested(directive: &RawDirective, owner: &str, sink: &mut Sink) {
    let message = format!("`@{}` has nothing to work on: `{owner}` is stored inside its owner", directive.name.value);
    let diagnostic = Diagnostic::error(NESTED_DIRECTIVE, directive.place, message);
    sink.push(diagnostic.help("`@upsertOn` or `@crudType` makes a type one of its own"));
}
