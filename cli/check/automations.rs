//! Automations: examples that show nothing, and circles in which one automation starts another for ever.

use super::specs::check_given;
use crate::diagnostic::codes::lints::{AUTOMATION_CYCLE, CONSTANT_RULE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Automation, Command, ExprKind, Model, Service, Trigger, TypeName};
use std::collections::BTreeSet;

/// An automation with the name of its service.
type Placed<'a> = (&'a str, &'a Automation);

/// Every automation of the project.
pub(super) fn check(model: &Model, sink: &mut Sink) {
    let all: Vec<Placed<'_>> = model
        .services
        .iter()
        .flat_map(|(name, service)| service.automations.values().map(move |automation| (name.as_str(), automation)))
        .collect();
    let mut told = BTreeSet::new();
    for placed in &all {
        check_conditions(placed.1, sink);
        check_cycle(model, &all, *placed, &mut told, sink);
        if let Some(service) = model.services.get(placed.0) {
            let read = |event: &TypeName| starts(service, placed.1, (&placed.1.follows, event));
            for spec in &placed.1.specs {
                let followed = model.followed(&placed.1.follows, service);
                check_given(&spec.given, (&format!("`{}`", placed.1.name), followed), read, sink);
            }
        }
    }
}

/// Whether an event, named with its service, reaches the automation of `service`, by itself or as a change of the view.
pub(super) fn starts(service: &Service, automation: &Automation, (of, event): (&str, &TypeName)) -> bool {
    if automation.follows != of {
        return false;
    }
    match &automation.trigger {
        Trigger::Events => automation.events().any(|on| on == event),
        Trigger::View { entry, .. } => {
            service.projections.get(entry).is_some_and(|projection| projection.events.contains(event))
        }
    }
}

fn check_conditions(automation: &Automation, sink: &mut Sink) {
    let conditions = automation.cases.iter().filter_map(|case| case.condition.as_ref());
    if let Some((condition, value)) = conditions
        .filter_map(|condition| match condition.kind {
            ExprKind::Boolean(value) => Some((condition, value)),
            _ => None,
        })
        .next()
    {
        let message = if value { "this condition always holds" } else { "this automation never does anything" };
        sink.push(Diagnostic::warning(CONSTANT_RULE, condition.place, message).label(format!("always {value}")));
    }
}

/// Reports the shortest way that leads from the automation back to it, each circle once.
fn check_cycle(
    model: &Model,
    all: &[Placed<'_>],
    from: Placed<'_>,
    told: &mut BTreeSet<Vec<(String, String)>>,
    sink: &mut Sink,
) {
    let Some(circle) = circle(model, all, from) else { return };
    let mut members: Vec<_> =
        circle.iter().map(|(service, automation)| ((*service).to_owned(), automation.name.to_string())).collect();
    members.sort();
    if !told.insert(members) {
        return;
    }
    let way: Vec<String> = circle.iter().map(|(_, automation)| format!("`{}`", automation.name)).collect();
    let message = match way.as_slice() {
        [only] => format!("{only} starts itself again: its command records what starts it"),
        _ => format!("automations start each other in a circle: {}, and {} again", way.join(", "), way[0]),
    };
    let mut problem = Diagnostic::warning(AUTOMATION_CYCLE, from.1.place, message).label("may never come to rest");
    for (_, next) in circle.iter().skip(1) {
        problem = problem.related(next.place, "leads on");
    }
    sink.push(problem.help("break the circle, or make sure that a condition or a rule ends it"));
}

/// Breadth first, so that the way found is a shortest one.
fn circle<'a>(model: &Model, all: &[Placed<'a>], from: Placed<'a>) -> Option<Vec<Placed<'a>>> {
    let mut ways: Vec<Vec<Placed<'a>>> = vec![vec![from]];
    let mut seen: BTreeSet<(&str, &TypeName)> = BTreeSet::new();
    while !ways.is_empty() {
        let mut further = Vec::new();
        for way in ways {
            let Some(last) = way.last() else { continue };
            for next in all.iter().filter(|next| leads_to(model, *last, **next)) {
                if next.0 == from.0 && next.1.name == from.1.name {
                    return Some(way);
                }
                if seen.insert((next.0, &next.1.name)) {
                    further.push(way.iter().copied().chain([*next]).collect());
                }
            }
        }
        ways = further;
    }
    None
}

/// Whether what the command of one automation records starts the other. An event that takes an entry out of a view ends its runs.
fn leads_to(model: &Model, one: Placed<'_>, other: Placed<'_>) -> bool {
    let Some(sends) = one.1.sends.as_ref().filter(|sends| sends.service == other.1.follows) else { return false };
    let Some(command) = model.services.get(&sends.service).and_then(|service| service.commands.get(&sends.command))
    else {
        return false;
    };
    let Some(service) = model.services.get(other.0) else { return false };
    let started = |event: &TypeName| match &other.1.trigger {
        Trigger::Events => other.1.events().any(|on| on == event),
        Trigger::View { entry, .. } => service
            .projections
            .get(entry)
            .is_some_and(|projection| projection.upserts.iter().any(|target| target.events.contains(event))),
    };
    recorded(command).any(started)
}

fn recorded(command: &Command) -> impl Iterator<Item = &TypeName> {
    let by_rust = command.custom.iter().flat_map(|custom| &custom.emits);
    command.all_emits().map(|emit| &emit.event).chain(by_rust)
}
