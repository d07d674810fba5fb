//! One service: schema first, then events, then what is made of them.

use super::context::{Context, ProjectEvents};
use super::declared::{DeclaredEntry, SchemaEntry};
use super::services::Neighbours;
use super::types::Types;
use super::{command, crud, event, projection, schema, spec};
use crate::diagnostic::Sink;
use crate::model::{Declared, DeclaredType, ProjectTypes, Service, ServiceName};
use crate::source::RawService;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A service of which as much is known as the rounds so far have given.
pub(super) struct Begun<'r> {
    raw: &'r RawService,
    /// What is known of it.
    pub context: Context,
    /// Entries that have no fields yet.
    declared: Vec<DeclaredEntry<'r>>,
    entries: Vec<SchemaEntry<'r>>,
}

/// Lowers the enums and nested types of a service.
pub(super) fn begin<'r>(raw: &'r RawService, neighbours: Neighbours, sink: &mut Sink) -> Begun<'r> {
    let mut context = Context {
        name: raw.name.clone(),
        types: Types::default(),
        neighbours,
        permissions: Vec::new(),
        project_permissions: Arc::default(),
        events: BTreeMap::new(),
        project_events: ProjectEvents::default(),
    };
    let declared = schema::declare_types(raw, &mut context, sink);
    Begun { raw, context, declared, entries: Vec::new() }
}

impl Begun<'_> {
    /// Lowers the service's events, and its entries up to their fields.
    pub fn lower_events(&mut self, sink: &mut Sink) {
        self.entries = schema::lower_entries(std::mem::take(&mut self.declared), &self.context, sink);
        crud::declare_events(&self.entries, &mut self.context);
        event::lower_events(self.raw, &mut self.context, sink);
        projection::declare_events(&self.entries, &mut self.context, sink);
    }
}

/// Lets every service know the types and permissions of all.
pub(super) fn introduce_types(begun: &mut [Begun<'_>]) {
    let declared = |begun: &Begun<'_>| {
        let service = ServiceName::new(&begun.context.name);
        let types = &begun.context.types;
        let enums = types.enums.values().map(|ty| (ty.name.clone(), DeclaredType::Enum(ty.clone())));
        let objects = types.objects.values().map(|ty| (ty.name.clone(), DeclaredType::Object(ty.clone())));
        let all = enums.chain(objects).map(|(name, ty)| (name, Declared { service: service.clone(), ty }));
        all.collect::<Vec<_>>()
    };
    let types = ProjectTypes::new(begun.iter().flat_map(declared));
    let permissions: BTreeSet<_> = begun.iter().flat_map(|begun| &begun.context.permissions).cloned().collect();
    let permissions = Arc::new(permissions.into_iter().collect::<Vec<_>>());
    for begun in begun {
        begun.context.types.project = types.clone();
        begun.context.project_permissions = permissions.clone();
    }
}

/// Lets every service know the events of all.
pub(super) fn introduce_events(begun: &mut [Begun<'_>]) {
    let events = begun.iter().map(|begun| (begun.context.name.clone(), begun.context.events.clone()));
    let events = ProjectEvents::new(events.collect());
    for begun in begun {
        begun.context.project_events = events.clone();
    }
}

/// Lowers everything else that a service's files say, but for its automations; what is known of it is for those.
pub(super) fn finish<'r>(begun: Begun<'r>, sink: &mut Sink) -> (&'r RawService, Context, Service) {
    let Begun { raw, context, entries, .. } = begun;
    let (mut projections, cruds) = projection::lower_entries(entries, &context, sink);
    let commands = command::lower_commands(raw, &context, sink);
    spec::lower_views(raw, &context, &mut projections, sink);
    let service = Service {
        name: ServiceName::new(&raw.name),
        inputs: raw.inputs.clone(),
        paths: BTreeMap::new(),
        enums: context.types.enums.clone(),
        objects: context.types.objects.clone(),
        types: context.types.project.clone(),
        permissions: context.permissions.clone(),
        events: context.events.clone(),
        commands,
        automations: BTreeMap::new(),
        projections,
        cruds,
        topics: Vec::new(),
    };
    (raw, context, service)
}
