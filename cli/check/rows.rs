//! Row filters: what no index covers.

use crate::diagnostic::codes::lints::ROWS_BY_LISTS;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EntryType, FieldName, RowRule, Service};

/// Every row filter of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for entry in service.entries().into_values() {
        for rule in &entry.rows {
            let Some(field) = walked(service, entry, rule) else { continue };
            let message = format!("each list of `{}` looks into `{field}` of every entry", entry.name);
            let problem =
                Diagnostic::warning(ROWS_BY_LISTS, rule.place, message).label("no index covers what it compares");
            sink.push(problem.help("keep the value in a field of its own, if there may be many"));
        }
    }
}

/// The first field of the path that holds a list or a nested type.
fn walked<'a>(service: &Service, entry: &EntryType, rule: &'a RowRule) -> Option<&'a FieldName> {
    let mut of = Some(entry);
    for (field, to) in &rule.path.through {
        if !is_one_value(of?, field) {
            return Some(field);
        }
        of = service.entry(to);
    }
    (!is_one_value(of?, &rule.path.field)).then_some(&rule.path.field)
}

fn is_one_value(entry: &EntryType, name: &FieldName) -> bool {
    entry.fields.iter().find(|field| field.name == *name).is_none_or(|field| field.ty.ty.is_one_value())
}
