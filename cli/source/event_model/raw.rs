//! A file of the event model as written, with every key of the language.

use crate::place::{FileId, Place};
use crate::source::{Name, Placed, RawExpr, RawTemplate, RawType};

/// One YAML file of a service.
#[derive(Clone, Debug)]
pub struct RawModel {
    /// The file.
    pub file: FileId,
    /// `events`
    pub events: Vec<RawEvent>,
    /// `commands`
    pub commands: Vec<RawCommand>,
    /// `views`
    pub views: Vec<RawView>,
    /// `automations`
    pub automations: Vec<RawAutomation>,
}

/// An entry of `events`.
#[derive(Clone, Debug)]
pub struct RawEvent {
    /// Its name.
    pub name: Name,
    /// `doc`
    pub doc: Option<Name>,
    /// `renamed`: the names that it had, oldest first.
    pub renamed: Vec<Name>,
    /// `topic`
    pub topic: Option<Name>,
    /// `version`, at least 1.
    pub version: Option<Placed<u32>>,
    /// `fields`
    pub fields: Vec<RawField>,
    /// `tags`; none: not written.
    pub tags: Option<Placed<Vec<RawTemplate>>>,
    /// `upcast`; the place is the key's.
    pub upcast: Option<Placed<Vec<RawAssignment>>>,
}

/// A field of an event or a command.
#[derive(Clone, Debug)]
pub struct RawField {
    /// Its name.
    pub name: Name,
    /// Its type; none: missing or unreadable, which was reported.
    pub ty: Option<RawType>,
    /// `doc` of the long form.
    pub doc: Option<Name>,
    /// `gdpr` of the long form.
    pub gdpr: Option<RawGdpr>,
}

/// `gdpr` of a field.
#[derive(Clone, Debug)]
pub struct RawGdpr {
    /// The field that holds the person's id.
    pub subject: Option<Name>,
    /// What stands for an erased value.
    pub default: Option<RawValue>,
    /// The key.
    pub place: Place,
}

/// `name: expression`
#[derive(Clone, Debug)]
pub struct RawAssignment {
    /// What gets the value: a field, or the event that a state entry listens to.
    pub name: Name,
    /// The value.
    pub value: RawExpr,
}

/// An entry of `commands`.
#[derive(Clone, Debug)]
pub struct RawCommand {
    /// Its name.
    pub name: Name,
    /// `doc`
    pub doc: Option<Name>,
    /// `fields`
    pub fields: Vec<RawField>,
    /// `permission`, the list at its place.
    pub permission: Option<Placed<Vec<Name>>>,
    /// `public`
    pub public: Option<Placed<bool>>,
    /// `state`
    pub state: Vec<RawStateEntry>,
    /// `rules`; none: not written.
    pub rules: Option<Placed<Vec<RawRule>>>,
    /// `emit`; none: not written.
    pub emit: Option<Placed<Vec<RawEmit>>>,
    /// `specs`
    pub specs: Vec<RawSpec>,
    /// `generate`: field → how (`uuid`, `digits(6)`); the place is the key's.
    pub generate: Option<Placed<Vec<(Name, Name)>>>,
    /// `decide`
    pub decide: Option<Name>,
    /// `errors`, with `decide: custom`.
    pub errors: Option<Placed<Vec<Name>>>,
    /// `emits`, with `decide: custom`.
    pub emits: Option<Placed<Vec<Name>>>,
}

/// An entry of `state`.
#[derive(Clone, Debug)]
pub struct RawStateEntry {
    /// Its name.
    pub name: Name,
    /// `doc`
    pub doc: Option<Name>,
    /// `type`; none: missing or unreadable, which was reported.
    pub ty: Option<RawType>,
    /// `initial`; none: not written, which is for `lower` to judge.
    pub initial: Option<RawExpr>,
    /// `tags`; none: by type alone.
    pub tags: Option<Placed<Vec<RawTemplate>>>,
    /// `on`: event → new value.
    pub on: Vec<RawAssignment>,
    /// `lastOnly`
    pub last_only: Option<Placed<bool>>,
    /// `each`
    pub each: Option<Name>,
}

/// An entry of `rules`.
#[derive(Clone, Debug)]
pub struct RawRule {
    /// `reject`
    pub reject: RawExpr,
    /// `error`
    pub error: Name,
    /// `message`; none: not written.
    pub message: Option<RawTemplate>,
    /// `each`
    pub each: Option<Name>,
    /// `emit`
    pub emit: Option<Placed<Vec<RawEmit>>>,
    /// The whole rule.
    pub place: Place,
}

/// An entry of `emit`.
#[derive(Clone, Debug)]
pub struct RawEmit {
    /// The event's name.
    pub event: Name,
    /// The values that were written.
    pub values: Vec<RawAssignment>,
    /// `when`
    pub when: Option<RawExpr>,
    /// `each`
    pub each: Option<Name>,
    /// The whole entry.
    pub place: Place,
}

/// An example of a command.
#[derive(Clone, Debug)]
pub struct RawSpec {
    /// `name`
    pub name: Name,
    /// `given`
    pub given: Vec<RawSpecEvent>,
    /// `when`: a map (an empty one if nothing was written).
    pub when: RawValue,
    /// `by`
    pub by: Option<RawCaller>,
    /// `then`
    pub then: RawOutcome,
    /// The whole spec.
    pub place: Place,
}

/// An event of an example, or the command that an automation's example expects.
#[derive(Clone, Debug)]
pub struct RawSpecEvent {
    /// Its name.
    pub name: Name,
    /// Its fields: a map (an empty one if nothing was written).
    pub payload: RawValue,
    /// `at`: milliseconds relative to the spec's `now`.
    pub at: Option<Placed<i64>>,
    /// `by`
    pub by: Option<RawCaller>,
    /// `version`: the older one that it was stored as.
    pub version: Option<Placed<u32>>,
}

/// What an example of a command expects.
#[derive(Clone, Debug)]
pub enum RawOutcome {
    /// These events, at the list's place.
    Events(Placed<Vec<RawSpecEvent>>),
    /// A rejection.
    Error {
        /// `error`
        error: Name,
        /// `message`
        message: Option<Name>,
        /// `events`: what is recorded all the same.
        events: Vec<RawSpecEvent>,
    },
    /// Missing or unreadable, which was reported.
    Invalid,
}

/// `by`
#[derive(Clone, Debug)]
pub struct RawCaller {
    /// `by: u1` or `userId`.
    pub user_id: Option<Name>,
    /// `permissions`
    pub permissions: Vec<Name>,
    /// All of it.
    pub place: Place,
}

/// A value of an example as written; it is read by the declared type later.
#[derive(Clone, Debug, PartialEq)]
pub struct RawValue {
    /// What it is.
    pub kind: RawValueKind,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValueKind {
    /// A plain or quoted value, its text untouched (`012345` stays so).
    Scalar {
        /// After unquoting.
        text: String,
        /// Not quoted: `null`, `~` and nothing at all are null, `true` may be a Boolean.
        plain: bool,
    },
    /// `[a, b]`
    List(Vec<RawValue>),
    /// `{k: v}`, in the order written, no key twice.
    Map(Vec<(Name, RawValue)>),
}

impl RawValue {
    /// Is it a plain `null`, `~` or nothing at all?
    pub fn is_null(&self) -> bool {
        match &self.kind {
            RawValueKind::Scalar { text, plain } => {
                *plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            RawValueKind::List(_) | RawValueKind::Map(_) => false,
        }
    }
}

/// An entry of `views`.
#[derive(Clone, Debug)]
pub struct RawView {
    /// The projection's name.
    pub name: Name,
    /// `specs`
    pub specs: Vec<RawViewSpec>,
}

/// An example of a view.
#[derive(Clone, Debug)]
pub struct RawViewSpec {
    /// `name`
    pub name: Name,
    /// `given`
    pub given: Vec<RawSpecEvent>,
    /// `then`: a map an entry.
    pub then: Vec<RawValue>,
    /// The whole spec.
    pub place: Place,
}

/// An entry of `automations`.
#[derive(Clone, Debug)]
pub struct RawAutomation {
    /// Its name.
    pub name: Name,
    /// `doc`
    pub doc: Option<Name>,
    /// `on`
    pub on: Option<Placed<Vec<Name>>>,
    /// `view`
    pub view: Option<Name>,
    /// `every`, in milliseconds.
    pub every: Option<Placed<i64>>,
    /// `condition`
    pub condition: Option<RawExpr>,
    /// `command`, of this service or `service.Command`.
    pub command: Option<Name>,
    /// `with`
    pub with: Vec<RawAssignment>,
    /// `retry`
    pub retry: Option<RawRetry>,
    /// `effect`
    pub effect: Option<Name>,
    /// `result`
    pub result: Option<RawType>,
    /// `ignore`
    pub ignore: Vec<Name>,
    /// `specs`
    pub specs: Vec<RawAutomationSpec>,
}

/// `retry`
#[derive(Clone, Debug)]
pub struct RawRetry {
    /// `attempts`
    pub attempts: Option<Placed<u32>>,
    /// `from`, in milliseconds.
    pub from: Option<Placed<i64>>,
    /// `to`, in milliseconds.
    pub to: Option<Placed<i64>>,
    /// The key.
    pub place: Place,
}

/// An example of an automation.
#[derive(Clone, Debug)]
pub struct RawAutomationSpec {
    /// `name`
    pub name: Name,
    /// `given`
    pub given: Vec<RawSpecEvent>,
    /// `then`: the commands that it sends.
    pub then: Vec<RawSpecEvent>,
    /// The whole spec.
    pub place: Place,
}
