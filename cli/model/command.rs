//! Command slices: what a caller asks for, what must be known, what is decided.

use super::{EventField, Expr, FieldName, FieldType, TagTemplate, TypeName};
use crate::place::Place;
use std::collections::BTreeMap;

/// One command slice.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its name.
    pub name: TypeName,
    /// What it is for.
    pub doc: Option<String>,
    /// Its fields in the order written.
    pub fields: Vec<EventField>,
    /// Those of its fields that are made where a caller leaves them out, in the order of the fields.
    pub generated: Vec<Generated>,
    /// Who may send it.
    pub access: Access,
    /// What it needs to know, in the order written.
    pub state: Vec<StateEntry>,
    /// The error cases, in the order written; the first rule that holds rejects.
    pub rules: Vec<Rule>,
    /// Errors by name, each once (several rules may share one), in the order first named.
    pub errors: Vec<ErrorCase>,
    /// What is recorded when no rule rejects.
    pub emits: Vec<Emit>,
    /// The decision is written in Rust; then there are no rules and emits, and the errors have no messages.
    pub custom: Option<CustomDecision>,
    /// Its examples.
    pub specs: Vec<Spec>,
    /// Whether an automation of the project sends it.
    pub is_sent: bool,
    /// Whether its state is kept, so that not every decision reads all of its events.
    pub snapshots: Option<Snapshots>,
    /// Its name in the model.
    pub place: Place,
}

impl Command {
    /// What it may record, be it that no rule rejects or that one does.
    pub fn all_emits(&self) -> impl Iterator<Item = &Emit> {
        self.rules.iter().flat_map(|rule| &rule.emits).chain(&self.emits)
    }

    /// Its fields as callers send them: one that is generated may be left out.
    pub fn sent(&self) -> Vec<EventField> {
        let sent = |field: &EventField| {
            let mut field = field.clone();
            if let Some(generated) = self.generated.iter().find(|generated| generated.field == field.name) {
                let made = match generated.way {
                    Way::Uuid => "Without one it is a new UUID.".to_owned(),
                    Way::Digits(count) => format!("Without one it is {count} random digits."),
                };
                field.ty.required = false;
                field.doc = Some(field.doc.map_or(made.clone(), |doc| format!("{}\n\n{made}", doc.trim_end())));
            }
            field
        };
        self.fields.iter().map(sent).collect()
    }
}

/// What the project's settings say about keeping a command's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshots {
    /// It is kept again whenever so many more events were folded.
    pub every: u32,
    /// The command's name in the settings.
    pub place: Place,
}

/// A field that is made where a caller leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The field.
    pub field: FieldName,
    /// How.
    pub way: Way,
}

/// How a value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A UUID of version 7; it is answered to the caller.
    Uuid,
    /// So many random digits.
    Digits(u8),
}

/// Who may call an operation.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Access {
    /// Anyone, a token or not.
    Public,
    /// Any caller with a valid token.
    #[default]
    SignedIn,
    /// A caller who holds at least one of these permissions.
    AnyOf(Vec<String>),
    /// Nobody from outside.
    Nobody,
}

/// One entry of the decision model.
#[derive(Clone, Debug)]
pub struct StateEntry {
    /// Its name.
    pub name: FieldName,
    /// What it says.
    pub doc: Option<String>,
    /// Its type.
    pub ty: FieldType,
    /// Before the first event.
    pub initial: Expr,
    /// The list field that it has a value of for each element.
    pub each: Option<FieldName>,
    /// Over the command's fields and entries of earlier steps; none: by type alone.
    pub tags: Vec<TagTemplate>,
    /// When it is read, from 1: behind all entries that its tags name.
    pub step: usize,
    /// Only the newest event counts: what it makes of `initial` is the state.
    pub last_only: bool,
    /// How each event changes it, by event.
    pub on: BTreeMap<TypeName, Expr>,
    /// Its name in the model.
    pub place: Place,
}

/// A reason to reject.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The list field that it goes over, one element after the other.
    pub each: Option<FieldName>,
    /// Rejects when this holds.
    pub reject: Expr,
    /// The error's name.
    pub error: TypeName,
    /// What the caller reads.
    pub message: Message,
    /// What is recorded although it rejects.
    pub emits: Vec<Emit>,
    /// The rule in the model.
    pub place: Place,
}

/// One error of a command, with the values that any of its messages shows.
#[derive(Clone, Debug)]
pub struct ErrorCase {
    /// Its name.
    pub name: TypeName,
    /// Its message; all rules that share an error share the message.
    pub message: Message,
    /// Where it is first named.
    pub place: Place,
}

/// A decision that is written in Rust (`decide: custom`).
#[derive(Clone, Debug)]
pub struct CustomDecision {
    /// The events that it may record, in the order written.
    pub emits: Vec<TypeName>,
    /// `custom` in the model.
    pub place: Place,
}

/// A text with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// In order.
    pub parts: Vec<MessagePart>,
}

/// A piece of a [`Message`].
#[derive(Clone, Debug, PartialEq)]
pub enum MessagePart {
    /// Literal text.
    Text(String),
    /// A value; `name` is what the generated error's field is called (`courseId`, `orderTotal` for `order.total`).
    Hole {
        /// Name of the error's field.
        name: FieldName,
        /// Its value.
        value: Expr,
    },
}

/// An event that a command records.
#[derive(Clone, Debug)]
pub struct Emit {
    /// Which event.
    pub event: TypeName,
    /// The list field that it goes over: recorded for each element.
    pub each: Option<FieldName>,
    /// Recorded only if this holds.
    pub when: Option<Expr>,
    /// A value for every field of the event, in its order: what was written, else the command's field of that name, else nil.
    /// A field that may be absent and has neither is left out.
    pub values: Vec<(FieldName, Expr)>,
    /// The entry in the model.
    pub place: Place,
}

/// An example: given, when, then. Values are JSON, already checked against the declared types.
#[derive(Clone, Debug)]
pub struct Spec {
    /// As written; the test is named after it.
    pub name: String,
    /// What happened before.
    pub given: Vec<SpecEvent>,
    /// The command's fields.
    pub when: serde_json::Value,
    /// `by:`, if written.
    pub by: Option<SpecCaller>,
    /// What must come of it.
    pub then: SpecOutcome,
    /// The spec in the model.
    pub place: Place,
}

/// Who acts in an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecCaller {
    /// User id.
    pub user_id: String,
    /// Permissions held.
    pub permissions: Vec<String>,
}

/// An event of an example.
#[derive(Clone, Debug)]
pub struct SpecEvent {
    /// Which event.
    pub event: TypeName,
    /// The whole payload in `given`, the named fields in `then`.
    pub payload: serde_json::Value,
    /// The older version that it was stored as; none: today's.
    pub older: Option<u32>,
    /// `at: -20m`: milliseconds relative to the spec's `now`.
    pub at: i64,
    /// `by:`, if written.
    pub by: Option<SpecCaller>,
    /// The event's name in the spec.
    pub place: Place,
}

/// What an example expects.
#[derive(Clone, Debug)]
pub enum SpecOutcome {
    /// These events and no others.
    Events(Vec<SpecEvent>),
    /// A rejection.
    Error {
        /// The error's name.
        error: TypeName,
        /// Its message, if written.
        message: Option<String>,
        /// What is recorded all the same: these events and no others.
        events: Vec<SpecEvent>,
    },
}
