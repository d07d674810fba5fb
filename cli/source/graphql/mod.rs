//! The schema: GraphQL files of a service, as written.
//!
//! A reader of our own, for type definitions only: it knows the place of every value of every argument, finds doubled
//! keys, and goes on after a mistake, so that one run reports them all.

mod lexer;
mod merge;
mod parser;
mod raw;
mod string;
#[cfg(test)]
mod tests;
mod value;

pub(super) use merge::merge_extensions;
pub use raw::*;

use crate::diagnostic::Sink;
use crate::place::{FileId, Sources};

/// Reads a file of the schema; what is wrong is reported and left out. Extensions are not merged yet.
pub(super) fn read_schema(sources: &Sources, file: FileId, sink: &mut Sink) -> RawSchema {
    let mut schema = RawSchema {
        file,
        objects: Vec::new(),
        enums: Vec::new(),
        unions: Vec::new(),
        scalars: Vec::new(),
        directives: Vec::new(),
        schemas: Vec::new(),
    };
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    let tokens = lexer::tokens(text, file, sink);
    parser::Parser { tokens, next: 0, sink }.schema(&mut schema);
    schema
}
