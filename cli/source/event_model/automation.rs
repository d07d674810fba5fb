//! `automations`

use super::raw::{RawAutomation, RawAutomationSpec, RawRetry};
use crate::source::reader::Reader;
use crate::source::text::Name;
use crate::source::yaml::Node;

pub(super) const AUTOMATION: &[&str] =
    &["command", "condition", "doc", "effect", "every", "ignore", "on", "result", "retry", "specs", "view", "with"];
pub(super) const RETRY: &[&str] = &["attempts", "from", "to"];
pub(super) const SPEC: &[&str] = &["given", "name", "then"];

impl Reader<'_> {
    pub(super) fn automation(&mut self, name: Name, node: Node) -> Option<RawAutomation> {
        let mut keys = self.keys(node, format!("the automation `{}`", name.value), AUTOMATION)?;
        let with = keys.take("with").and_then(|node| self.map(node, "`with`")).unwrap_or_default();
        let specs = keys.take("specs").and_then(|node| self.list(node, "`specs`")).unwrap_or_default();
        let ignore = keys.take("ignore").and_then(|node| self.names(node, "`ignore`"));
        Some(RawAutomation {
            doc: keys.take("doc").and_then(|node| self.text(&node, "`doc`")),
            on: keys.take("on").and_then(|node| self.names(node, "`on`")),
            view: keys.take("view").and_then(|node| self.text(&node, "`view`")),
            every: keys.take("every").and_then(|node| self.duration(&node, "`every`")),
            condition: keys.take("condition").map(|node| self.expression(&node, "`condition`")),
            command: keys.take("command").and_then(|node| self.text(&node, "`command`")),
            with: self.assignments(with, "`with`"),
            retry: keys.take("retry").and_then(|node| self.retry(node)),
            effect: keys.take("effect").and_then(|node| self.text(&node, "`effect`")),
            result: keys.take("result").and_then(|node| self.ty(&node, "`result`")),
            ignore: ignore.map(|names| names.value).unwrap_or_default(),
            specs: specs.into_iter().filter_map(|node| self.automation_spec(node)).collect(),
            name,
        })
    }

    fn retry(&mut self, node: Node) -> Option<RawRetry> {
        let place = node.place;
        let mut keys = self.keys(node, "`retry`", RETRY)?;
        Some(RawRetry {
            attempts: keys.take("attempts").and_then(|node| self.number(&node, "`attempts`")),
            from: keys.take("from").and_then(|node| self.duration(&node, "`from`")),
            to: keys.take("to").and_then(|node| self.duration(&node, "`to`")),
            place,
        })
    }

    fn automation_spec(&mut self, node: Node) -> Option<RawAutomationSpec> {
        let mut keys = self.keys(node, "an automation's spec", SPEC)?;
        let place = keys.place;
        let given = self.given(&mut keys);
        let Some(then) = keys.take("then") else {
            self.missing(place, "an automation's spec", "then");
            return None;
        };
        let then = self.list(then, "`then` of an automation")?;
        let then = then.into_iter().filter_map(|node| self.named(node, "command")).collect();
        Some(RawAutomationSpec { name: self.name_of(&mut keys)?, given, then, place })
    }
}
