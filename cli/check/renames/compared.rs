//! Expressions that compare an event's type with a name that it has no longer.

use crate::diagnostic::codes::names::COMPARED_EARLIER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, Expr, ExprKind, Model, Projection, Service, TypeName, Var};
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// All expressions of the service that see events.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    let mut found = BTreeSet::new();
    let mut look = |events: &BTreeMap<TypeName, Event>, expr: &Expr| {
        let mut texts = Vec::new();
        compared(expr, &mut texts);
        for (text, place) in texts {
            let renamed = events.values().find(|event| event.was_called(text));
            found.extend(renamed.map(|event| (place, text.to_owned(), event.name.clone(), event.place)));
        }
    };
    for entry in service.commands.values().flat_map(|command| &command.state) {
        entry.on.values().for_each(|value| look(&service.events, value));
    }
    for projection in service.projections.values() {
        let events = &model.followed(&projection.follows, service).events;
        values(projection).for_each(|value| look(events, value));
    }
    for automation in service.automations.values() {
        let events = &model.followed(&automation.follows, service).events;
        for case in &automation.cases {
            let values = case.values.iter().filter_map(|(_, value)| value.as_ref());
            case.condition.iter().chain(values).for_each(|value| look(events, value));
        }
    }
    for (place, text, name, declared) in found {
        let message = format!("no event has the type `{text}`");
        let problem = Diagnostic::error(COMPARED_EARLIER, place, message).label("never equal");
        sink.push(problem.related(declared, "renamed here").help(format!("`{text}` is called `{name}` now")));
    }
}

fn values(projection: &Projection) -> impl Iterator<Item = &Expr> {
    let from = projection.entry.fields.iter().flat_map(|field| &field.from);
    from.flat_map(|from| from.values.iter().chain(&from.conditions)).map(|(_, value)| value)
}

/// The texts that stand beside `meta.type`.
fn compared<'e>(expr: &'e Expr, found: &mut Vec<(&'e str, Place)>) {
    let children = expr.children();
    if children.iter().any(|child| is_type(child)) {
        children.iter().for_each(|child| texts(child, found));
    }
    children.into_iter().for_each(|child| compared(child, found));
}

fn is_type(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field { base, name, .. } => {
            name.as_written() == "type" && matches!(base.kind, ExprKind::Var(Var::Meta))
        }
        ExprKind::Widen(inner) | ExprKind::Narrowed(inner) => is_type(inner),
        _ => false,
    }
}

fn texts<'e>(expr: &'e Expr, found: &mut Vec<(&'e str, Place)>) {
    match &expr.kind {
        ExprKind::Text(text) => found.push((text, expr.place)),
        ExprKind::List(_) | ExprKind::Widen(_) => expr.children().into_iter().for_each(|child| texts(child, found)),
        _ => {}
    }
}
