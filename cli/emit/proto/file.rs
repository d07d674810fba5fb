//! A proto file as data: what the template renders and nothing else.

use serde::Serialize;

/// The whole file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProtoFile {
    /// The inputs it was made from, for the header.
    pub header: String,
    /// `campus.enrollment.v1`
    pub package: String,
    /// `EnrollmentService`
    pub service: String,
    /// What the service is, for its comment.
    pub doc: String,
    /// Whether an instant occurs.
    pub uses_timestamp: bool,
    /// Whether a file occurs.
    pub uses_files: bool,
    /// Its methods.
    pub rpcs: Vec<Rpc>,
    /// Enums, by name.
    pub enums: Vec<Enum>,
    /// Messages in the order of the methods, then those that several use.
    pub messages: Vec<Message>,
}

/// A method.
#[derive(Clone, Debug, Serialize)]
pub struct Rpc {
    /// Lines of its comment.
    pub doc: Vec<String>,
    /// `GetCourse`
    pub name: String,
    /// The message it takes.
    pub request: String,
    /// The message it answers.
    pub response: String,
    /// Whether it answers with a stream.
    pub streams: bool,
}

/// A message.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Message {
    /// Lines of its comment.
    pub doc: Vec<String>,
    /// Its name.
    pub name: String,
    /// Numbers that are never used again.
    pub reserved: Vec<u32>,
    /// Names that went with them and are not in use.
    pub reserved_names: Vec<String>,
    /// Its fields; of a `oneof` all of them.
    pub fields: Vec<Field>,
    /// The name of the `oneof` that holds all fields.
    pub oneof: Option<String>,
    /// Fields beside the `oneof`.
    pub beside: Vec<Field>,
}

/// A field of a message.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Lines of its comment.
    pub doc: Vec<String>,
    /// ``, `optional ` or `repeated `.
    pub label: &'static str,
    /// `string`, `scaffold.v1.StringList`, `Level`
    pub ty: String,
    /// `course_id`
    pub name: String,
    /// From the lock, or fixed.
    pub number: u32,
}

/// An enum; its value 0 says that none is given.
#[derive(Clone, Debug, Serialize)]
pub struct Enum {
    /// Lines of its comment.
    pub doc: Vec<String>,
    /// Its name.
    pub name: String,
    /// Prefix of its values: `LEVEL`.
    pub prefix: String,
    /// Numbers that are never used again.
    pub reserved: Vec<u32>,
    /// Its values from 1.
    pub values: Vec<Value>,
}

/// A value of an enum.
#[derive(Clone, Debug, Serialize)]
pub struct Value {
    /// Lines of its comment.
    pub doc: Vec<String>,
    /// `LEVEL_BEGINNER`
    pub name: String,
    /// From the lock.
    pub number: u32,
}

impl Message {
    /// A message whose numbers are fixed: those of the fields' order, from 1.
    pub fn fixed<const N: usize>(name: impl Into<String>, doc: &str, fields: [(&'static str, &str, &str); N]) -> Self {
        let numbered = (1u32..).zip(fields);
        let field = |(number, field): (u32, (&'static str, &str, &str))| Field::fixed(number, field);
        Self { doc: lines(Some(doc)), name: name.into(), fields: numbered.map(field).collect(), ..Self::default() }
    }
}

impl Field {
    /// A field whose number is fixed.
    pub fn fixed(number: u32, (label, ty, name): (&'static str, &str, &str)) -> Self {
        Self { doc: Vec::new(), label, ty: ty.to_owned(), name: name.to_owned(), number }
    }
}

/// The lines of a comment.
pub fn lines(doc: Option<&str>) -> Vec<String> {
    doc.map(|doc| doc.trim().lines().map(|line| line.trim().to_owned()).collect()).unwrap_or_default()
}
