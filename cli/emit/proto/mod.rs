//! The protobuf contract of a service: its proto file, with numbers from the lock, and what becomes of it.

mod compile;
mod file;
mod messages;
mod methods;
pub mod wire;

pub use compile::{CompileError, Compiled, compile};
pub use file::{ProtoFile, Rpc};
pub use messages::{entry_fields, filter_name};

use crate::model::{Model, Service};
use crate::output::{Lock, generated_from};
use file::Message;
use messages::Messages;
use methods::Methods;

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

/// The proto file of a service.
pub fn proto_file(model: &Model, service: &Service, lock: &mut Lock) -> ProtoFile {
    let mut methods = Methods::default();
    let mut own = Messages::new(service, lock);
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
    service.objects.values().for_each(|object| own.object(object));
    let enums = service.enums.values().map(|ty| own.enumeration(ty)).collect();
    let Messages { messages, wrappers, .. } = own;
    let messages: Vec<Message> = methods.messages.into_iter().chain(messages).chain(wrappers.into_values()).collect();
    ProtoFile {
        header: generated_from(&service.input_folders()),
        package: package(model, service),
        service: format!("{}Service", service.name.pascal()),
        doc: format!("The API of the service `{}`.", service.name),
        uses_timestamp: messages
            .iter()
            .flat_map(|message| &message.fields)
            .any(|field| field.ty.starts_with("google.")),
        uses_files: messages
            .iter()
            .flat_map(|message| &message.fields)
            .any(|field| field.ty.starts_with("scaffold.v1.") && field.ty.contains("File")),
        rpcs: methods.rpcs,
        enums,
        messages,
    }
}
