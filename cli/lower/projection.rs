//! Projections: which entries an event reaches, and what it does to them.

mod filter;
mod from;
mod target;

use super::schema::SchemaEntry;
use super::service::Context;
use crate::diagnostic::Sink;
use crate::model::{Crud, Kind, Projection, TypeName};
use std::collections::{BTreeMap, BTreeSet};

/// Projections and CRUD types, by name.
pub(super) type Entries = (BTreeMap<TypeName, Projection>, BTreeMap<TypeName, Crud>);

/// Turns the entry types into projections and CRUD types. Events that only a directive names join the context.
pub(super) fn lower_entries(entries: Vec<SchemaEntry<'_>>, context: &mut Context, sink: &mut Sink) -> Entries {
    let mut projections = BTreeMap::new();
    let mut cruds = BTreeMap::new();
    // All targets first: an event that one directive brings in is then known to every `@from`.
    let mut targeted = Vec::new();
    for entry in entries {
        if entry.entry.kind == Kind::Crud {
            cruds.insert(entry.entry.name.clone(), Crud { entry: entry.entry });
            continue;
        }
        let upserts = target::lower_targets("upsertOn", &entry, context, sink);
        let removes = target::lower_targets("removeOn", &entry, context, sink);
        targeted.push((entry, upserts, removes));
    }
    for (mut entry, upserts, removes) in targeted {
        let events = |targets: &[crate::model::Target]| {
            targets.iter().flat_map(|target| target.events.iter().cloned()).collect::<BTreeSet<_>>()
        };
        let upserted = events(&upserts);
        from::lower_from(&mut entry, &upserted, context, sink);
        let events = upserted.into_iter().chain(events(&removes)).collect();
        let projection = Projection { entry: entry.entry, upserts, removes, events, specs: Vec::new() };
        projections.insert(projection.entry.name.clone(), projection);
    }
    (projections, cruds)
}
