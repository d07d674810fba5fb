//! `scaffold.lock/<service>/<Message>.fields`: the numbers that protobuf fields have, once and for all.
//!
//! One line a field, `number name`, sorted by number; a field that is gone stays as `number -name`, so that its number is never
//! used again. Two branches that number a field of the same message conflict in git on purpose.

use super::{Files, Owner, Payloads};
use crate::diagnostic::{Code, Diagnostic, Sink, codes::ownership};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of the lock, below the project.
pub const FOLDER: &str = "scaffold.lock";

/// Numbers that protobuf keeps for itself.
const PROTO_RESERVED: std::ops::RangeInclusive<u32> = 19_000..=19_999;

/// All numbers of a project, by service and message, and what its events are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    messages: BTreeMap<(String, String), Message>,
    /// What this run asked for; the fields of all else are gone.
    asked: BTreeSet<(String, String)>,
    /// What events are made of.
    pub payloads: Payloads,
}

/// The lines of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    lines: BTreeMap<u32, Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    gone: bool,
}

impl Lock {
    /// Reads the lock's files, each given as its path relative to the project and its text; other files of the folder are passed over.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)> + Clone, sink: &mut Sink) -> Self {
        let mut lock = Self { payloads: Payloads::parse(files.clone(), sink), ..Self::default() };
        for (path, text) in files {
            let Some(key) = key(path) else { continue };
            lock.messages.insert(key, parse_message(path, text, sink));
        }
        lock
    }

    /// The numbers of a message's fields: those they had, or the next free ones in the order given. Fields that are not named
    /// any more become reserved.
    pub fn numbers(&mut self, service: &str, message: &str, fields: &[String]) -> BTreeMap<String, u32> {
        let key = (service.to_owned(), message.to_owned());
        self.asked.insert(key.clone());
        let lines = &mut self.messages.entry(key).or_default().lines;
        for line in lines.values_mut() {
            line.gone |= !fields.contains(&line.name);
        }
        let mut numbers: BTreeMap<String, u32> =
            lines.iter().filter(|(_, line)| !line.gone).map(|(number, line)| (line.name.clone(), *number)).collect();
        for name in fields {
            if !numbers.contains_key(name) {
                let number = next(lines.keys().next_back().copied().unwrap_or(0));
                lines.insert(number, Line { name: name.clone(), gone: false });
                numbers.insert(name.clone(), number);
            }
        }
        numbers
    }

    /// Takes over what a copy of this lock was asked for and has given.
    pub fn take_over(&mut self, copy: Self) {
        let Self { mut messages, asked, .. } = copy;
        for key in asked {
            if let Some(message) = messages.remove(&key) {
                self.messages.insert(key.clone(), message);
            }
            self.asked.insert(key);
        }
    }

    /// Numbers of a message that are never used again, with the names they had.
    pub fn reserved(&self, service: &str, message: &str) -> Vec<(u32, &str)> {
        let message = self.messages.get(&(service.to_owned(), message.to_owned()));
        let lines = message.into_iter().flat_map(|message| &message.lines);
        lines.filter(|(_, line)| line.gone).map(|(number, line)| (*number, line.name.as_str())).collect()
    }

    /// Adds the lock's files. Messages that nobody asked for keep their file with every number reserved.
    pub fn push_files(mut self, files: &mut Files) {
        self.payloads.push_files(files);
        for (key, message) in &mut self.messages {
            if !self.asked.contains(key) {
                message.lines.values_mut().for_each(|line| line.gone = true);
            }
            let (service, name) = key;
            files.push(Owner::OursList, format!("{FOLDER}/{service}/{name}.fields"), print(message));
        }
    }
}

fn next(last: u32) -> u32 {
    let next = last + 1;
    if PROTO_RESERVED.contains(&next) { PROTO_RESERVED.end() + 1 } else { next }
}

/// Service and message of a path such as `scaffold.lock/enrollment/Course.fields`.
fn key(path: &str) -> Option<(String, String)> {
    let (service, file) = path.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
    Some((service.to_owned(), file.strip_suffix(".fields")?.to_owned()))
}

fn print(message: &Message) -> String {
    let line = |(number, line): (&u32, &Line)| format!("{number} {}{}\n", if line.gone { "-" } else { "" }, line.name);
    message.lines.iter().map(line).collect()
}

fn parse_message(path: &str, text: &str, sink: &mut Sink) -> Message {
    let mut message = Message::default();
    for (index, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let at = format!("{path}:{}", index + 1);
        let Some((number, line)) = parse_line(text) else {
            sink.push(problem(ownership::LOCK_LINE, format!("{at}: `{text}` is no line of the lock")));
            continue;
        };
        let doubled = message.lines.values().any(|other| other.name == line.name && !other.gone && !line.gone);
        if message.lines.contains_key(&number) || doubled {
            let what = if doubled { format!("field `{}`", line.name) } else { format!("number {number}") };
            sink.push(problem(ownership::NUMBER_TWICE, format!("{at}: {what} is given twice")));
            continue;
        }
        message.lines.insert(number, line);
    }
    message
}

fn parse_line(text: &str) -> Option<(u32, Line)> {
    let (number, name) = text.trim().split_once(' ')?;
    let number = number.parse().ok().filter(|number| (1..=536_870_911).contains(number))?;
    let (gone, name) = match name.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, name),
    };
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    is_name.then(|| (number, Line { name: name.to_owned(), gone }))
}

fn problem(code: Code, message: String) -> Diagnostic {
    Diagnostic::global(code, message)
        .help("keep the line of the branch that was released first, and give the other field the next free number")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn text(lock: Lock) -> String {
        let mut files = Files::default();
        lock.push_files(&mut files);
        files.iter().map(|file| format!("{}\n{}", file.path, file.contents)).collect()
    }

    #[test]
    fn a_number_stays_with_its_field_and_is_never_used_again() {
        let mut sink = Sink::default();
        let mut lock = Lock::parse([("scaffold.lock/s/Course.fields", "1 id\n2 title\n3 -old\n")], &mut sink);
        let numbers = lock.numbers("s", "Course", &names(&["seats", "id", "old"]));
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [("id".into(), 1), ("old".into(), 5), ("seats".into(), 4)]);
        assert_eq!(lock.reserved("s", "Course"), [(2, "title"), (3, "old")]);
        assert!(!sink.has_errors());
        assert_eq!(text(lock), "scaffold.lock/s/Course.fields\n1 id\n2 -title\n3 -old\n4 seats\n5 old\n");
    }

    #[test]
    fn a_message_that_vanished_keeps_its_numbers_reserved() {
        let mut sink = Sink::default();
        let lock =
            Lock::parse([("scaffold.lock/s/Gone.fields", "1 id\n"), ("scaffold.lock/files", "x y\n")], &mut sink);
        assert_eq!(text(lock), "scaffold.lock/s/Gone.fields\n1 -id\n");
    }

    #[test]
    fn a_number_or_field_given_twice_and_a_conflict_marker_are_errors() {
        let mut sink = Sink::default();
        Lock::parse([("scaffold.lock/s/A.fields", "1 id\n<<<<<<< HEAD\n2 a\n2 b\n3 id\n0 x\n")], &mut sink);
        let found: Vec<_> = sink.sorted().iter().map(|problem| problem.message.clone()).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.iter().any(|message| message.contains("A.fields:4: number 2 is given twice")));
        assert!(found.iter().any(|message| message.contains("A.fields:5: field `id` is given twice")));
    }

    #[test]
    fn protobufs_own_numbers_are_skipped() {
        assert_eq!(next(18_999), 20_000);
    }
}
