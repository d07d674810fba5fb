//! `events`, and the fields that events and commands have alike.

use super::raw::{RawEvent, RawField, RawGdpr, RawValue, RawValueKind};
use crate::source::reader::Reader;
use crate::source::text::{Name, Placed};
use crate::source::yaml::{Entry, Node, NodeKind};

pub(super) const EVENT: &[&str] = &["doc", "fields", "renamed", "tags", "topic", "upcast", "version"];
pub(super) const FIELD: &[&str] = &["doc", "gdpr", "type"];
pub(super) const GDPR: &[&str] = &["default", "subject"];

impl Reader<'_> {
    pub(super) fn event(&mut self, name: Name, node: Node) -> Option<RawEvent> {
        let what = format!("the event `{}`", name.value);
        let mut keys = self.keys(node, &what, EVENT)?;
        let fields = keys.take("fields").map(|node| self.fields(node, &what)).unwrap_or_default();
        let upcast = keys.take("upcast").map(|node| {
            let place = node.place;
            let entries = self.map(node, &format!("`upcast` of {what}")).unwrap_or_default();
            Placed::new(self.assignments(entries, "`upcast`"), place)
        });
        Some(RawEvent {
            doc: keys.take("doc").and_then(|node| self.text(&node, "`doc`")),
            renamed: keys.take("renamed").map(|node| self.one_or_more(node, "`renamed`")).unwrap_or_default(),
            topic: keys.take("topic").and_then(|node| self.text(&node, "`topic`")),
            version: keys.take("version").and_then(|node| self.number(&node, "`version`")),
            fields,
            tags: keys.take("tags").and_then(|node| self.templates(node, "`tags`")),
            upcast,
            name,
        })
    }

    /// `fields` of an event or a command.
    pub(super) fn fields(&mut self, node: Node, what: &str) -> Vec<RawField> {
        let entries = self.map(node, &format!("`fields` of {what}")).unwrap_or_default();
        entries.into_iter().map(|Entry { key, value }| self.field(key, value)).collect()
    }

    fn field(&mut self, name: Name, node: Node) -> RawField {
        let what = format!("the field `{}`", name.value);
        if !matches!(node.kind, NodeKind::Map(_)) {
            return RawField { ty: self.ty(&node, &what), doc: None, gdpr: None, name };
        }
        let place = node.place;
        let Some(mut keys) = self.keys(node, &what, FIELD) else {
            return RawField { ty: None, doc: None, gdpr: None, name };
        };
        let ty = match keys.take("type") {
            Some(node) => self.ty(&node, "`type`"),
            None => {
                self.missing(place, &what, "type");
                None
            }
        };
        let doc = keys.take("doc").and_then(|node| self.text(&node, "`doc`"));
        let gdpr = keys.take("gdpr").and_then(|node| self.gdpr(node));
        RawField { ty, doc, gdpr, name }
    }

    fn gdpr(&mut self, node: Node) -> Option<RawGdpr> {
        let place = node.place;
        let mut keys = self.keys(node, "`gdpr`", GDPR)?;
        let subject = keys.take("subject").and_then(|node| self.text(&node, "`subject`"));
        Some(RawGdpr { subject, default: keys.take("default").and_then(Self::value_of), place })
    }

    /// A value of an example, whatever it is; none if it was reported already.
    pub(super) fn value_of(node: Node) -> Option<RawValue> {
        let kind = match node.kind {
            NodeKind::Scalar(scalar) => RawValueKind::Scalar { plain: scalar.plain, text: scalar.text.value },
            NodeKind::List(elements) => {
                RawValueKind::List(elements.into_iter().map(Self::value_of).collect::<Option<_>>()?)
            }
            NodeKind::Map(entries) => {
                let values = entries.into_iter().map(|Entry { key, value }| Some((key, Self::value_of(value)?)));
                RawValueKind::Map(values.collect::<Option<_>>()?)
            }
            NodeKind::Broken => return None,
        };
        Some(RawValue { kind, place: node.place })
    }
}
