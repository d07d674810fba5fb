//! Tags over personal data: which of them go with a person is told by the word that they begin with.

use crate::diagnostic::codes::erasure::PERSONAL_TAG;
use crate::diagnostic::codes::lints::PLAIN_TAG;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, EventOrigin, FieldName, Service, TagTemplate};
use std::collections::BTreeSet;

/// What the tags begin with that the runtime gives an event itself.
const INTERNAL: &str = "$";

/// Every event of a service with personal fields.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    if !service.is_personal() {
        return;
    }
    let tagged = || service.events.values().flat_map(|event| event.tags.iter().map(move |tag| Tagged::of(event, tag)));
    let mut personal: Vec<Tagged<'_>> = Vec::new();
    for tag in tagged() {
        if tag.is_broken() || !tag.can_be_erased(sink) {
            continue;
        }
        match personal.iter().find(|other| other.is_of(tag.event) && tag.goes_apart(other)) {
            Some(other) => tag.divided(other, sink),
            None => personal.push(tag),
        }
    }
    let is_plain = |tag: &Tagged<'_>| tag.subjects.is_empty() && tag.event.origin == EventOrigin::Model;
    for tag in tagged().filter(is_plain) {
        let others = personal.iter().filter(|other| !other.subjects.is_empty() && !other.is_of(tag.event));
        if let Some(other) = others.into_iter().find(|other| tag.goes_apart(other)) {
            tag.stays(other, sink);
        }
    }
}

/// A tag of an event, and whose data is in it.
struct Tagged<'a> {
    event: &'a Event,
    tag: &'a TagTemplate,
    subjects: BTreeSet<&'a FieldName>,
}

impl<'a> Tagged<'a> {
    fn of(event: &'a Event, tag: &'a TagTemplate) -> Self {
        Self { event, tag, subjects: event.subjects(tag) }
    }

    /// One that was reported already, for which something stands.
    fn is_broken(&self) -> bool {
        self.tag.parts.iter().all(|part| *part == crate::model::TagPart::Text(String::new()))
    }

    fn is_of(&self, event: &Event) -> bool {
        self.event.name == event.name
    }

    /// Both begin with the same word, and one of them goes without the other.
    fn goes_apart(&self, other: &Self) -> bool {
        self.tag.word().is_some() && self.tag.word() == other.tag.word() && self.subjects != other.subjects
    }

    fn can_be_erased(&self, sink: &mut Sink) -> bool {
        let word = self.tag.word();
        let problem = if word.is_some_and(|word| word.starts_with(INTERNAL)) {
            let message =
                format!("a tag cannot begin with `{INTERNAL}`: so do those by which a person's events are found");
            self.problem(message).help("begin it with another word")
        } else if self.subjects.len() > 1 {
            let names: Vec<String> = self.subjects.iter().map(|name| format!("`{name}`")).collect();
            let problem = self.problem("a tag holds the data of two persons".to_owned());
            let problem = problem.label(format!("that of {}", names.join(" and ")));
            problem.help("give each a tag of its own, so that one can go and the other stay")
        } else if word.is_none() && !self.subjects.is_empty() {
            let problem = self.problem("a tag over personal data begins with a word and a colon".to_owned());
            problem.label("nothing tells it from other tags").help("for example `\"email:{email}\"`")
        } else {
            return true;
        };
        sink.push(problem);
        false
    }

    /// Two tags of one event with the same word, which do not go together.
    fn divided(&self, other: &Self, sink: &mut Sink) {
        let word = self.tag.word().unwrap_or_default();
        let message =
            format!("tags of `{}` begin with `{word}:`, and not all go with the same person", self.event.name);
        let problem = self.problem(message).label(self.owner()).related(other.tag.place, other.owner());
        sink.push(problem.help("let one of them begin with another word"));
    }

    /// A plain tag of an event where another event's is personal.
    fn stays(&self, other: &Self, sink: &mut Sink) {
        let word = self.tag.word().unwrap_or_default();
        let message = format!(
            "tags that begin with `{word}:` are personal in `{}`, but not in `{}`",
            other.event.name, self.event.name
        );
        let problem = Diagnostic::warning(PLAIN_TAG, self.tag.place, message).label("stays when the person is erased");
        let problem = problem.related(other.tag.place, "over personal data");
        sink.push(problem.help("mark its field by `gdpr` too, or let the tag begin with another word"));
    }

    fn owner(&self) -> String {
        match self.subjects.first() {
            Some(subject) => format!("goes with `{subject}`"),
            None => "stays".to_owned(),
        }
    }

    fn problem(&self, message: String) -> Diagnostic {
        Diagnostic::error(PERSONAL_TAG, self.tag.place, message)
    }
}
