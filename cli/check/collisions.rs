//! Names that are two in the input and one after they are spelt for Rust, SQL or protobuf.

use super::names::is_legal;
use super::reserved;
use super::walk::{Named, What, article, names, shown, types};
use crate::diagnostic::codes::names::{COLLIDING_NAMES, COLLIDING_SPECS, RESERVED_NAME};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{FieldName, Service, TypeName};
use crate::place::Place;
use heck::ToSnakeCase;
use std::collections::BTreeMap;

/// Types against types, members against those of the same owner, specs against specs.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    check_types(service, sink);
    check_members(service, sink);
    check_entry_fields(service, sink);
    check_specs(service, sink);
}

fn check_types(service: &Service, sink: &mut Sink) {
    let mut taken: BTreeMap<String, Named<'_>> = BTreeMap::new();
    for named in types(service).into_iter().filter(|named| is_legal(named.name)) {
        let name = TypeName::new(named.name);
        let spellings = [name.rust(), name.module()];
        let first = spellings.iter().find_map(|spelling| taken.get(spelling)).copied();
        if let Some(first) = first {
            sink.push(collision(&named, &first, &spellings[0]));
        }
        for spelling in spellings {
            taken.entry(spelling).or_insert(named);
        }
    }
}

/// Members collide within their owner; a command's fields and its state entries are apart.
fn check_members(service: &Service, sink: &mut Sink) {
    let mut taken: BTreeMap<(What<'_>, String), Named<'_>> = BTreeMap::new();
    for named in names(service).into_iter().filter(|named| !named.what.is_type() && is_legal(named.name)) {
        let spellings = spellings(&named);
        let keys = spellings.clone().map(|spelling| (named.what, spelling));
        let first = keys.iter().find_map(|key| taken.get(key)).copied();
        if let Some(first) = first {
            sink.push(collision(&named, &first, &spellings[0]));
        }
        for key in keys {
            taken.entry(key).or_insert(named);
        }
    }
}

/// `userId` → `user_id` (Rust, SQL, protobuf) and `UserId` (an enum's variant).
fn spellings(named: &Named<'_>) -> [String; 2] {
    match named.what {
        What::Value(_) | What::Error(_) => [TypeName::new(named.name).rust(), TypeName::new(named.name).constant()],
        _ => [FieldName::new(named.name).column(), FieldName::new(named.name).variant()],
    }
}

fn collision(named: &Named<'_>, first: &Named<'_>, spelling: &str) -> Diagnostic {
    let what = first.what.describe();
    if named.name == first.name {
        let (own, a) = (named.what.describe(), article(&what));
        let message = format!("`{}` is the name of {a} {what} already", named.name);
        return Diagnostic::error(COLLIDING_NAMES, named.place, message)
            .label(format!("{} {own} of the same name", article(&own)))
            .related(first.place, format!("the {what}"))
            .help("within a service, each name stands for one thing");
    }
    let message = format!("`{}` and `{}` are both `{spelling}` in the generated code", first.name, named.name);
    Diagnostic::error(COLLIDING_NAMES, named.place, message)
        .label("collides")
        .related(first.place, format!("with this {what}"))
        .help("rename one of them so that they differ in more than case and underscores")
}

fn check_entry_fields(service: &Service, sink: &mut Sink) {
    for entry in service.entries().values() {
        for field in &entry.fields {
            let Some(reason) = reserved::entry_field(&field.name, field.indexed) else { continue };
            let message = format!("`{}` is taken: {reason}", field.name);
            let label = format!("a field of `{}`", entry.name);
            sink.push(Diagnostic::error(RESERVED_NAME, field.place, message).label(label).help("choose another name"));
        }
    }
}

fn check_specs(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        one_test_each(command.specs.iter().map(|spec| (spec.name.as_str(), spec.place)), sink);
    }
    for automation in service.automations.values() {
        one_test_each(automation.specs.iter().map(|spec| (spec.name.as_str(), spec.place)), sink);
    }
    for projection in service.projections.values() {
        one_test_each(projection.specs.iter().map(|spec| (spec.name.as_str(), spec.place)), sink);
    }
}

/// Each spec becomes a test that is named after it, so the names must differ in letters and digits.
fn one_test_each<'a>(specs: impl Iterator<Item = (&'a str, Place)>, sink: &mut Sink) {
    let mut taken: BTreeMap<String, Place> = BTreeMap::new();
    for (name, place) in specs {
        let test = test_name(name);
        if test.is_empty() {
            let message = format!("`{}` does not name a test: it has no letter from a to z and no digit", shown(name));
            sink.push(
                Diagnostic::error(COLLIDING_SPECS, place, message).help("say in a few words what the example shows"),
            );
        } else if let Some(first) = taken.get(&test) {
            let message = format!("two examples are called `{}`", shown(name));
            let problem =
                Diagnostic::error(COLLIDING_SPECS, place, message).label(format!("its test would be `{test}` as well"));
            sink.push(problem.related(*first, "the first one").help("say what is different about this one"));
        } else {
            taken.insert(test, place);
        }
    }
}

/// The letters that a test's name keeps.
fn test_name(name: &str) -> String {
    let plain: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    plain.to_snake_case()
}
