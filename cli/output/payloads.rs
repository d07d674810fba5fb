//! `scaffold.lock/<service>/<Event>.event`: the version of an event and what its payload was made of when that version was first
//! generated, so that a change is noticed which stored events do not go along with.
//!
//! The first line is `version <n>`; `was: <Name>` names what it was called before, oldest first; the others are `<field> <type>`, sorted, with `personal` behind what can be erased; `<Type>.<field>` is one of a nested type that the payload
//! holds somewhere, `<Enum>.<VALUE> value` what an enum may be. A payload of the same version may grow by fields that may be null,
//! and types may become wider; all else stays as it was known, until the version is raised.

mod renamed;

use super::files::{Files, Owner};
use super::lock::FOLDER;
use crate::diagnostic::{Diagnostic, Sink, codes::ownership};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of all events, by service and event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payloads {
    known: BTreeMap<(String, String), Payload>,
}

/// An event's payload: its version, and its fields with their types as the model writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// From 1.
    pub version: u32,
    /// What the event was called before, oldest first.
    pub earlier: Vec<String>,
    /// Type by field, those of nested types among them.
    pub fields: BTreeMap<String, String>,
    /// The fields that are personal.
    pub personal: BTreeSet<String>,
}

/// What stands before an earlier name; no field is called so.
const WAS: &str = "was:";

/// What stands behind the type of a field that is personal.
const PERSONAL: &str = " personal";

/// How a payload differs from what is known of the same version, so that stored events may not fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The version is lower than the known one.
    Lower {
        /// The known one.
        known: u32,
    },
    /// A field is not there any more.
    Gone {
        /// The field.
        field: String,
        /// Its type.
        was: String,
    },
    /// A field's type does not take all values of the known one.
    Retyped {
        /// The field.
        field: String,
        /// The known type.
        was: String,
    },
    /// A field is new and never null.
    Required {
        /// The field.
        field: String,
    },
    /// A field is personal that was not, or the other way round.
    Personal {
        /// The field.
        field: String,
        /// Whether it is now.
        is_now: bool,
    },
}

impl Payload {
    /// Takes what a line says of a field, or of an earlier name; nothing if that is no type, or the field is there already.
    fn take(&mut self, field: &str, written: &str) -> Option<()> {
        if field == WAS {
            self.earlier.push(written.to_owned());
            return is_name(written).then_some(());
        }
        let ty = written.strip_suffix(PERSONAL);
        if ty.is_some() {
            self.personal.insert(field.to_owned());
        }
        let ty = Some(ty.unwrap_or(written)).filter(|ty| !ty.contains(' '))?;
        self.fields.insert(field.to_owned(), ty.to_owned()).is_none().then_some(())
    }

    /// Whether something of this nested type or enum is in it.
    fn holds(&self, nested: &str) -> bool {
        self.fields.keys().any(|field| owner(field) == Some(nested))
    }
}

/// The nested type or enum of `<Type>.<field>`.
fn owner(field: &str) -> Option<&str> {
    field.split_once('.').map(|(owner, _)| owner)
}

impl Payloads {
    /// Reads the files of the lock that are about events; others are passed over.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>, sink: &mut Sink) -> Self {
        let mut payloads = Self::default();
        for (path, text) in files {
            let Some(key) = key(path) else { continue };
            if let Some(payload) = parse_payload(path, text, sink) {
                payloads.known.insert(key, payload);
            }
        }
        payloads
    }

    /// What has changed since the payload's version was first generated.
    pub fn changes(&self, service: &str, event: &str, payload: &Payload) -> Vec<Change> {
        let changes =
            self.known(service, event, &payload.earlier).map(|known| compare(known, payload)).unwrap_or_default();
        // Of a nested type that the payload does not hold any more, the field that held it tells.
        let is_told = |change: &Change| match change {
            Change::Gone { field, .. } => owner(field).is_none_or(|owner| payload.holds(owner)),
            _ => true,
        };
        changes.into_iter().filter(is_told).collect()
    }

    /// Notes a payload as it is generated now.
    pub fn note(&mut self, service: &str, event: &str, mut payload: Payload) {
        self.carry_over(service, event, &mut payload);
        let key = (service.to_owned(), event.to_owned());
        if let Some(known) = self.known.get(&key).filter(|known| known.version >= payload.version) {
            for change in compare(known, &payload) {
                match change {
                    Change::Lower { .. } => {
                        payload = Payload { earlier: payload.earlier, ..known.clone() };
                        break;
                    }
                    Change::Gone { field, was } | Change::Retyped { field, was } => {
                        payload.fields.insert(field, was);
                    }
                    Change::Required { field } => {
                        payload.fields.remove(&field);
                    }
                    Change::Personal { field, is_now: true } => drop(payload.personal.remove(&field)),
                    Change::Personal { field, is_now: false } => drop(payload.personal.insert(field)),
                }
            }
        }
        self.known.insert(key, payload);
    }

    /// Adds the lock's files; those of events that are gone stay, since stored ones do.
    pub fn push_files(&self, files: &mut Files) {
        for ((service, event), payload) in &self.known {
            let mark = |field: &String| if payload.personal.contains(field) { PERSONAL } else { "" };
            let line = |(field, ty): (&String, &String)| format!("{field} {ty}{}\n", mark(field));
            let fields: String = payload.fields.iter().map(line).collect();
            let earlier: String = payload.earlier.iter().map(|name| format!("{WAS} {name}\n")).collect();
            let text = format!("version {}\n{earlier}{fields}", payload.version);
            files.push(Owner::OursList, format!("{FOLDER}/{service}/{event}.event"), text);
        }
    }
}

fn compare(known: &Payload, now: &Payload) -> Vec<Change> {
    if now.version != known.version {
        let is_lower = now.version < known.version;
        return if is_lower { vec![Change::Lower { known: known.version }] } else { Vec::new() };
    }
    let lost = known.fields.iter().filter_map(|(field, was)| {
        let (field, was) = (field.clone(), was.clone());
        match now.fields.get(&field) {
            None => Some(Change::Gone { field, was }),
            Some(ty) => (!takes(ty, &was)).then_some(Change::Retyped { field, was }),
        }
    });
    // A nested type that was not there before has nothing stored.
    let was_there = |field: &str| owner(field).is_none_or(|owner| known.holds(owner));
    let is_new = |field: &String| !known.fields.contains_key(field) && was_there(field);
    let new = now.fields.iter().filter(|(field, ty)| ty.ends_with('!') && is_new(field));
    let is_kept = |field: &&String| known.fields.contains_key(*field) && now.fields.contains_key(*field);
    let marked = now.personal.symmetric_difference(&known.personal).filter(is_kept);
    let marked = marked.map(|field| Change::Personal { field: field.clone(), is_now: now.personal.contains(field) });
    lost.chain(new.map(|(field, _)| Change::Required { field: field.clone() })).chain(marked).collect()
}

/// Whether every value of the known type is one of this type: the same one, with fewer `!`, or one that holds more.
fn takes(ty: &str, known: &str) -> bool {
    if let (Some(ty), Some(known)) = (ty.strip_suffix('!'), known.strip_suffix('!')) {
        return takes(ty, known);
    }
    if ty.ends_with('!') {
        return false;
    }
    let known = known.strip_suffix('!').unwrap_or(known);
    let inside = |list: &str| Some(list.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    match (inside(ty), inside(known)) {
        (Some(ty), Some(known)) => takes(&ty, &known),
        (None, None) => {
            let is_wider = matches!((ty, known), ("ID", "String") | ("String", "ID") | ("Float", "Int") | ("JSON", _));
            ty == known || is_wider
        }
        _ => ty == "JSON",
    }
}

/// Service and event of a path such as `scaffold.lock/enrollment/CourseDefined.event`.
fn key(path: &str) -> Option<(String, String)> {
    let (service, file) = path.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
    Some((service.to_owned(), file.strip_suffix(".event")?.to_owned()))
}

fn parse_payload(path: &str, text: &str, sink: &mut Sink) -> Option<Payload> {
    let mut payload = Payload::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read = match (index, line.trim().split_once(' ')) {
            (0, Some(("version", version))) => version.parse().ok().map(|version| payload.version = version),
            (1.., Some((field, ty))) if field == WAS || is_name(field) => payload.take(field, ty),
            _ => None,
        };
        if read.is_none() {
            let message = format!("{path}:{}: `{line}` is no line of the lock", index + 1);
            let problem = Diagnostic::global(ownership::LOCK_LINE, message);
            sink.push(problem.help("the first line is `version 1`, each other one a field and its type, once"));
            return None;
        }
    }
    Some(payload)
}

fn is_name(text: &str) -> bool {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    text.split_once('.').map_or_else(|| is_word(text), |(owner, field)| is_word(owner) && is_word(field))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn payload(version: u32, fields: &[(&str, &str)]) -> Payload {
        let fields = fields.iter().map(|(field, ty)| ((*field).to_owned(), (*ty).to_owned())).collect();
        Payload { version, fields, ..Payload::default() }
    }

    /// What the lock says after each of the payloads was generated.
    fn noted(payloads: &[Payload]) -> String {
        let mut known = Payloads::default();
        for payload in payloads {
            known.note("s", "Moved", payload.clone());
        }
        let mut files = Files::default();
        known.push_files(&mut files);
        files.get("scaffold.lock/s/Moved.event").unwrap().contents.clone()
    }

    #[test]
    fn a_payload_may_grow_and_widen_within_its_version() {
        let first = payload(1, &[("id", "ID!"), ("floor", "Int!")]);
        let second = payload(1, &[("id", "String!"), ("floor", "Float"), ("note", "String")]);
        assert_eq!(noted(&[first, second]), "version 1\nfloor Float\nid String!\nnote String\n");
    }

    #[test]
    fn what_stored_events_do_not_fit_is_not_taken_over_until_the_version_is_raised() {
        let first = payload(1, &[("id", "ID!"), ("floor", "Int!"), ("note", "String")]);
        let second = payload(1, &[("id", "ID!"), ("floor", "String!"), ("room", "ID!")]);
        let mut known = Payloads::default();
        known.note("s", "Moved", first.clone());
        let gone = Change::Gone { field: "note".to_owned(), was: "String".to_owned() };
        let retyped = Change::Retyped { field: "floor".to_owned(), was: "Int!".to_owned() };
        let required = Change::Required { field: "room".to_owned() };
        assert_eq!(known.changes("s", "Moved", &second), [retyped, gone, required]);
        assert_eq!(noted(&[first.clone(), second.clone()]), noted(std::slice::from_ref(&first)));
        let raised = Payload { version: 2, ..second };
        assert_eq!(known.changes("s", "Moved", &raised), []);
        assert_eq!(noted(&[first.clone(), raised.clone()]), "version 2\nfloor String!\nid ID!\nroom ID!\n");
        assert_eq!(noted(&[raised.clone(), first.clone()]), noted(std::slice::from_ref(&raised)));
        known.note("s", "Moved", raised);
        assert_eq!(known.changes("s", "Moved", &first), [Change::Lower { known: 2 }]);
    }

    #[test]
    fn a_nested_type_is_part_of_each_payload_that_holds_it() {
        let first =
            payload(1, &[("at", "Place!"), ("Place.room", "String!"), ("Level.LOW", "value"), ("level", "Level")]);
        let mut known = Payloads::default();
        known.note("s", "Moved", payload(1, &[("at", "Place!"), ("level", "Level")]));
        assert_eq!(known.changes("s", "Moved", &first), [], "a lock that says nothing of nested types");
        known.note("s", "Moved", first.clone());
        let fields = [
            ("at", "Place!"),
            ("Place.room", "ID"),
            ("Place.floor", "Int!"),
            ("Level.HIGH", "value"),
            ("level", "Level"),
        ];
        let gone = Change::Gone { field: "Level.LOW".to_owned(), was: "value".to_owned() };
        let required = Change::Required { field: "Place.floor".to_owned() };
        assert_eq!(known.changes("s", "Moved", &payload(1, &fields)), [gone, required]);
        // It grows by a type that nothing is stored of, and another type tells by itself that it is another.
        let grown = [("at", "Place!"), ("Place.room", "String!"), ("by", "Person"), ("Person.name", "String!")];
        assert_eq!(
            known.changes(
                "s",
                "Moved",
                &payload(1, &[&grown[..], &[("level", "Level"), ("Level.LOW", "value")]].concat())
            ),
            []
        );
        let other = [("at", "Spot!"), ("Spot.room", "String!"), ("Level.LOW", "value"), ("level", "Level")];
        let retyped = Change::Retyped { field: "at".to_owned(), was: "Place!".to_owned() };
        assert_eq!(known.changes("s", "Moved", &payload(1, &other)), [retyped]);
        known.note("s", "Moved", payload(1, &other));
        assert_eq!(known.changes("s", "Moved", &first), [], "what it was is not forgotten");
    }

    #[test]
    fn what_becomes_personal_or_stops_being_so_is_told() {
        let plain = payload(1, &[("id", "ID!"), ("name", "String!")]);
        let personal = Payload { personal: BTreeSet::from(["name".to_owned()]), ..plain.clone() };
        let told = |first: &Payload, then: &Payload| {
            let mut known = Payloads::default();
            known.note("s", "Moved", first.clone());
            assert_eq!(noted(&[first.clone(), then.clone()]), noted(std::slice::from_ref(first)), "told until then");
            known.changes("s", "Moved", then)
        };
        let change = |is_now| [Change::Personal { field: "name".to_owned(), is_now }];
        assert_eq!(told(&plain, &personal), change(true));
        assert_eq!(told(&personal, &plain), change(false));
        let text = noted(std::slice::from_ref(&personal));
        assert_eq!(text, "version 1\nid ID!\nname String! personal\n");
        let mut sink = Sink::default();
        let known = Payloads::parse([("scaffold.lock/s/Moved.event", text.as_str())], &mut sink);
        assert_eq!((sink.has_errors(), known.changes("s", "Moved", &personal)), (false, Vec::new()));
        let grown = payload(1, &[("id", "ID!")]);
        let mut known = Payloads::default();
        known.note("s", "Moved", grown);
        let with_new = Payload {
            fields: BTreeMap::from([("id".into(), "ID!".into()), ("name".into(), "String".into())]),
            ..personal
        };
        assert_eq!(known.changes("s", "Moved", &with_new), [], "a field that is new may be personal");
    }

    #[test]
    fn types_take_the_values_of_narrower_ones() {
        for (ty, known) in [("Int", "Int!"), ("[ID]", "[String!]!"), ("Float!", "Int!"), ("JSON!", "Level!")] {
            assert!(takes(ty, known) && !takes(known, ty) || (ty, known) == ("ID", "String"), "{ty} {known}");
        }
        for (ty, known) in [("Int!", "Int"), ("[Int]", "Int"), ("Level", "Grade"), ("[Int!]!", "[Int]!")] {
            assert!(!takes(ty, known), "{ty} {known}");
        }
    }

    #[test]
    fn a_broken_line_is_an_error() {
        for text in ["<<<<<<< HEAD\nversion 1\n", "version x\n", "version 1\nid\n", "version 1\nid ID!\nid Int!\n"] {
            let mut sink = Sink::default();
            Payloads::parse([("scaffold.lock/s/Moved.event", text)], &mut sink);
            assert_eq!(sink.sorted().first().unwrap().code, ownership::LOCK_LINE, "{text}");
        }
        let mut sink = Sink::default();
        let files =
            [("scaffold.lock/s/Moved.event", "version 2\nid ID!\n"), ("scaffold.lock/s/Moved.fields", "1 id\n")];
        let known = Payloads::parse(files, &mut sink);
        assert!(!sink.has_errors());
        assert_eq!(known.known.len(), 1);
    }
}
