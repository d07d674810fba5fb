//! The model → every file of the project, in memory. Pure: nothing is read, nothing is written.

pub mod proto;
pub mod rust;
pub mod text;

use crate::check::CheckedModel;
use crate::model::Model;
use crate::output::{Files, Lock};

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

fn emit_model(model: &Model, mut lock: Lock) -> Result<Files, EmitError> {
    let mut files = Files::default();
    for service in model.services.values() {
        rust::events::emit_events(service, &mut files);
        rust::commands::emit_commands(service, &mut files);
        rust::projections::emit_projections(service, &mut files);
        rust::crud::emit_crud(service, &mut files);
        rust::grpc::emit_grpc(model, service, &mut lock, &mut files)?;
        text::crates::emit_manifests(service, &mut files)?;
    }
    rust::gateway::emit_gateway(model, &mut files)?;
    rust::app::emit_app(model, &mut files)?;
    text::project::emit_project(model, &mut files)?;
    lock.push_files(&mut files);
    Ok(files)
}
