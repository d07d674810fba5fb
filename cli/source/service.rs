//! The inputs of every service → its documents: the texts one after the other, and then all of them read side by side.

use super::discovery::Inputs;
use super::files::Folder;
use super::{RawModel, RawSchema, add, merge_extensions, read_model, read_schema};
use crate::diagnostic::Sink;
use crate::parallel::{cores, in_parallel};
use crate::place::{FileId, Sources};
use std::collections::BTreeMap;

/// The documents of one service.
#[derive(Clone, Debug)]
pub struct RawService {
    /// Its name as written (a folder's or a file's name, or a key of `services`).
    pub name: String,
    /// Its schema, a document a file, by path. Extensions are merged.
    pub schemas: Vec<RawSchema>,
    /// Its event model, a document a file, by path.
    pub models: Vec<RawModel>,
    /// Relative paths of all these files, sorted.
    pub inputs: Vec<String>,
}

/// A text that waits to be read, with its service's number.
#[derive(Clone, Copy)]
enum Unread {
    Schema(usize, FileId),
    Model(usize, FileId),
}

/// What a text says.
enum Document {
    Schema(usize, RawSchema),
    Model(usize, RawModel),
}

/// Reads every service; files get their numbers, and problems their order, as if one was read after the other.
pub(super) fn read_services(
    folder: &Folder,
    services: BTreeMap<String, Inputs>,
    sources: &mut Sources,
    sink: &mut Sink,
) -> Vec<RawService> {
    let (mut read, mut texts) = (Vec::with_capacity(services.len()), Vec::new());
    for (number, (name, inputs)) in services.into_iter().enumerate() {
        let mut add = |path: &String| add(folder, path, sources, sink);
        texts.extend(inputs.schemas.iter().filter_map(&mut add).map(|file| Unread::Schema(number, file)));
        texts.extend(inputs.models.iter().filter_map(&mut add).map(|file| Unread::Model(number, file)));
        let inputs = inputs.models.union(&inputs.schemas).cloned().collect();
        read.push(RawService { name, schemas: Vec::new(), models: Vec::new(), inputs });
    }
    for (document, problems) in in_parallel(&texts, cores(), |text| read_document(sources, *text)) {
        sink.extend(problems);
        match document {
            Document::Schema(number, schema) => read[number].schemas.push(schema),
            Document::Model(number, model) => read[number].models.push(model),
        }
    }
    for service in &mut read {
        merge_extensions(&mut service.schemas, sink);
    }
    read
}

fn read_document(sources: &Sources, text: Unread) -> (Document, Sink) {
    let mut sink = Sink::default();
    let document = match text {
        Unread::Schema(service, file) => Document::Schema(service, read_schema(sources, file, &mut sink)),
        Unread::Model(service, file) => Document::Model(service, read_model(sources, file, &mut sink)),
    };
    (document, sink)
}
