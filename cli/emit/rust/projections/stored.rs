//! A projection over events by the names that they are stored under.

use crate::model::{EntryType, Event, Expr, Field, From, Projection, Service, Target, TypeName};
use std::collections::{BTreeMap, BTreeSet};

/// The service that is followed and the projection, as if no event had ever been renamed; none if none that reaches it was.
pub(super) fn by_stored_names(followed: &Service, projection: &Projection) -> Option<(Service, Projection)> {
    let is_renamed = |name: &TypeName| followed.events.get(name).is_some_and(|event| !event.earlier.is_empty());
    if !projection.events.iter().any(is_renamed) {
        return None;
    }
    let events = followed.events.values().map(|event| (event.stored_name().clone(), as_stored(event)));
    let renamed = Service { events: events.collect(), ..followed.clone() };
    Some((renamed, Names(&followed.events).projection(projection)))
}

fn as_stored(event: &Event) -> Event {
    Event { name: event.stored_name().clone(), earlier: Vec::new(), ..event.clone() }
}

/// The events by today's names.
struct Names<'a>(&'a BTreeMap<TypeName, Event>);

impl Names<'_> {
    fn name(&self, name: &TypeName) -> TypeName {
        self.0.get(name).map_or(name, Event::stored_name).clone()
    }

    fn names(&self, names: &BTreeSet<TypeName>) -> BTreeSet<TypeName> {
        names.iter().map(|name| self.name(name)).collect()
    }

    fn projection(&self, projection: &Projection) -> Projection {
        let targets = |targets: &[Target]| targets.iter().map(|target| self.target(target)).collect();
        Projection {
            entry: EntryType {
                fields: projection.entry.fields.iter().map(|field| self.field(field)).collect(),
                ..projection.entry.clone()
            },
            upserts: targets(&projection.upserts),
            removes: targets(&projection.removes),
            events: self.names(&projection.events),
            ..projection.clone()
        }
    }

    fn target(&self, target: &Target) -> Target {
        Target { events: self.names(&target.events), ..target.clone() }
    }

    fn field(&self, field: &Field) -> Field {
        Field { from: field.from.iter().map(|from| self.from(from)).collect(), ..field.clone() }
    }

    fn from(&self, from: &From) -> From {
        From {
            events: self.names(&from.events),
            values: self.by_event(&from.values),
            conditions: self.by_event(&from.conditions),
            ..from.clone()
        }
    }

    /// In the order of the names, as they were lowered.
    fn by_event(&self, exprs: &[(TypeName, Expr)]) -> Vec<(TypeName, Expr)> {
        let mut renamed: Vec<_> = exprs.iter().map(|(name, expr)| (self.name(name), expr.clone())).collect();
        renamed.sort_by(|(one, _), (other, _)| one.cmp(other));
        renamed
    }
}
