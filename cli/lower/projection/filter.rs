//! `filterBy`: entries whose fields compare to the event's.

use super::followed::{Followed, resolve};
use crate::diagnostic::codes::directives::WRONG_ARGUMENT;
use crate::diagnostic::codes::expressions::INCOMPARABLE;
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::directive::is_filter;
use crate::lower::expression::{same_value, type_name};
use crate::lower::fields::{BUILT_IN, through_reference};
use crate::model::{EntryType, FieldName, FieldType, RowFilter, RowFilterOp, Type, TypeName};
use crate::place::Place;
use crate::source::RawSchemaValue;
use std::collections::BTreeSet;

const OPERATIONS: &[(&str, RowFilterOp)] = &[
    ("equals", RowFilterOp::Equals),
    ("notEquals", RowFilterOp::NotEquals),
    ("in", RowFilterOp::In),
    ("notIn", RowFilterOp::NotIn),
    ("lessThan", RowFilterOp::LessThan),
    ("lessThanOrEqual", RowFilterOp::LessThanOrEqual),
    ("greaterThan", RowFilterOp::GreaterThan),
    ("greaterThanOrEqual", RowFilterOp::GreaterThanOrEqual),
];

/// `{fields: […], and: […], or: […]}`; what stands side by side must all hold.
pub(super) fn lower_filter(
    raw: &RawSchemaValue,
    entry: &EntryType,
    events: &BTreeSet<TypeName>,
    followed: Followed<'_>,
    sink: &mut Sink,
) -> Option<RowFilter> {
    if !is_filter(raw, sink) {
        return None;
    }
    let mut complete = true;
    let mut all = Vec::new();
    for compare in raw.get("fields").map_or(&[][..], RawSchemaValue::elements) {
        let lowered = Compare { raw: compare, entry, events, followed }.lower(sink);
        complete &= lowered.is_some();
        all.extend(lowered);
    }
    let mut nested = |key: &str, sink: &mut Sink| {
        let inner = raw.get(key).map_or(&[][..], RawSchemaValue::elements);
        let lowered: Vec<_> = inner.iter().map(|inner| lower_filter(inner, entry, events, followed, sink)).collect();
        complete &= lowered.iter().all(Option::is_some);
        lowered.into_iter().flatten().collect::<Vec<_>>()
    };
    all.extend(nested("and", sink));
    let any = nested("or", sink);
    if !any.is_empty() {
        all.push(RowFilter::Or(any));
    }
    if complete && all.is_empty() {
        sink.push(Diagnostic::error(WRONG_ARGUMENT, raw.place, "this filter compares nothing"));
        return None;
    }
    let single = all.len() == 1;
    complete.then(|| if single { all.swap_remove(0) } else { RowFilter::And(all) })
}

/// One comparison with all that it is checked against.
struct Compare<'a> {
    raw: &'a RawSchemaValue,
    entry: &'a EntryType,
    events: &'a BTreeSet<TypeName>,
    followed: Followed<'a>,
}

impl Compare<'_> {
    fn lower(&self, sink: &mut Sink) -> Option<RowFilter> {
        let operation = self.operation(sink);
        let (field, ty) = self.projection_field(sink)?;
        let path = self.raw.get("eventField")?;
        let (written, place) = (path.word()?, path.place);
        let operation = operation?;
        let mut complete = true;
        for event in self.events {
            match resolve(written, place, event, self.followed) {
                Ok(Some(found)) => complete &= self.fits(operation, &ty, &found, place, sink),
                Ok(None) => {}
                Err(diagnostic) => {
                    sink.push(*diagnostic);
                    complete = false;
                }
            }
        }
        let event_field = written.split('.').map(FieldName::new).collect();
        complete.then_some(RowFilter::Compare { projection_field: field, event_field, operation })
    }

    /// `equals` if none is written; capitals and underscores make no difference.
    fn operation(&self, sink: &mut Sink) -> Option<RowFilterOp> {
        let Some(raw) = self.raw.get("operation") else { return Some(RowFilterOp::Equals) };
        let written = raw.word()?;
        let plain = |text: &str| text.replace('_', "").to_lowercase();
        let found = OPERATIONS.iter().find(|(name, _)| plain(name) == plain(written));
        if found.is_none() {
            let diagnostic =
                Diagnostic::error(WRONG_ARGUMENT, raw.place, format!("there is no comparison `{written}`"));
            sink.push(diagnostic.suggest(written, OPERATIONS.iter().map(|(name, _)| name)));
        }
        found.map(|(_, operation)| *operation)
    }

    fn projection_field(&self, sink: &mut Sink) -> Option<(FieldName, FieldType)> {
        let raw = self.raw.get("projectionField")?;
        let written = raw.word()?;
        if let Some((name, ty)) = BUILT_IN.iter().find(|(name, _)| *name == written) {
            return Some((FieldName::new(*name), FieldType::required(ty.clone())));
        }
        let found = self.entry.fields.iter().find(|field| field.name.as_written() == written);
        if found.is_none() {
            let message = format!("`{}` has no field `{written}`", self.entry.name);
            let problem = Diagnostic::error(UNKNOWN_FIELD, raw.place, message);
            sink.push(match through_reference(written, &self.entry.fields, self.followed.context) {
                Some(help) => problem.label("leads to another entry").help(help),
                None => problem.suggest(written, self.entry.fields.iter().map(|field| field.name.as_written())),
            });
        }
        found.map(|field| (field.name.clone(), field.ty.clone()))
    }

    fn fits(&self, operation: RowFilterOp, ty: &FieldType, found: &FieldType, place: Place, sink: &mut Sink) -> bool {
        let other = match (operation, &found.ty) {
            (RowFilterOp::In | RowFilterOp::NotIn, Type::List(element)) => &element.ty,
            (RowFilterOp::In | RowFilterOp::NotIn, Type::Json) => return true,
            (RowFilterOp::In | RowFilterOp::NotIn, _) => &Type::Nil,
            (_, other) => other,
        };
        let fits = *other == Type::Json || same_value(&ty.ty, other);
        if !fits {
            let (first, second) = (type_name(ty), type_name(found));
            let message = format!("`{first}` and `{second}` cannot be compared so");
            sink.push(Diagnostic::error(INCOMPARABLE, place, message));
        }
        fits
    }
}
