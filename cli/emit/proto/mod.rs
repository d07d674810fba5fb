//! The protobuf contract of a service: its proto file, with numbers from the lock, and what becomes of it.

mod compile;
mod file;
mod messages;
mod methods;
pub mod wire;

pub use compile::{CompileError, Compiled, Proto, compile};
pub use file::{ProtoFile, Rpc};
pub use messages::{entry_fields, filter_name};

use crate::emit::text::{RenderError, render};
use crate::model::{Model, Service, TypeName};
use crate::output::{Lock, generated_from};
use file::Message;
use messages::Messages;
use methods::Methods;
use std::collections::BTreeSet;

/// The package of a service: `campus.enrollment.v1`.
pub fn package(model: &Model, service: &Service) -> String {
    format!("{}.{}.v1", model.project.name.snake(), service.name.snake())
}

/// The name of a service with its package: `campus.enrollment.v1.EnrollmentService`.
pub fn service(model: &Model, service: &Service) -> String {
    format!("{}.{}Service", package(model, service), service.name.pascal())
}

/// Where the proto file stands below its crate.
pub fn path(model: &Model, service: &Service) -> String {
    format!("{}/service.proto", package(model, service).replace('.', "/"))
}

/// Where the proto file of a service's types stands below their crate, if they have one.
pub fn types_path(model: &Model, service: &Service) -> String {
    format!("{}/types.proto", package(model, service).replace('.', "/"))
}

/// Which proto package and file a type comes from, as seen from one service.
#[derive(Clone, Copy, Debug)]
pub struct Packages<'a> {
    model: &'a Model,
    service: &'a Service,
}

impl Packages<'_> {
    /// The package of another service's type and the file that declares it.
    fn other(&self, name: &TypeName) -> Option<(String, String)> {
        let declarer = self.service.types.service_of(name).filter(|declarer| **declarer != self.service.name)?;
        let declarer = self.model.services.get(declarer.as_written())?;
        Some((package(self.model, declarer), types_path(self.model, declarer)))
    }
}

/// The proto file of a service.
pub fn proto_file(model: &Model, service: &Service, lock: &mut Lock) -> ProtoFile {
    let types = service.is_shared().then(|| types_file(model, service, lock));
    let packages = Packages { model, service };
    let mut methods = Methods::default();
    let mut own = Messages::new(&packages, lock);
    for command in service.commands.values() {
        methods.command(command);
        own.command(command.name.as_written(), command.doc.as_deref(), &command.sent());
    }
    for entry in service.entries().into_values() {
        methods.entry(entry);
        own.entry(entry);
        own.filter(entry);
        own.order(entry);
    }
    for crud in service.cruds.values() {
        own.create(&crud.entry);
        own.update(&crud.entry);
    }
    let enums = if types.is_none() { own.declared() } else { Vec::new() };
    let Messages { messages, mut wrappers, mut imports, .. } = own;
    if let Some(types) = &types {
        wrappers.retain(|name, _| !types.declares(name));
    }
    let messages: Vec<Message> = methods.messages.into_iter().chain(messages).chain(wrappers.into_values()).collect();
    if types
        .is_some_and(|types| messages.iter().flat_map(|message| &message.fields).any(|field| types.declares(&field.ty)))
    {
        imports.insert(types_path(model, service));
    }
    imports.insert("scaffold/v1/types.proto".to_owned());
    ProtoFile {
        header: generated_from(&service.input_folders()),
        package: package(model, service),
        service: Some(format!("{}Service", service.name.pascal())),
        doc: format!("The API of the service `{}`.", service.name),
        imports: with_shared(imports, &messages),
        rpcs: methods.rpcs,
        enums,
        messages,
    }
}

/// The proto file of a service's enums and nested types, where others have them in their fields. Its package is the service's.
pub fn types_file(model: &Model, service: &Service, lock: &mut Lock) -> ProtoFile {
    let packages = Packages { model, service };
    let mut own = Messages::new(&packages, lock);
    let enums = own.declared();
    let Messages { messages, wrappers, imports, .. } = own;
    let messages: Vec<Message> = messages.into_iter().chain(wrappers.into_values()).collect();
    ProtoFile {
        header: generated_from(&service.input_folders()),
        package: package(model, service),
        doc: format!("The types of the service `{}`.", service.name),
        imports: with_shared(imports, &messages),
        enums,
        messages,
        ..ProtoFile::default()
    }
}

/// The files of all shared types, as the proto files of any service may import them.
pub fn types_files(model: &Model, lock: &Lock) -> Result<Vec<Proto>, RenderError> {
    let proto = |service: &Service| {
        // The numbers are asked for again where the file is emitted.
        let file = types_file(model, service, &mut lock.clone());
        let home = format!("::{}_types::proto", service.name.snake());
        let path = |name: &str| {
            let ty = TypeName::new(name).rust();
            (format!(".{}.{name}", file.package), format!("{home}::{ty}"))
        };
        let messages = file.messages.iter().map(|message| path(&message.name));
        let externs = messages.chain(file.enums.iter().map(|ty| path(&ty.name))).collect();
        Ok(Proto { path: types_path(model, service), text: render("generated/grpc/service.proto", &file)?, externs })
    };
    model.shared().map(proto).collect()
}

/// With those files of the runtime and of protobuf itself that the messages need.
fn with_shared(mut imports: BTreeSet<String>, messages: &[Message]) -> BTreeSet<String> {
    for field in messages.iter().flat_map(|message| &message.fields) {
        let path = match field.ty.strip_prefix("scaffold.v1.") {
            Some(name) if name.contains("File") => "scaffold/v1/files.proto",
            Some(_) => "scaffold/v1/types.proto",
            None if field.ty.starts_with("google.") => "google/protobuf/timestamp.proto",
            None => continue,
        };
        imports.insert(path.to_owned());
    }
    imports
}
