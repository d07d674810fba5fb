//! Projections: which entries an event reaches, and what it does to them.

mod filter;
mod followed;
mod from;
mod target;

use super::context::Context;
use super::declared::SchemaEntry;
use crate::diagnostic::Sink;
use crate::model::{Crud, Kind, Projection, Target, TypeName};
use std::collections::{BTreeMap, BTreeSet};

/// Projections and CRUD types, by name.
pub(super) type Entries = (BTreeMap<TypeName, Projection>, BTreeMap<TypeName, Crud>);

/// Declares the events that only a directive names; they join the context.
pub(super) fn declare_events(entries: &[SchemaEntry<'_>], context: &mut Context, sink: &mut Sink) {
    for entry in entries {
        target::declare_events(entry, context, sink);
    }
}

/// Turns the entry types into projections and CRUD types.
pub(super) fn lower_entries(entries: Vec<SchemaEntry<'_>>, context: &Context, sink: &mut Sink) -> Entries {
    let mut projections = BTreeMap::new();
    let mut cruds = BTreeMap::new();
    for mut entry in entries {
        if entry.entry.kind == Kind::Crud {
            cruds.insert(entry.entry.name.clone(), Crud { entry: entry.entry });
            continue;
        }
        let followed = target::followed(&entry, context, sink);
        let upserts = followed.lower_targets("upsertOn", &entry, sink);
        let removes = followed.lower_targets("removeOn", &entry, sink);
        let events = |targets: &[Target]| targets.iter().flat_map(|target| target.events.clone()).collect();
        let (upserted, removed): (BTreeSet<_>, BTreeSet<_>) = (events(&upserts), events(&removes));
        from::lower_from(&mut entry, &upserted, followed, sink);
        let events = upserted.into_iter().chain(removed).collect();
        let follows = followed.service.to_owned();
        let projection = Projection { entry: entry.entry, follows, upserts, removes, events, specs: Vec::new() };
        projections.insert(projection.entry.name.clone(), projection);
    }
    (projections, cruds)
}
