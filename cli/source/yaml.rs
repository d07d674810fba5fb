//! YAML → a tree of plain nodes with their places. The one file that knows the YAML crate.
//!
//! What the languages do not use (tags, anchors, aliases, merge keys, several documents) is reported here, and
//! [`NodeKind::Broken`] stands for it.

use super::text::{Alignment, Escape, Name, Placed, Text};
use crate::diagnostic::codes::reading::{
    DOUBLED_KEY, INVALID_YAML, NOT_PLAIN_EXPRESSION, TOO_DEEP, UNSUPPORTED_YAML, WRONG_SHAPE,
};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place, Sources};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, options};
use std::collections::BTreeMap;

/// How deep lists and maps may nest.
const DEPTH: usize = 64;

/// A value of the file.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum NodeKind {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Reported already.
    Broken,
}

/// A plain, quoted or block text.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub text: Text,
    /// Neither quoted nor a block.
    pub plain: bool,
    /// The ` #` of a comment that stands right behind it.
    pub comment: Option<Place>,
}

/// `key: value`
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Name,
    pub value: Node,
}

/// Reads a file: its one document, or nothing if it has none or is no YAML.
pub(super) fn read_yaml(sources: &Sources, file: FileId, sink: &mut Sink) -> Option<Node> {
    let text = sources.get(file)?.text.as_str();
    let options = options! {
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    let mut builder = Builder { text, file, sink, open: Vec::new(), documents: 0, done: None };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                builder.error(&error);
                return None;
            }
        }
    }
    builder.done
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    /// A map's key that waits for its value.
    key: Option<Name>,
    /// The keys of a map so far.
    seen: BTreeMap<String, Place>,
    /// The next value of a map is a key.
    wants_key: bool,
    broken: bool,
}

struct Builder<'a> {
    text: &'a str,
    file: FileId,
    sink: &'a mut Sink,
    open: Vec<Open>,
    documents: usize,
    done: Option<Node>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: &Span) {
        let place = self.place(span);
        let is_odd = self.report_odd(&event, span, place);
        match event {
            Event::DocumentStart(..) => self.document(place),
            Event::Scalar(value, style, ..) => {
                let kind = if is_odd { NodeKind::Broken } else { NodeKind::Scalar(self.scalar(&value, style, place)) };
                self.add(Node { kind, place });
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.add(Node { kind: NodeKind::Broken, place }),
            Event::SequenceStart(..) => self.begin(NodeKind::List(Vec::new()), place, is_odd),
            Event::MappingStart(..) => self.begin(NodeKind::Map(Vec::new()), place, is_odd),
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            _ => {}
        }
    }

    fn document(&mut self, place: Place) {
        self.documents += 1;
        if self.documents == 2 {
            let problem = Diagnostic::error(UNSUPPORTED_YAML, place, "a second document in one file");
            self.sink.push(problem.help("put it into a file of its own"));
        }
    }

    /// Reports tags, anchors and aliases.
    fn report_odd(&mut self, event: &Event<'_>, span: &Span, place: Place) -> bool {
        let what = if event.is_alias() {
            "alias"
        } else if event.tag().is_some() {
            "tag"
        } else if event.anchor_id().is_some() {
            "anchor"
        } else {
            return false;
        };
        let start = span.tag_start().and_then(|mark| mark.byte_offset()).unwrap_or(place.start as usize);
        let place = if what == "anchor" { self.anchor(place) } else { self.range(start, place.end as usize) };
        let is_text = !matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        let code = if is_text { NOT_PLAIN_EXPRESSION } else { UNSUPPORTED_YAML };
        let sign = match what {
            "alias" => "`*` begins an alias",
            "tag" => "`!` begins a tag",
            _ => "`&` begins an anchor",
        };
        let article = if what == "tag" { "a" } else { "an" };
        let problem = Diagnostic::error(code, place, format!("YAML reads {article} {what} here")).label(sign);
        self.sink.push(problem.help("put quotes around a text or an expression that begins with `!`, `&` or `*`"));
        true
    }

    /// The `&name` in front of what it marks.
    fn anchor(&self, marked: Place) -> Place {
        let before = self.text.get(..marked.start as usize).unwrap_or_default();
        let Some(at) = before.rfind('&') else { return marked };
        let name = before[at..].split(char::is_whitespace).next().unwrap_or_default();
        self.range(at, at + name.len())
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, place: Place) -> Scalar {
        let plain = style == ScalarStyle::Plain;
        // The parser gives `~` for a value that was not written at all.
        let value = if place.start == place.end { "" } else { value };
        let runs = self.runs(value, style, place);
        let text = Text::with_runs(value.to_owned(), place, runs);
        let comment = comment(self.text, place).filter(|_| plain);
        Scalar { text, plain, comment }
    }

    fn runs(&self, value: &str, style: ScalarStyle, place: Place) -> Vec<(u32, u32)> {
        let (start, end) = (place.start as usize, place.end as usize);
        let raw = self.text.get(start..end).unwrap_or_default();
        let (skip, escape): (usize, Escape) = match style {
            ScalarStyle::SingleQuoted => (1, |text| text.starts_with("''").then_some((2, 1))),
            ScalarStyle::DoubleQuoted => (1, double_quoted_escape),
            // The line of the `|` or `>` is no part of the text.
            ScalarStyle::Literal | ScalarStyle::Folded if raw.starts_with(['|', '>']) => {
                (raw.find('\n').map_or(raw.len(), |at| at + 1), |_| None)
            }
            _ => (0, |_| None),
        };
        Alignment { raw: raw.get(skip..).unwrap_or_default(), start: start + skip, escape }.runs(value)
    }

    fn begin(&mut self, kind: NodeKind, place: Place, broken: bool) {
        let wants_key = matches!(kind, NodeKind::Map(_));
        self.open.push(Open { node: Node { kind, place }, key: None, seen: BTreeMap::new(), wants_key, broken });
    }

    fn end(&mut self, place: Place) {
        let Some(mut open) = self.open.pop() else { return };
        let inner = match &open.node.kind {
            NodeKind::List(elements) => elements.last().map_or(0, |element| element.place.end),
            NodeKind::Map(entries) => entries.last().map_or(0, |entry| entry.value.place.end.max(entry.key.place.end)),
            _ => 0,
        };
        // A block ends at its last value; the reader says where the next thing begins.
        let is_flow = self.text.get(open.node.place.start as usize..).is_some_and(|text| text.starts_with(['[', '{']));
        open.node.place.end = if is_flow { place.end } else { inner.max(open.node.place.start) };
        if open.broken {
            open.node.kind = NodeKind::Broken;
        }
        self.add(open.node);
    }

    fn add(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            if self.done.is_none() {
                self.done = Some(node);
            }
            return;
        };
        match &mut open.node.kind {
            NodeKind::List(elements) => elements.push(node),
            NodeKind::Map(_) if open.wants_key => {
                open.wants_key = false;
                self.key(node);
            }
            NodeKind::Map(entries) => {
                open.wants_key = true;
                if let Some(key) = open.key.take() {
                    let value = written(self.text, &key, node);
                    entries.push(Entry { key, value });
                }
            }
            _ => {}
        }
    }

    /// Keeps a map's key until its value comes; without one the value is dropped.
    fn key(&mut self, node: Node) {
        let place = node.place;
        let NodeKind::Scalar(scalar) = node.kind else {
            if !matches!(node.kind, NodeKind::Broken) {
                self.sink.push(
                    Diagnostic::error(WRONG_SHAPE, place, "a key is a plain text")
                        .help("put quotes around a text that begins with `[` or `{`"),
                );
            }
            return;
        };
        let Some(Open { key, seen, .. }) = self.open.last_mut() else { return };
        let text = scalar.text.value;
        if let Some(first) = seen.get(&text) {
            let problem = Diagnostic::error(DOUBLED_KEY, place, format!("the key `{text}` is given twice"));
            self.sink.push(problem.related(*first, "first given here"));
        } else if text == "<<" && scalar.plain {
            let problem = Diagnostic::error(UNSUPPORTED_YAML, place, "merge keys are not part of the language");
            self.sink.push(problem.help("write the entries out"));
        } else {
            seen.insert(text.clone(), place);
            *key = Some(Placed::new(text, place));
        }
    }

    fn error(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(0);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            let message = format!("lists and maps nest deeper than {DEPTH} here");
            self.sink.push(Diagnostic::error(TOO_DEEP, self.range(at, at + 1), message));
            return;
        }
        let problem =
            Diagnostic::error(INVALID_YAML, self.range(at, at), format!("this is not YAML: {}", error.info()));
        let opened = open_bracket(self.text.get(..at).unwrap_or_default()).filter(|_| error.info().contains("flow"));
        let problem = match opened {
            Some(opened) => problem.related(self.range(opened, opened + 1), "opened here, and not closed before that"),
            None => problem,
        };
        let is_list_type = self.text.get(..at).is_some_and(|before| before.ends_with(']'))
            && self.text.get(at..).is_some_and(|rest| rest.starts_with('!'));
        if is_list_type {
            self.sink.push(problem.help("put quotes around a list type: `\"[ID!]!\"`"));
            return;
        }
        self.sink.push(problem.help(
            "a text needs quotes if it begins with a quote, a bracket or one of `!&*@%|>`, or if `: ` or ` #` is part of it",
        ));
    }

    fn place(&self, span: &Span) -> Place {
        let range = span.byte_range().unwrap_or_default();
        self.range(range.start, range.end)
    }

    fn range(&self, start: usize, end: usize) -> Place {
        let byte = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        Place { file: self.file, start: byte(start), end: byte(end.max(start)) }
    }
}

/// Puts a value that was not written right behind its key; the parser has it where the next thing begins.
fn written(text: &str, key: &Name, mut node: Node) -> Node {
    let NodeKind::Scalar(scalar) = &mut node.kind else { return node };
    if node.place.start < node.place.end {
        return node;
    }
    let rest = text.get(key.place.end as usize..).unwrap_or_default();
    let behind = if rest.trim_start().starts_with(':') { rest.len() - rest.trim_start().len() + 1 } else { 0 };
    let start = key.place.end + u32::try_from(behind).unwrap_or(0);
    node.place = Place { start, end: start, ..node.place };
    scalar.text = Text::whole("", node.place);
    scalar.comment = comment(text, node.place);
    node
}

/// The ` #` that stands right behind a place, but for spaces.
fn comment(text: &str, place: Place) -> Option<Place> {
    let rest = text.get(place.end as usize..)?;
    let after = rest.trim_start_matches([' ', '\t']);
    let start = place.end + u32::try_from(rest.len() - after.len()).ok()?;
    after.starts_with('#').then_some(Place { start, end: start + 1, ..place })
}

/// The last `[` or `{` that is still open at the end of this text; brackets in quotes and comments do not count.
fn open_bracket(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some('#'), '\n') => quote = None,
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(mark), _) if mark == letter && !escaped => quote = None,
            (Some(_), _) => {}
            (None, '#') if before.is_whitespace() => quote = Some('#'),
            (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => quote = Some(letter),
            (None, '[' | '{') => open.push(at),
            (None, ']' | '}') => drop(open.pop()),
            (None, _) => {}
        }
        (escaped, before) = (false, letter);
    }
    open.pop()
}

/// How long an escape in double quotes is, and how many letters it gives.
fn double_quoted_escape(text: &str) -> Option<(usize, usize)> {
    let after = text.strip_prefix('\\')?;
    match after.chars().next()? {
        'x' => Some((4, 1)),
        'u' => Some((6, 1)),
        'U' => Some((10, 1)),
        // A line break that the backslash takes away, and the indentation after it.
        '\n' | '\r' => Some((text.len() - after.trim_start().len(), 0)),
        letter => Some((1 + letter.len_utf8(), 1)),
    }
    .filter(|(bytes, _)| text.is_char_boundary(*bytes))
}

#[cfg(test)]
mod tests;
