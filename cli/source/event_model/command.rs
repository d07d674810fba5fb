//! `commands`: state, rules and what they emit.

use super::raw::{RawCommand, RawEmit, RawRule, RawStateEntry};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::reading::{MISSING_KEY, WRONG_SHAPE};
use crate::source::RawExpr;
use crate::source::reader::{Keys, Reader};
use crate::source::text::{Name, Placed};
use crate::source::yaml::{Entry, Node};

pub(super) const COMMAND: &[&str] = &[
    "decide",
    "doc",
    "emit",
    "emits",
    "errors",
    "fields",
    "generate",
    "permission",
    "public",
    "rules",
    "specs",
    "state",
];
pub(super) const STATE: &[&str] = &["doc", "each", "initial", "lastOnly", "on", "tags", "type"];
pub(super) const RULE: &[&str] = &["each", "emit", "error", "message", "reject"];
/// What may stand beside an event's name in `emit`.
pub(super) const EMIT: &[&str] = &["each", "when"];

impl Reader<'_> {
    pub(super) fn command(&mut self, name: Name, node: Node) -> Option<RawCommand> {
        let what = format!("the command `{}`", name.value);
        let mut keys = self.keys(node, &what, COMMAND)?;
        let state = keys.take("state").and_then(|node| self.map(node, &format!("`state` of {what}")));
        let specs = keys.take("specs").and_then(|node| self.list(node, &format!("`specs` of {what}")));
        Some(RawCommand {
            doc: keys.take("doc").and_then(|node| self.text(&node, "`doc`")),
            fields: keys.take("fields").map(|node| self.fields(node, &what)).unwrap_or_default(),
            permission: keys.take("permission").and_then(|node| self.names(node, "`permission`")),
            public: keys.take("public").and_then(|node| self.flag(&node, "`public`")),
            state: state.into_iter().flatten().filter_map(|Entry { key, value }| self.state(key, value)).collect(),
            rules: keys.take("rules").and_then(|node| self.rules(node)),
            emit: keys.take("emit").and_then(|node| self.emits(node)),
            specs: specs.into_iter().flatten().filter_map(|node| self.spec(node)).collect(),
            generate: self.generate(&mut keys),
            decide: keys.take("decide").and_then(|node| self.text(&node, "`decide`")),
            errors: keys.take("errors").and_then(|node| self.names(node, "`errors`")),
            emits: keys.take("emits").and_then(|node| self.names(node, "`emits`")),
            name,
        })
    }

    fn state(&mut self, name: Name, node: Node) -> Option<RawStateEntry> {
        let what = format!("the state entry `{}`", name.value);
        let mut keys = self.keys(node, &what, STATE)?;
        let ty = match keys.take("type") {
            Some(node) => self.ty(&node, "`type`"),
            None => {
                self.missing(name.place, &what, "type");
                None
            }
        };
        let on = keys.take("on").and_then(|node| self.map(node, &format!("`on` of {what}")));
        Some(RawStateEntry {
            doc: keys.take("doc").and_then(|node| self.text(&node, "`doc`")),
            ty,
            initial: keys.take("initial").map(|node| self.expression(&node, "`initial`")),
            tags: keys.take("tags").and_then(|node| self.templates(node, "`tags`")),
            on: on.map(|entries| self.assignments(entries, "`on`")).unwrap_or_default(),
            last_only: keys.take("lastOnly").and_then(|node| self.flag(&node, "`lastOnly`")),
            each: keys.take("each").and_then(|node| self.text(&node, "`each`")),
            name,
        })
    }

    fn rules(&mut self, node: Node) -> Option<Placed<Vec<RawRule>>> {
        let place = node.place;
        let rules = self.list(node, "`rules`")?;
        Some(Placed::new(rules.into_iter().filter_map(|node| self.rule(node)).collect(), place))
    }

    fn rule(&mut self, node: Node) -> Option<RawRule> {
        let place = node.place;
        let mut keys = self.keys(node, "a rule", RULE)?;
        let reject = match keys.take("reject") {
            Some(node) => self.expression(&node, "`reject`"),
            None => {
                self.missing(place, "a rule", "reject");
                RawExpr::invalid(place)
            }
        };
        let error = match keys.take("error") {
            Some(node) => self.text(&node, "`error`"),
            None => {
                self.missing(place, "a rule", "error");
                None
            }
        };
        let message = keys.take("message").and_then(|node| self.template(&node, "`message`"));
        let each = keys.take("each").and_then(|node| self.text(&node, "`each`"));
        let emit = keys.take("emit").and_then(|node| self.emits(node));
        Some(RawRule { reject, error: error?, message, each, emit, place })
    }

    fn emits(&mut self, node: Node) -> Option<Placed<Vec<RawEmit>>> {
        let place = node.place;
        let entries = self.list(node, "`emit`")?;
        Some(Placed::new(entries.into_iter().filter_map(|node| self.emit(node)).collect(), place))
    }

    fn emit(&mut self, node: Node) -> Option<RawEmit> {
        let mut keys = self.open_keys(node, "an entry of `emit`")?;
        let when = keys.take("when").map(|node| self.expression(&node, "`when`"));
        let each = keys.take("each").and_then(|node| self.text(&node, "`each`"));
        let place = keys.place;
        let Entry { key: event, value } = self.only(keys, "event", EMIT)?;
        let values = self.map(value, &format!("what `{}` gets", event.value))?;
        let values = self.assignments(values, "`emit`");
        Some(RawEmit { event, values, when, each, place })
    }

    /// The one entry that is left beside the keys that may stand there too.
    pub(super) fn only(&mut self, keys: Keys, noun: &str, beside: &[&str]) -> Option<Entry> {
        let (place, what) = (keys.place, keys.what.clone());
        let mut rest = keys.rest();
        if rest.is_empty() {
            let problem = Diagnostic::error(MISSING_KEY, place, format!("{what} lacks its {noun}"));
            self.sink.push(problem.help(format!("write the {noun}'s name as a key: `Name: {{}}`")));
            return None;
        }
        let first = rest.remove(0);
        for Entry { key, .. } in rest {
            let message = format!("{what} names one {noun}, not `{}` beside `{}`", key.value, first.key.value);
            let problem = Diagnostic::error(WRONG_SHAPE, key.place, message);
            let problem = problem.related(first.key.place, "named here").suggest(&key, beside);
            self.sink.push(problem.help(format!("begin a new entry with `- ` for each {noun}")));
        }
        Some(first)
    }

    fn generate(&mut self, keys: &mut Keys) -> Option<Placed<Vec<(Name, Name)>>> {
        let node = keys.take("generate")?;
        let place = node.place;
        let entries = self.map(node, "`generate`")?;
        let ways = entries.into_iter().filter_map(|Entry { key, value }| {
            let way = self.text(&value, &format!("the way to generate `{}`", key.value))?;
            Some((key, way))
        });
        Some(Placed::new(ways.collect(), place))
    }
}
