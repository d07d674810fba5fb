//! `specs`: given, when, then.

use super::raw::{RawCaller, RawOutcome, RawSpec, RawSpecEvent, RawValue, RawValueKind, RawView, RawViewSpec};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::reading::WRONG_SHAPE;
use crate::place::Place;
use crate::source::reader::{Keys, Reader};
use crate::source::text::{Name, Placed};
use crate::source::yaml::{Entry, Node, NodeKind};

pub(super) const SPEC: &[&str] = &["by", "given", "name", "then", "when"];
pub(super) const OUTCOME: &[&str] = &["error", "events", "message"];
pub(super) const VIEW: &[&str] = &["specs"];
pub(super) const VIEW_SPEC: &[&str] = &["given", "name", "then"];
pub(super) const CALLER: &[&str] = &["permissions", "userId"];
/// What may stand beside the name of an event that happened.
pub(super) const EVENT: &[&str] = &["at", "by", "version"];

impl Reader<'_> {
    pub(super) fn spec(&mut self, node: Node) -> Option<RawSpec> {
        let mut keys = self.keys(node, "a spec", SPEC)?;
        let place = keys.place;
        let given = self.given(&mut keys);
        let by = keys.take("by").and_then(|node| self.caller(node));
        let when = match keys.take("when") {
            Some(node) => self.payload(node, "`when`"),
            None => Some(empty(place)),
        };
        let then = match keys.take("then") {
            Some(node) => self.outcome(node),
            None => {
                self.missing(place, "a spec", "then");
                RawOutcome::Invalid
            }
        };
        let name = self.name_of(&mut keys)?;
        Some(RawSpec { name, given, when: when?, by, then, place })
    }

    pub(super) fn view(&mut self, name: Name, node: Node) -> Option<RawView> {
        let mut keys = self.keys(node, format!("the view `{}`", name.value), VIEW)?;
        let specs = keys.take("specs").and_then(|node| self.list(node, "`specs`")).unwrap_or_default();
        let specs = specs.into_iter().filter_map(|node| self.view_spec(node)).collect();
        Some(RawView { name, specs })
    }

    fn view_spec(&mut self, node: Node) -> Option<RawViewSpec> {
        let mut keys = self.keys(node, "a view's spec", VIEW_SPEC)?;
        let place = keys.place;
        let given = self.given(&mut keys);
        let Some(then) = keys.take("then") else {
            self.missing(place, "a view's spec", "then");
            return None;
        };
        let then = self.list(then, "`then` of a view")?;
        let then = then.into_iter().filter_map(|node| self.payload(node, "an entry of `then`")).collect();
        Some(RawViewSpec { name: self.name_of(&mut keys)?, given, then, place })
    }

    /// `name`, which every spec has.
    pub(super) fn name_of(&mut self, keys: &mut Keys) -> Option<Name> {
        match keys.take("name") {
            Some(node) => self.text(&node, "`name`"),
            None => {
                self.missing(keys.place, &keys.what, "name");
                None
            }
        }
    }

    /// `given`
    pub(super) fn given(&mut self, keys: &mut Keys) -> Vec<RawSpecEvent> {
        let events = keys.take("given").and_then(|node| self.list(node, "`given`")).unwrap_or_default();
        events.into_iter().filter_map(|node| self.happened(node)).collect()
    }

    /// `Name: {…}` with `at`, `by` and `version` beside it.
    fn happened(&mut self, node: Node) -> Option<RawSpecEvent> {
        let mut keys = self.open_keys(node, "an event of a spec".to_owned())?;
        let at = keys.take("at").and_then(|node| self.duration(&node, "`at`"));
        let by = keys.take("by").and_then(|node| self.caller(node));
        let version = keys.take("version").and_then(|node| self.number(&node, "`version`"));
        let event = self.only_named(keys, "event", EVENT)?;
        Some(RawSpecEvent { at, by, version, ..event })
    }

    /// `Name: {…}`, as `then` expects it.
    pub(super) fn named(&mut self, node: Node, noun: &str) -> Option<RawSpecEvent> {
        let keys = self.open_keys(node, format!("an {noun} of a spec").replace("an command", "a command"))?;
        self.only_named(keys, noun, &[])
    }

    fn only_named(&mut self, keys: Keys, noun: &str, beside: &[&str]) -> Option<RawSpecEvent> {
        let Entry { key: name, value } = self.only(keys, noun, beside)?;
        let payload = self.payload(value, &format!("what `{}` holds", name.value))?;
        Some(RawSpecEvent { name, payload, at: None, by: None, version: None })
    }

    /// A map of values; nothing at all is an empty one.
    fn payload(&mut self, node: Node, what: &str) -> Option<RawValue> {
        let place = node.place;
        if node.is_nothing() {
            return Some(empty(place));
        }
        let entries = self.map(node, what)?;
        Self::value_of(Node { kind: NodeKind::Map(entries), place })
    }

    fn outcome(&mut self, node: Node) -> RawOutcome {
        let place = node.place;
        match node.kind {
            NodeKind::List(events) => {
                let events = events.into_iter().filter_map(|node| self.named(node, "event"));
                RawOutcome::Events(Placed::new(events.collect(), place))
            }
            NodeKind::Map(_) => self.rejection(node).unwrap_or(RawOutcome::Invalid),
            NodeKind::Broken => RawOutcome::Invalid,
            NodeKind::Scalar(_) => {
                let message = "`then` is a list of events or an error";
                let problem = Diagnostic::error(WRONG_SHAPE, place, message).label("this is a plain value");
                self.sink.push(problem.help("write `[]` if nothing comes of it"));
                RawOutcome::Invalid
            }
        }
    }

    fn rejection(&mut self, node: Node) -> Option<RawOutcome> {
        let mut keys = self.keys(node, "`then`", OUTCOME)?;
        let message = keys.take("message").and_then(|node| self.text(&node, "`message`"));
        let events = keys.take("events").and_then(|node| self.list(node, "`events`")).unwrap_or_default();
        let events = events.into_iter().filter_map(|node| self.named(node, "event")).collect();
        let Some(error) = keys.take("error") else {
            self.missing(keys.place, "`then`", "error");
            return None;
        };
        Some(RawOutcome::Error { error: self.text(&error, "`error`")?, message, events })
    }

    fn caller(&mut self, node: Node) -> Option<RawCaller> {
        let place = node.place;
        if !matches!(node.kind, NodeKind::Map(_)) {
            let user_id = self.text(&node, "`by`")?;
            return Some(RawCaller { user_id: Some(user_id), permissions: Vec::new(), place });
        }
        let mut keys = self.keys(node, "`by`", CALLER)?;
        let user_id = keys.take("userId").and_then(|node| self.text(&node, "`userId`"));
        let permissions = keys.take("permissions").and_then(|node| self.names(node, "`permissions`"));
        Some(RawCaller { user_id, permissions: permissions.map(|names| names.value).unwrap_or_default(), place })
    }
}

fn empty(place: Place) -> RawValue {
    RawValue { kind: RawValueKind::Map(Vec::new()), place }
}
