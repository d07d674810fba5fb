//! Unique constraints: over fields that hold one value, and each of them once.

use crate::diagnostic::codes::directives::{DOUBLED_UNIQUE, NOT_UNIQUE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EntryType, FieldName, Service, Unique};
use std::collections::{BTreeMap, BTreeSet};

/// Every constraint of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    let mut names: BTreeMap<&str, &Unique> = BTreeMap::new();
    for entry in service.entries().into_values() {
        for (number, unique) in entry.uniques.iter().enumerate() {
            check_types(entry, unique, sink);
            let same = entry.uniques.iter().take(number).find(|other| fields(other) == fields(unique));
            if let Some(first) = same {
                let message = format!("there is a unique constraint over the same fields of `{}` already", entry.name);
                let problem = Diagnostic::error(DOUBLED_UNIQUE, unique.place, message);
                sink.push(problem.related(first.place, "given first").help("leave one of them out"));
            } else if let Some(first) = names.insert(&unique.name, unique) {
                let message = format!("there is a unique constraint called `{}` already", unique.name);
                let problem = Diagnostic::error(DOUBLED_UNIQUE, unique.place, message);
                sink.push(problem.related(first.place, "called so first").help("give one of them another `name`"));
            }
        }
    }
}

fn fields(unique: &Unique) -> BTreeSet<&FieldName> {
    unique.fields.iter().collect()
}

fn check_types(entry: &EntryType, unique: &Unique, sink: &mut Sink) {
    for field in entry.fields.iter().filter(|field| unique.fields.contains(&field.name)) {
        if field.ty.ty.is_single() {
            continue;
        }
        let what = field.ty.ty.unsortable().unwrap_or("a list");
        let message = format!("`{}.{}` cannot be unique: it is {what}", entry.name, field.name);
        let problem = Diagnostic::error(NOT_UNIQUE, unique.place, message);
        sink.push(problem.related(field.place, "the field").help("name fields that hold one value each"));
    }
}
