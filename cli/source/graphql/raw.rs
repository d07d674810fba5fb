//! A file of the schema as written.

use crate::place::{FileId, Place};
use crate::source::{Name, RawType, Text};

/// One GraphQL file of a service. Extensions are merged into what they extend once all files of the service are read.
#[derive(Clone, Debug)]
pub struct RawSchema {
    /// The file.
    pub file: FileId,
    /// `type`, `input` and `interface`, in the order written.
    pub objects: Vec<RawObject>,
    /// `enum`
    pub enums: Vec<RawEnum>,
    /// `union`: not part of the language, kept so that it can be said.
    pub unions: Vec<Name>,
    /// `scalar`: those that the language knows may be declared.
    pub scalars: Vec<Name>,
    /// `directive @x on …`: ours win, unknown ones are for `lower` to judge.
    pub directives: Vec<Name>,
    /// `schema { … }`: where the word stands.
    pub schemas: Vec<Place>,
}

/// A `type`, `input` or `interface`.
#[derive(Clone, Debug)]
pub struct RawObject {
    /// Which keyword.
    pub kind: RawObjectKind,
    /// Its name.
    pub name: Name,
    /// Its description.
    pub doc: Option<Name>,
    /// `extend` was written (no such object is left after merging).
    pub extends: bool,
    /// `Query`, `Mutation` or `Subscription`, which the tool generates.
    pub is_root: bool,
    /// `implements`
    pub implements: Vec<Name>,
    /// Its directives, in the order written.
    pub directives: Vec<RawDirective>,
    /// Its fields, in the order written, doubled ones too.
    pub fields: Vec<RawSchemaField>,
}

/// Which keyword declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawObjectKind {
    /// `type`
    Type,
    /// `input`
    Input,
    /// `interface`
    Interface,
}

/// A field of a type or an input.
#[derive(Clone, Debug)]
pub struct RawSchemaField {
    /// Its name.
    pub name: Name,
    /// Its description.
    pub doc: Option<Name>,
    /// Its type.
    pub ty: RawType,
    /// Names of its arguments, which stored fields cannot have.
    pub arguments: Vec<Name>,
    /// `= value`, of inputs.
    pub default: Option<RawSchemaValue>,
    /// Its directives, in the order written.
    pub directives: Vec<RawDirective>,
}

/// An `enum`.
#[derive(Clone, Debug)]
pub struct RawEnum {
    /// Its name.
    pub name: Name,
    /// Its description.
    pub doc: Option<Name>,
    /// `extend` was written (no such enum is left after merging).
    pub extends: bool,
    /// Its directives.
    pub directives: Vec<RawDirective>,
    /// Its values, in the order written, doubled ones too.
    pub values: Vec<RawEnumValue>,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct RawEnumValue {
    /// As written.
    pub name: Name,
    /// Its description.
    pub doc: Option<Name>,
    /// Its directives.
    pub directives: Vec<RawDirective>,
}

/// `@name(argument: value)`
#[derive(Clone, Debug)]
pub struct RawDirective {
    /// Without the `@`; the place is with it.
    pub name: Name,
    /// In the order written; a doubled one was reported and the first is kept.
    pub arguments: Vec<RawArgument>,
    /// From `@` to the closing parenthesis.
    pub place: Place,
}

impl RawDirective {
    /// The argument with this name.
    pub fn argument(&self, name: &str) -> Option<&RawSchemaValue> {
        self.arguments.iter().find(|argument| argument.name.value == name).map(|argument| &argument.value)
    }
}

/// `name: value`, of a directive or an object value.
#[derive(Clone, Debug, PartialEq)]
pub struct RawArgument {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: RawSchemaValue,
}

/// A value as GraphQL writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSchemaValue {
    /// What it is.
    pub kind: RawSchemaValueKind,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum RawSchemaValueKind {
    /// `null`
    Null,
    /// `true`
    Boolean(bool),
    /// `42`, as written.
    Int(String),
    /// `1.5`, as written.
    Float(String),
    /// `"…"` or `"""…"""`; [`crate::source::parse_expression`] takes it as it is.
    Text(Text),
    /// `ADMIN`
    Enum(String),
    /// `$name`, which a schema cannot have.
    Variable(String),
    /// `[a, b]`
    List(Vec<RawSchemaValue>),
    /// `{a: b}`; a doubled key was reported and the first is kept.
    Object(Vec<RawArgument>),
}

impl RawSchemaValue {
    /// The text of `"…"`, and of a bare name too (`[STUDENT]` is as good as `["STUDENT"]`).
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            RawSchemaValueKind::Text(text) => Some(&text.value),
            RawSchemaValueKind::Enum(name) => Some(name),
            _ => None,
        }
    }

    /// The elements of a list; of anything else itself, as GraphQL takes a single value for a list of one.
    pub fn elements(&self) -> &[RawSchemaValue] {
        match &self.kind {
            RawSchemaValueKind::List(elements) => elements,
            _ => std::slice::from_ref(self),
        }
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&RawSchemaValue> {
        let RawSchemaValueKind::Object(entries) = &self.kind else { return None };
        entries.iter().find(|entry| entry.name.value == key).map(|entry| &entry.value)
    }
}
