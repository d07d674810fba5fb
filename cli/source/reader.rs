//! Nodes of YAML → names, numbers, expressions: what is expected against what stands there.

use super::expression::{RawExpr, RawExprKind, RawTemplate, parse_expression, parse_template};
use super::text::{Name, Placed, Text};
use super::types::{RawType, parse_type};
use super::yaml::{Entry, Node, NodeKind, Scalar};
use crate::diagnostic::codes::reading::{INVALID_VALUE, MISSING_KEY, NOT_PLAIN_EXPRESSION, UNKNOWN_KEY, WRONG_SHAPE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;

/// The keys of a map, taken one by one.
pub(super) struct Keys {
    entries: Vec<Entry>,
    /// What the map is: "the event `Opened`".
    pub what: String,
    /// The map.
    pub place: Place,
}

impl Keys {
    /// Takes the value of a key.
    pub fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|entry| entry.key.value == key)?;
        Some(self.entries.remove(at).value)
    }

    /// What was not taken yet.
    pub fn rest(self) -> Vec<Entry> {
        self.entries
    }
}

impl Node {
    /// Nothing was written: `key:`, `~`, `null`.
    pub fn is_nothing(&self) -> bool {
        match &self.kind {
            NodeKind::Scalar(scalar) => scalar.is_nothing(),
            _ => false,
        }
    }
}

impl Scalar {
    fn is_nothing(&self) -> bool {
        self.plain && matches!(self.text.value.as_str(), "" | "~" | "null")
    }
}

/// Reads nodes and reports what does not fit.
pub(super) struct Reader<'a> {
    /// Where problems go.
    pub sink: &'a mut Sink,
}

impl Reader<'_> {
    /// A map with these keys; others are reported.
    pub fn keys(&mut self, node: Node, what: impl Into<String>, known: &[&str]) -> Option<Keys> {
        let keys = self.open_keys(node, what)?;
        for Entry { key, .. } in keys.entries.iter().filter(|entry| !known.contains(&entry.key.value.as_str())) {
            let problem =
                Diagnostic::error(UNKNOWN_KEY, key.place, format!("{} has no key `{}`", keys.what, key.value));
            self.sink.push(problem.suggest(key, known));
        }
        Some(keys)
    }

    /// A map with any keys.
    pub fn open_keys(&mut self, node: Node, what: impl Into<String>) -> Option<Keys> {
        let (place, what) = (node.place, what.into());
        let entries = self.map(node, &what)?;
        Some(Keys { entries, what, place })
    }

    /// The entries of a map; nothing at all is an empty one.
    pub fn map(&mut self, node: Node, what: &str) -> Option<Vec<Entry>> {
        if node.is_nothing() {
            return Some(Vec::new());
        }
        match node.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => self.shape(&node, &format!("{what} is a map: `{{key: value}}`")),
        }
    }

    /// The elements of a list; nothing at all is an empty one.
    pub fn list(&mut self, node: Node, what: &str) -> Option<Vec<Node>> {
        if node.is_nothing() {
            return Some(Vec::new());
        }
        match node.kind {
            NodeKind::List(elements) => Some(elements),
            _ => self.shape(&node, &format!("{what} is a list: `[a, b]`")),
        }
    }

    /// A text, any plain value taken as it is written.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<Name> {
        self.scalar(node, what).map(|scalar| scalar.text.name())
    }

    /// A list of names.
    pub fn names(&mut self, node: Node, what: &str) -> Option<Placed<Vec<Name>>> {
        let place = node.place;
        let elements = self.list(node, what)?;
        let names = elements.iter().filter_map(|element| self.text(element, &format!("an element of {what}")));
        Some(Placed::new(names.collect(), place))
    }

    /// A name, or a list of them.
    pub fn one_or_more(&mut self, node: Node, what: &str) -> Vec<Name> {
        if matches!(node.kind, NodeKind::Scalar(_)) && !node.is_nothing() {
            return self.text(&node, what).into_iter().collect();
        }
        self.names(node, what).map(|names| names.value).unwrap_or_default()
    }

    /// `true` or `false`
    pub fn flag(&mut self, node: &Node, what: &str) -> Option<Placed<bool>> {
        let text = self.text(node, what)?;
        match text.value.as_str() {
            "true" => Some(Placed::new(true, text.place)),
            "false" => Some(Placed::new(false, text.place)),
            _ => self.value(&text, &format!("{what} is `true` or `false`")),
        }
    }

    /// A whole number from 1 on.
    pub fn number(&mut self, node: &Node, what: &str) -> Option<Placed<u32>> {
        let text = self.text(node, what)?;
        match text.value.parse() {
            Ok(number) if number > 0 => Some(Placed::new(number, text.place)),
            _ => self.value(&text, &format!("{what} is a whole number from 1 on")),
        }
    }

    /// `5s`, `-20m` in milliseconds.
    pub fn duration(&mut self, node: &Node, what: &str) -> Option<Placed<i64>> {
        let text = self.text(node, what)?;
        match duration(&text.value) {
            Some(milliseconds) => Some(Placed::new(milliseconds, text.place)),
            None => self.value(&text, &format!("{what} is a number with `s`, `m`, `h` or `d`: `20m`")),
        }
    }

    /// A type: `ID!`, `"[ID!]!"`.
    pub fn ty(&mut self, node: &Node, what: &str) -> Option<RawType> {
        if matches!(node.kind, NodeKind::List(_)) {
            let problem =
                Diagnostic::error(WRONG_SHAPE, node.place, format!("{what} is a type, but YAML reads a list here"));
            self.sink.push(problem.help("put quotes around a list type: `\"[ID!]!\"`"));
            return None;
        }
        let text = self.scalar(node, what)?.text.clone();
        parse_type(&text, self.sink)
    }

    /// A list of texts with holes.
    pub fn templates(&mut self, node: Node, what: &str) -> Option<Placed<Vec<RawTemplate>>> {
        let place = node.place;
        let elements = self.list(node, what)?;
        let templates = elements.iter().filter_map(|element| self.template(element, &format!("an element of {what}")));
        Some(Placed::new(templates.collect(), place))
    }

    /// A text with holes.
    pub fn template(&mut self, node: &Node, what: &str) -> Option<RawTemplate> {
        let scalar = self.scalar(node, what)?;
        let (text, comment) = (scalar.text.clone(), scalar.comment);
        let open = text.value.matches('{').count() > text.value.matches('}').count();
        if let Some(comment) = comment.filter(|_| open) {
            self.cut_off(text.place, comment);
            return None;
        }
        Some(parse_template(&text, self.sink))
    }

    /// An expression. Bare numbers, `true`, `null` and `[]` are literals; other things of YAML ask for quotes.
    pub fn expression(&mut self, node: &Node, what: &str) -> RawExpr {
        let scalar = match &node.kind {
            NodeKind::Scalar(scalar) => scalar,
            NodeKind::List(elements) if elements.is_empty() => {
                return RawExpr { kind: RawExprKind::List(Vec::new()), place: node.place };
            }
            NodeKind::Broken => return RawExpr::invalid(node.place),
            NodeKind::List(_) | NodeKind::Map(_) => return self.unquoted(node, what),
        };
        if let Some(comment) = scalar.comment.filter(|_| !reads_well(&scalar.text)) {
            self.cut_off(scalar.text.place, comment);
            return RawExpr::invalid(node.place);
        }
        if scalar.plain && matches!(scalar.text.value.as_str(), "null" | "~") {
            return RawExpr { kind: RawExprKind::Nil, place: node.place };
        }
        parse_expression(&scalar.text, self.sink)
    }

    /// Reports a key that must be there.
    pub fn missing(&mut self, place: Place, what: &str, key: &str) {
        let problem = Diagnostic::error(MISSING_KEY, place, format!("{what} lacks `{key}`"));
        self.sink.push(problem.help(format!("add `{key}: …`")));
    }

    fn scalar<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n Scalar> {
        match &node.kind {
            NodeKind::Scalar(scalar) if scalar.plain && scalar.text.value.is_empty() => {
                let problem =
                    Diagnostic::error(WRONG_SHAPE, node.place, format!("{what} is a text, but nothing stands here"));
                self.sink.push(problem);
                None
            }
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => self.shape(node, &format!("{what} is a plain text")),
        }
    }

    fn unquoted(&mut self, node: &Node, what: &str) -> RawExpr {
        let found = if matches!(node.kind, NodeKind::Map(_)) { "map" } else { "list" };
        let message = format!("{what} is an expression, but YAML reads a {found} here");
        let problem = Diagnostic::error(NOT_PLAIN_EXPRESSION, node.place, message);
        self.sink.push(problem.help("put quotes around the whole expression"));
        RawExpr::invalid(node.place)
    }

    fn cut_off(&mut self, place: Place, comment: Place) {
        let place = Place { end: comment.end, ..place };
        let problem =
            Diagnostic::error(NOT_PLAIN_EXPRESSION, place, "YAML cuts this text off where ` #` begins a comment");
        self.sink.push(problem.help("put quotes around the whole text"));
    }

    fn shape<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let found = match &node.kind {
            NodeKind::Scalar(_) => "a plain value",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a map",
            NodeKind::Broken => return None,
        };
        self.sink.push(Diagnostic::error(WRONG_SHAPE, node.place, expected).label(format!("this is {found}")));
        None
    }

    fn value<T>(&mut self, text: &Name, expected: &str) -> Option<T> {
        self.sink.push(Diagnostic::error(INVALID_VALUE, text.place, expected).label(format!("not `{}`", text.value)));
        None
    }
}

fn reads_well(text: &Text) -> bool {
    !parse_expression(text, &mut Sink::default()).is_invalid()
}

fn duration(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let milliseconds = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    number.checked_mul(milliseconds)
}
