//! `extend type X` joins its type, in whatever file of the service that stands.

use super::raw::{RawEnum, RawObject, RawSchema};
use crate::diagnostic::codes::reading::EXTENDS_NOTHING;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Name;

/// Moves the parts of every extension to what it extends; one that extends nothing is reported.
pub(in crate::source) fn merge_extensions(schemas: &mut [RawSchema], sink: &mut Sink) {
    for object in extensions(schemas, |schema| &mut schema.objects, |object| object.extends) {
        let base = schemas.iter_mut().flat_map(|schema| &mut schema.objects);
        match base.into_iter().find(|base| base.name.value == object.name.value && base.kind == object.kind) {
            Some(base) => extend_object(base, object),
            None if object.is_root => {
                // Said once for the base and the extension alike, by who refuses root types.
                if let Some(schema) = schemas.iter_mut().find(|schema| schema.file == object.name.place.file) {
                    schema.objects.push(RawObject { extends: false, ..object });
                }
            }
            None => unknown(&object.name, &names(schemas), sink),
        }
    }
    for extension in extensions(schemas, |schema| &mut schema.enums, |extension| extension.extends) {
        let base = schemas.iter_mut().flat_map(|schema| &mut schema.enums);
        match base.into_iter().find(|base| base.name.value == extension.name.value) {
            Some(base) => extend_enum(base, extension),
            None => unknown(&extension.name, &names(schemas), sink),
        }
    }
}

/// Takes the extensions out of the schemas, in their order.
fn extensions<T>(
    schemas: &mut [RawSchema],
    list: impl Fn(&mut RawSchema) -> &mut Vec<T>,
    is_extension: impl Fn(&T) -> bool,
) -> Vec<T> {
    let mut found = Vec::new();
    for schema in schemas {
        let list = list(schema);
        let (extensions, others) = std::mem::take(list).into_iter().partition(&is_extension);
        *list = others;
        found.extend::<Vec<T>>(extensions);
    }
    found
}

fn extend_object(base: &mut RawObject, extension: RawObject) {
    base.implements.extend(extension.implements);
    base.directives.extend(extension.directives);
    base.fields.extend(extension.fields);
}

fn extend_enum(base: &mut RawEnum, extension: RawEnum) {
    base.directives.extend(extension.directives);
    base.values.extend(extension.values);
}

fn names(schemas: &[RawSchema]) -> Vec<String> {
    let objects = schemas.iter().flat_map(|schema| &schema.objects).map(|object| object.name.value.clone());
    objects.chain(schemas.iter().flat_map(|schema| &schema.enums).map(|found| found.name.value.clone())).collect()
}

fn unknown(name: &Name, names: &[String], sink: &mut Sink) {
    let message = format!("`extend` finds no `{}` in this service", name.value);
    sink.push(Diagnostic::error(EXTENDS_NOTHING, name.place, message).suggest(name, names));
}
