//! A new entry in a file of the event model that is there already: text goes in at its place, all else stays byte by byte.

use super::yaml::{Entry, Node, NodeKind, read_yaml};
use crate::diagnostic::Sink;
use crate::place::Sources;
use std::ops::Range;

/// A text with something new in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// All of it.
    pub text: String,
    /// Which bytes of it are new.
    pub range: Range<usize>,
}

/// Puts an entry below a key of the file (`events`, `commands` …), which is added if it is missing. The entry's lines are
/// indented relative to its name. None if the file is laid out in a way that takes no more lines: braces, or no YAML at all.
pub fn insert_entry(text: &str, section: &str, entry: &[String]) -> Option<Insertion> {
    let mut sources = Sources::default();
    let file = sources.add("", text);
    let mut sink = Sink::default();
    let root = read_yaml(&sources, file, &mut sink);
    if sink.has_errors() || text.lines().any(|line| line.trim_end() == "...") {
        return None;
    }
    let sections = match root {
        None => Vec::new(),
        Some(node) => block(text, node)?,
    };
    let file = Layout::of(text, &sections);
    match sections.into_iter().find(|found| found.key.value == section) {
        None => Some(file.append(section, entry)),
        Some(found) => file.extend(found, entry),
    }
}

/// The entries of a map that is not written in braces.
fn block(text: &str, node: Node) -> Option<Vec<Entry>> {
    let is_flow = text.get(node.place.start as usize..)?.starts_with('{');
    match node.kind {
        NodeKind::Map(entries) if !is_flow => Some(entries),
        _ => None,
    }
}

/// How a file is written.
struct Layout<'a> {
    text: &'a str,
    /// Before the keys of the file, mostly nothing.
    outer: usize,
    /// Before the names below a key.
    inner: usize,
    ending: &'static str,
}

impl<'a> Layout<'a> {
    fn of(text: &'a str, sections: &[Entry]) -> Self {
        let outer = sections.first().map_or(0, |first| column(text, first.key.place.start));
        let names = sections.iter().filter_map(|section| match &section.value.kind {
            NodeKind::Map(entries) => entries.first().filter(|_| !is_flow(text, section)),
            _ => None,
        });
        let inner = names.map(|name| column(text, name.key.place.start)).find(|column| *column > outer);
        let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, outer, inner: inner.unwrap_or(outer + 2), ending }
    }

    /// A key that the file does not have yet, at its end.
    fn append(&self, section: &str, entry: &[String]) -> Insertion {
        let mut added = String::new();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            added.push_str(self.ending);
        }
        if !self.text.trim().is_empty() {
            added.push_str(self.ending);
        }
        added.push_str(&format!("{}{section}:{}", " ".repeat(self.outer), self.ending));
        added.push_str(&self.lines(entry));
        self.put(self.text.len(), added)
    }

    /// One more name below a key.
    fn extend(&self, section: Entry, entry: &[String]) -> Option<Insertion> {
        let place = section.value.place;
        if place.start == place.end {
            return Some(self.put_line(self.line_end(section.key.place.end as usize), &self.lines(entry)));
        }
        let entries = block(self.text, section.value)?;
        let (first, last) = (entries.first()?, entries.last()?);
        let inner = column(self.text, first.key.place.start);
        let end = self.line_end(last.value.place.end.max(last.key.place.end) as usize);
        let end = self.past_comments(end, inner);
        let is_spaced = entries.len() > 1 && self.has_gap_before(last.key.place.start as usize);
        let gap = if is_spaced { self.ending } else { "" };
        let lines = Self { inner, ..*self }.lines(entry);
        Some(self.put_line(end, &format!("{gap}{lines}")))
    }

    /// Where the line after this byte begins; a text that ends with a line break of its own ends there.
    fn line_end(&self, at: usize) -> usize {
        if self.text[..at].ends_with('\n') {
            return at;
        }
        self.text[at..].find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// Comments that are indented like the names belong to what stands above them.
    fn past_comments(&self, start: usize, inner: usize) -> usize {
        let (mut at, mut end) = (start, start);
        for line in self.text[start..].split_inclusive('\n') {
            at += line.len();
            let bare = line.trim_start_matches(' ');
            if bare.starts_with('#') && line.len() - bare.len() >= inner {
                end = at;
            } else if !line.trim().is_empty() {
                break;
            }
        }
        end
    }

    /// Is there an empty line above the name, or above the comments on top of it?
    fn has_gap_before(&self, at: usize) -> bool {
        let above = self.text[..at].lines().rev().skip(1);
        let above = above.map(str::trim).find(|line| !line.starts_with('#'));
        above.is_some_and(str::is_empty)
    }

    fn lines(&self, entry: &[String]) -> String {
        let indent = " ".repeat(self.inner);
        entry.iter().map(|line| format!("{indent}{line}{}", self.ending)).collect()
    }

    /// Puts whole lines where a line begins, or behind a last line that is not ended.
    fn put_line(&self, at: usize, lines: &str) -> Insertion {
        let open = at > 0 && !self.text[..at].ends_with('\n');
        self.put(at, if open { format!("{}{lines}", self.ending) } else { lines.to_owned() })
    }

    fn put(&self, at: usize, added: String) -> Insertion {
        let range = at..at + added.len();
        Insertion { text: format!("{}{added}{}", &self.text[..at], &self.text[at..]), range }
    }
}

fn is_flow(text: &str, section: &Entry) -> bool {
    text.get(section.value.place.start as usize..).is_some_and(|rest| rest.starts_with('{'))
}

/// How many letters stand before this byte in its line.
fn column(text: &str, at: u32) -> usize {
    let before = text.get(..at as usize).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default().chars().count()
}

#[cfg(test)]
mod tests;
