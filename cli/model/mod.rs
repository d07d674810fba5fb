//! The model: what the inputs mean, as plain data with every reference resolved.
//!
//! Built by `lower`, judged by `check`, read by `emit`. It imports no other room (only [`crate::place`], the ground floor).
//! All collections are sorted by name, so that the order of files and keys never shows in the output.

mod automation;
mod command;
mod event;
mod expression;
mod files;
mod name;
mod projection;
mod rows;
mod spelling;
mod topic;
mod types;
mod writing;

pub use automation::{Automation, AutomationSpec, Case, Retry, Sends, Trigger};
pub use command::{
    Access, Command, CustomDecision, Emit, ErrorCase, Generated, Message, MessagePart, Rule, Snapshots, Spec,
    SpecCaller, SpecEvent, SpecOutcome, StateEntry, Way,
};
pub use event::{EarlierName, Event, EventField, EventOrigin, Personal, TagPart, TagTemplate, Upcast};
pub use expression::{BinaryOp, Expr, ExprKind, Function, UnaryOp, Var};
pub use files::file_fields;
pub use name::{FieldName, ServiceName, TypeName};
pub use projection::{
    Crud, EntryType, Field, FieldAccess, From, Identify, IdentifyPart, Index, Kind, Projection, RowFilter, RowFilterOp,
    Target, TypeAccess, Unique, ViewSpec,
};
pub use rows::{Inside, RowPath, RowRule};
pub use topic::{Topic, Waited};
pub use types::{Declared, DeclaredType, EnumType, EnumValue, FieldType, ObjectField, ObjectType, ProjectTypes, Type};
pub use writing::{Sequence, UuidV4, Writing};

use crate::place::{FileId, Place};
use std::collections::{BTreeMap, BTreeSet};

/// Everything one run of the tool knows about a project.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The project's own settings.
    pub project: Project,
    /// Its services, by name.
    pub services: BTreeMap<String, Service>,
}

/// `scaffold.yaml`, lowered.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The project's name, in kebab-case.
    pub name: ServiceName,
    /// How generated crates find the runtime.
    pub runtime: RuntimeSource,
    /// `env:` of `scaffold.yaml`: values for `{{env.NAME}}` in schemas.
    pub env: BTreeMap<String, String>,
}

/// Where the runtime crate comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RuntimeSource {
    /// `runtime/` inside the project, put there by `scaffold new` (the default).
    #[default]
    Vendored,
    /// A folder relative to the project.
    Path(String),
    /// A published version.
    Version(String),
}

/// One service: its types, events, commands and entries.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Kebab-case name.
    pub name: ServiceName,
    /// Relative paths of the inputs it was read from, sorted.
    pub inputs: Vec<String>,
    /// The path of each input, by the file of a [`Place`].
    pub paths: BTreeMap<FileId, String>,
    /// Enums, `Permission` not among them.
    pub enums: BTreeMap<TypeName, EnumType>,
    /// Nested object types and inputs, stored inside their owner.
    pub objects: BTreeMap<TypeName, ObjectType>,
    /// The enums and nested types of all services, its own among them.
    pub types: ProjectTypes,
    /// Values of `enum Permission`, as written, sorted.
    pub permissions: Vec<String>,
    /// Events, those of CRUD types among them.
    pub events: BTreeMap<TypeName, Event>,
    /// Command slices.
    pub commands: BTreeMap<TypeName, Command>,
    /// Automation slices.
    pub automations: BTreeMap<TypeName, Automation>,
    /// Projections of the schema (not CRUD types).
    pub projections: BTreeMap<TypeName, Projection>,
    /// CRUD types of the schema.
    pub cruds: BTreeMap<TypeName, Crud>,
    /// Topics whose events go after they were consumed, in the order written.
    pub topics: Vec<Topic>,
}

impl Model {
    /// The service that is followed, by its name; one that lacks was reported.
    pub fn followed<'a>(&'a self, follows: &str, own: &'a Service) -> &'a Service {
        self.services.get(follows).unwrap_or(own)
    }

    /// Lets every service know whose types fields of others have.
    pub fn share_types(&mut self) {
        let others = |service: &Service| {
            let named = service.field_types().filter_map(|ty| service.types.service_of(ty.ty.declared()?));
            named.filter(|declarer| **declarer != service.name).cloned().collect::<Vec<_>>()
        };
        let shared: BTreeSet<ServiceName> = self.services.values().flat_map(others).collect();
        for service in self.services.values_mut() {
            service.types = service.types.sharing(shared.clone());
        }
    }

    /// The services whose types fields of others have.
    pub fn shared(&self) -> impl Iterator<Item = &Service> {
        self.services.values().filter(|service| service.is_shared())
    }
}

impl Service {
    /// Whether fields of other services have types of this one.
    pub fn is_shared(&self) -> bool {
        self.types.is_shared(&self.name)
    }

    /// The types of all fields, state entries and results.
    pub fn field_types(&self) -> impl Iterator<Item = &FieldType> {
        let nested = self.objects.values().flat_map(|object| &object.fields).map(|field| &field.ty);
        let stored = self.entries().into_values().flat_map(|entry| &entry.fields).map(|field| &field.ty);
        let recorded = self.events.values().flat_map(|event| &event.fields).map(|field| &field.ty);
        let sent = self.commands.values().flat_map(|command| &command.fields).map(|field| &field.ty);
        let known = self.commands.values().flat_map(|command| &command.state).map(|entry| &entry.ty);
        let returned = self.automations.values().filter_map(|automation| automation.result.as_ref());
        nested.chain(stored).chain(recorded).chain(sent).chain(known).chain(returned)
    }

    /// Does any of its events have personal fields?
    pub fn is_personal(&self) -> bool {
        self.events.values().any(Event::is_personal)
    }

    /// Had any of its events another name before?
    pub fn has_renamed(&self) -> bool {
        self.events.values().any(|event| !event.earlier.is_empty())
    }

    /// The enum of this name, of this service or of another one.
    pub fn enumeration(&self, name: &TypeName) -> Option<&EnumType> {
        self.enums.get(name).or_else(|| self.types.enumeration(name))
    }

    /// The nested type of this name, of this service or of another one.
    pub fn object(&self, name: &TypeName) -> Option<&ObjectType> {
        self.objects.get(name).or_else(|| self.types.object(name))
    }

    /// The entry type (projection or CRUD) with this name.
    pub fn entry(&self, name: &TypeName) -> Option<&EntryType> {
        let projection = self.projections.get(name).map(|projection| &projection.entry);
        projection.or_else(|| self.cruds.get(name).map(|crud| &crud.entry))
    }

    /// The inputs that these places stand in, sorted: what the header of a file names that is generated from just those. It must
    /// not name more, or two branches that each add an input would meet in every header.
    pub fn inputs_of(&self, places: impl IntoIterator<Item = Place>) -> Vec<String> {
        let paths: BTreeSet<&String> = places.into_iter().filter_map(|place| self.paths.get(&place.file)).collect();
        paths.into_iter().cloned().collect()
    }

    /// The folders (or single files) that the inputs lie in: what the header of a list names.
    pub fn input_folders(&self) -> Vec<String> {
        let folder = |path: &String| path.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        let folders: BTreeSet<String> = self.inputs.iter().map(folder).collect();
        folders.into_iter().collect()
    }

    /// Projections and CRUD types together, by name.
    pub fn entries(&self) -> BTreeMap<&TypeName, &EntryType> {
        let projections = self.projections.iter().map(|(name, projection)| (name, &projection.entry));
        projections.chain(self.cruds.iter().map(|(name, crud)| (name, &crud.entry))).collect()
    }
}
