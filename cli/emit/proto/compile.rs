//! A proto file's text → its descriptors and its Rust: protoc's work, done here so that no project needs a build script.

use crate::embedded;
use prost_build::{Config, Module};
use prost_types::FileDescriptorProto;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use protox::prost::Message;
use std::collections::BTreeMap;

/// The messages that all services share, as proto files name them.
const SHARED: [&str; 2] = ["scaffold/v1/files.proto", "scaffold/v1/types.proto"];

/// What became of a proto file.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The encoded `FileDescriptorSet` with everything that the file imports, for reflection.
    pub descriptors: Vec<u8>,
    /// The messages.
    pub rust: String,
}

/// A proto file that others may import.
#[derive(Clone, Debug)]
pub struct Proto {
    /// As others import it.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Where the Rust of its messages and enums lies: `.campus.billing.v1.Kind` at `::billing_types::proto::Kind`.
    pub externs: Vec<(String, String)>,
}

/// A proto file that was generated and yet does not compile: a fault of the tool, or a name that should have been refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct CompileError {
    path: String,
    reason: String,
}

/// Compiles the text of one proto file, which may import the others.
pub fn compile(path: &str, text: &str, others: &[Proto]) -> Result<Compiled, CompileError> {
    let failed = |reason: String| CompileError { path: path.to_owned(), reason };
    let others = || others.iter().filter(|other| other.path != path);
    let mut resolver = ChainFileResolver::new();
    let known = others().map(|other| (other.path.clone(), other.text.clone()));
    resolver.add(Texts(known.chain([(path.to_owned(), text.to_owned())]).collect()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).include_imports(true);
    compiler.open_file(path).map_err(|error| failed(error.to_string()))?;
    let mut set = compiler.file_descriptor_set();
    let externs = others().flat_map(|other| &other.externs);
    let rust = generate(set.file.clone(), path, externs).map_err(failed)?;
    // Comments help nobody at run time.
    set.file.iter_mut().for_each(|file| file.source_code_info = None);
    // Our files have no options of their own making: those alone would need the compiler's slower way of encoding.
    Ok(Compiled { descriptors: set.encode_to_vec(), rust })
}

/// The Rust of one file; the others are there to be looked at.
fn generate<'a>(
    files: Vec<FileDescriptorProto>,
    path: &str,
    externs: impl Iterator<Item = &'a (String, String)>,
) -> Result<String, String> {
    let mut config = Config::new();
    config.btree_map(["."]).extern_path(".scaffold.v1", "::scaffold_runtime::codegen::wire");
    for (proto, rust) in externs {
        config.extern_path(proto, rust);
    }
    let module_of = |file: &FileDescriptorProto| Module::from_protobuf_package_name(file.package());
    let module = files.iter().find(|file| file.name() == path).map(module_of).ok_or("not compiled")?;
    let requests = files.into_iter().map(|file| (module_of(&file), file)).collect();
    let mut modules = config.generate(requests).map_err(|error| error.to_string())?;
    let text = modules.remove(&module).unwrap_or_default();
    // The first line says whose code it is; the file has a line of its own for that.
    lay_out(text.split_once('\n').map_or("", |(_, text)| text))
}

/// Item by item. A message is written as the printer would lay it out, as long as its lines are short: most of the file needs
/// not be read and printed again.
fn lay_out(written: &str) -> Result<String, String> {
    const END: &str = "\n}\n";
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while !rest.is_empty() {
        let (item, after) = rest.split_at(rest.find(END).map_or(rest.len(), |at| at + END.len()));
        if is_laid_out(item) {
            text.push_str(item);
        } else {
            let file = syn::parse_file(item).map_err(|error| error.to_string())?;
            text.push_str(&prettyplease::unparse(&file));
        }
        rest = after;
    }
    Ok(text)
}

/// Whether this is a message with fields, all on lines that the printer leaves alone.
fn is_laid_out(item: &str) -> bool {
    /// The printer's own.
    const WIDTH: usize = 89;
    const STARTS: [&str; 5] = ["///", "#[derive(Clone, ", "    #[prost(", "    pub ", "    ///"];
    let mut lines = item.lines().peekable();
    let mut structs = 0;
    while let Some(line) = lines.next() {
        let opens = line.starts_with("pub struct ") && line.ends_with('{') && lines.peek() != Some(&"}");
        structs += usize::from(opens);
        let closes = line == "}" && lines.peek().is_none();
        if line.len() > WIDTH || !(opens || closes || STARTS.iter().any(|start| line.starts_with(start))) {
            return false;
        }
    }
    structs == 1
}

/// Files by their paths, beside the one that all projects share.
struct Texts(BTreeMap<String, String>);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if let Some(text) = self.0.get(name) {
            return File::from_source(name, text);
        }
        let shared = embedded::RUNTIME.iter().find(|(path, _)| path.strip_prefix("proto/") == Some(name));
        let shared = shared.filter(|_| SHARED.contains(&name));
        let text = shared.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        text.map_or_else(|| Err(protox::Error::file_not_found(name)), |text| File::from_source(name, text))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Of everything that our proto files may hold, in short and in long.
    const PROTO: &str = r#"syntax = "proto3";
package campus.v1;

// Asks for a `Course`.
//
// - one
// - two
message Get {
  // Its id.
  string id = 1;
  optional int64 limit = 2;
  repeated Level levels = 3;
  map<string, Course> by_name = 4;
  repeated Course a_field_with_a_name_that_is_much_longer_than_any_that_a_careful_person_would_take = 5;
}

// Stands apart.

message Empty {}

message Course {
  Level level = 1;
  Get get = 2;
  bytes type = 3;
}

message Change {
  oneof change {
    Course data = 1;
    string removed = 2;
  }
  repeated string errors = 3;
}

// How hard.
enum Level {
  LEVEL_UNSPECIFIED = 0;
  // Easy.
  LEVEL_EASY = 1;
}
"#;

    #[test]
    fn messages_are_laid_out_as_the_printer_does_it() {
        let mut resolver = ChainFileResolver::new();
        resolver.add(Texts([("a.proto".to_owned(), PROTO.to_owned())].into()));
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_source_info(true).open_file("a.proto").unwrap();
        let file = compiler.file_descriptor_set().file.remove(0);
        let module = Module::from_protobuf_package_name(file.package());
        let mut config = Config::new();
        let text = config.btree_map(["."]).generate(vec![(module.clone(), file)]).unwrap().remove(&module).unwrap();
        let text = text.split_once('\n').unwrap().1;
        let laid_out = lay_out(text).unwrap();
        assert_eq!(laid_out, prettyplease::unparse(&syn::parse_file(text).unwrap()));
        let taken = text.split_inclusive("\n}\n").filter(|item| is_laid_out(item)).count();
        assert_eq!(taken, 2, "a course, and a change with its errors: {text}");
    }
}
