//! The model → every file of the project, in memory. Pure: nothing is read, nothing is written.

pub mod proto;
pub mod rust;
pub mod text;

use crate::check::CheckedModel;
use crate::model::{Event, EventOrigin, FieldType, Model, Service, Type, TypeName};
use crate::output::{Files, Lock, Payload};
use crate::parallel::{cores, in_parallel};
use std::collections::BTreeSet;

/// Something that no input can cause: a template that does not fit its context, a proto file that does not compile.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A template.
    #[error(transparent)]
    Template(#[from] text::RenderError),
    /// A proto file.
    #[error(transparent)]
    Proto(#[from] proto::CompileError),
}

/// Every file of the project; field numbers come from the lock, and the lock's own files are among the output.
pub fn emit(model: &CheckedModel, lock: Lock) -> Result<Files, EmitError> {
    emit_model(model, lock)
}

/// Parts that know nothing of each other are emitted side by side.
fn emit_model(model: &Model, mut lock: Lock) -> Result<Files, EmitError> {
    // What takes longest first.
    let services = || model.services.values();
    let parts: Vec<Part<'_>> = services()
        .map(Part::Slices)
        .chain(services().map(Part::Grpc))
        .chain(services().map(Part::GatewayOf))
        .chain([Part::Gateway, Part::Project])
        .collect();
    let emitted = in_parallel(&parts, cores(), |part| part.emit(model, &lock));
    let mut files = Files::default();
    for part in emitted {
        let (of_part, numbers) = part?;
        files.extend(of_part);
        if let Some(numbers) = numbers {
            lock.take_over(numbers);
        }
    }
    for service in model.services.values() {
        note_payloads(service, &mut lock);
    }
    lock.push_files(&mut files);
    Ok(files)
}

/// What is emitted by itself.
enum Part<'a> {
    /// A service's own crates, but for those of the next.
    Slices(&'a Service),
    /// Its API and the types that others share, whose fields are numbered.
    Grpc(&'a Service),
    /// What a service adds to the gateway.
    GatewayOf(&'a Service),
    /// The rest of the gateway.
    Gateway,
    /// All else.
    Project,
}

impl Part<'_> {
    /// Its files, and the lock with the numbers that it was asked for, if it was.
    fn emit(&self, model: &Model, lock: &Lock) -> Result<(Files, Option<Lock>), EmitError> {
        let (mut files, mut numbers) = (Files::default(), None);
        match self {
            Self::Gateway => rust::gateway::emit_gateway(model, &mut files)?,
            Self::GatewayOf(service) => rust::gateway::emit_gateway_part(model, service, &mut files),
            Self::Grpc(service) => {
                let lock = numbers.insert(lock.clone());
                rust::sharing::emit_shared_types(model, service, lock, &mut files)?;
                rust::grpc::emit_grpc(model, service, lock, &mut files)?;
            }
            Self::Slices(service) => {
                emit_slices(model, service, &mut files);
                rust::automations::emit_automations(model, service, &mut files)?;
                rust::service::emit_service(service, &mut files)?;
                text::crates::emit_manifests(service, &mut files)?;
                text::decide::emit_decisions(service, &mut files)?;
            }
            Self::Project => {
                rust::app::emit_app(model, &mut files)?;
                text::project::emit_project(model, &mut files)?;
                text::editor::emit_editor(model, &mut files)?;
            }
        }
        Ok((files, numbers))
    }
}

/// The crates of a service's own; one that would be empty does not come to be.
fn emit_slices(model: &Model, service: &Service, files: &mut Files) {
    rust::events::emit_events(service, files);
    if !service.commands.is_empty() {
        rust::commands::emit_commands(service, files);
    }
    if !service.projections.is_empty() {
        rust::projections::emit_projections(model, service, files);
    }
    if !service.cruds.is_empty() {
        rust::crud::emit_crud(service, files);
    }
}

fn note_payloads(service: &Service, lock: &mut Lock) {
    let declared = event_names(service);
    for event in service.events.values() {
        let (of, name) = (service.name.as_written(), event.name.as_written());
        let Some(payload) = payload(service, event) else { continue };
        // What may be a renamed one is told until it is said what it is.
        if lock.payloads.lost(of, name, &payload, &declared).is_empty() {
            lock.payloads.note(of, name, payload);
        }
    }
}

/// All names that the service's events have, and those that they had.
pub fn event_names(service: &Service) -> BTreeSet<&str> {
    let events = service.events.values();
    let names = events.flat_map(|event| event.earlier.iter().map(|earlier| &earlier.name).chain([&event.name]));
    names.map(TypeName::as_written).collect()
}

/// What an event of the model is made of, as the lock notes it; nothing for those of CRUD types, which have no versions.
pub fn payload(service: &Service, event: &Event) -> Option<Payload> {
    let earlier = event.earlier.iter().map(|earlier| earlier.name.to_string()).collect();
    let mut payload = Payload { version: event.version, earlier, ..Payload::default() };
    for field in &event.fields {
        payload.fields.insert(field.name.to_string(), stored(&field.ty).to_string());
        if field.personal.is_some() {
            payload.personal.insert(field.name.to_string());
        }
        note_nested(service, &field.ty, &mut payload);
    }
    (event.origin == EventOrigin::Model).then_some(payload)
}

/// What the type is made of, if the schema declares it, each type once.
fn note_nested(service: &Service, ty: &FieldType, payload: &mut Payload) {
    match &ty.ty {
        Type::List(element) => note_nested(service, element, payload),
        Type::Enum(name) => {
            let values = service.enumeration(name).into_iter().flat_map(|found| &found.values);
            let lines = values.map(|value| (format!("{name}.{}", value.name), "value".to_owned()));
            payload.fields.extend(lines);
        }
        Type::Object(name) => {
            for field in service.object(name).into_iter().flat_map(|object| &object.fields) {
                let known = payload.fields.insert(format!("{name}.{}", field.name), stored(&field.ty).to_string());
                if known.is_none() {
                    note_nested(service, &field.ty, payload);
                }
            }
        }
        _ => {}
    }
}

/// A reference is stored as an id.
fn stored(ty: &FieldType) -> FieldType {
    let stored = match &ty.ty {
        Type::Reference(_) => Type::Id,
        Type::List(element) => Type::List(Box::new(stored(element))),
        other => other.clone(),
    };
    FieldType { ty: stored, required: ty.required }
}
