//! Automations: what happens by itself when something has happened, or for as long as a view holds an entry.

use super::{Expr, FieldName, FieldType, SpecEvent, TypeName};
use crate::place::Place;

/// One automation slice.
#[derive(Clone, Debug)]
pub struct Automation {
    /// Its name.
    pub name: TypeName,
    /// What it is for.
    pub doc: Option<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// The service whose events start it, or make the entries of its view: its own or another, as the model calls it.
    pub follows: String,
    /// What it makes of each event that starts it, in the order written; of an entry there is one.
    pub cases: Vec<Case>,
    /// `effect: custom`: Rust of the user's runs first.
    pub is_custom: bool,
    /// What that Rust returns a list of; none: nothing.
    pub result: Option<FieldType>,
    /// The command that it sends, if any.
    pub sends: Option<Sends>,
    /// How often it is tried.
    pub retry: Retry,
    /// Its examples.
    pub specs: Vec<AutomationSpec>,
    /// Its name in the model.
    pub place: Place,
}

impl Automation {
    /// The events that start it; none for one over a view.
    pub fn events(&self) -> impl Iterator<Item = &TypeName> {
        self.cases.iter().filter_map(|case| case.event.as_ref())
    }
}

/// What starts an automation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Events of the service that it follows: those of the cases.
    Events,
    /// The entries that a projection holds, each when it has changed.
    View {
        /// The projection.
        entry: TypeName,
        /// Runs again after so many milliseconds while the entry stays.
        every: Option<i64>,
    },
}

/// What is made of one event, or of an entry.
#[derive(Clone, Debug)]
pub struct Case {
    /// The event; none: an entry.
    pub event: Option<TypeName>,
    /// Nothing is done unless this holds.
    pub condition: Option<Expr>,
    /// A value for every field of the command, in its order; none: the service makes it (`generate`).
    pub values: Vec<(FieldName, Option<Expr>)>,
}

/// The command of an automation.
#[derive(Clone, Debug)]
pub struct Sends {
    /// The service that decides it, as the model calls it.
    pub service: String,
    /// Its name.
    pub command: TypeName,
    /// Rejections that end a run quietly.
    pub ignore: Vec<TypeName>,
    /// Its name below `command`.
    pub place: Place,
}

/// How often a run is tried, and how long it waits between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// So many times in all, then it is parked.
    pub attempts: u32,
    /// Before the second, in milliseconds; each further wait is twice as long.
    pub from: i64,
    /// The longest wait, in milliseconds.
    pub to: i64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, from: 1_000, to: 60_000 }
    }
}

/// An example: these events, those commands.
#[derive(Clone, Debug)]
pub struct AutomationSpec {
    /// As written; the test is named after it.
    pub name: String,
    /// What happened.
    pub given: Vec<SpecEvent>,
    /// The named fields of each command that is sent, in order.
    pub then: Vec<serde_json::Value>,
    /// The spec in the model.
    pub place: Place,
}
