//! Types of services that are made of each other: each service's types become a crate, and crates cannot stand on each other.

use crate::diagnostic::codes::services::TYPES_IN_A_CIRCLE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Model, ObjectField, Service, ServiceName, TypeName};
use std::collections::BTreeSet;

/// A field of one service's nested type that has a type of another service.
struct Step<'a> {
    from: &'a ServiceName,
    owner: &'a TypeName,
    field: &'a ObjectField,
    to: &'a ServiceName,
}

/// Every circle, each once.
pub(super) fn check(model: &Model, sink: &mut Sink) {
    let steps: Vec<Step<'_>> = model.services.values().flat_map(steps).collect();
    let mut told: BTreeSet<BTreeSet<&ServiceName>> = BTreeSet::new();
    for step in &steps {
        let Some(way) = way_back(&steps, step) else { continue };
        let members = way.iter().map(|step| step.from).collect();
        if told.insert(members) {
            sink.push(problem(&way));
        }
    }
}

fn steps(service: &Service) -> Vec<Step<'_>> {
    let objects = service.objects.iter();
    let fields = objects.flat_map(|(owner, object)| object.fields.iter().map(move |field| (owner, field)));
    fields.filter_map(|(owner, field)| step(service, owner, field)).collect()
}

fn step<'a>(service: &'a Service, owner: &'a TypeName, field: &'a ObjectField) -> Option<Step<'a>> {
    let to = service.types.service_of(field.ty.ty.declared()?).filter(|to| **to != service.name)?;
    Some(Step { from: &service.name, owner, field, to })
}

/// The shortest way that begins with a step and comes back to its service.
fn way_back<'a>(steps: &'a [Step<'a>], first: &'a Step<'a>) -> Option<Vec<&'a Step<'a>>> {
    let mut seen = BTreeSet::from([first.to]);
    let mut ways = vec![vec![first]];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let Some(last) = way.last() else { continue };
            if last.to == first.from {
                return Some(way);
            }
            for next in steps.iter().filter(|next| next.from == last.to) {
                if next.to == first.from || seen.insert(next.to) {
                    longer.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

fn problem(way: &[&Step<'_>]) -> Diagnostic {
    let named = |step: &Step<'_>| format!("`{}.{}` has a type of `{}`", step.owner, step.field.name, step.to);
    let services: Vec<String> = way.iter().map(|step| format!("`{}`", step.from)).collect();
    let message = format!("the types of {} are made of each other", services.join(" and "));
    let mut problem = Diagnostic::error(TYPES_IN_A_CIRCLE, way[0].field.place, message).label(named(way[0]));
    for step in &way[1..] {
        problem = problem.related(step.field.place, named(step));
    }
    problem.help("declare what they share in one of the services, or in one of its own")
}
