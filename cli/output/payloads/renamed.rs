//! What the lock knows of the names that events had. A renamed event takes what was known of it along.

use super::{Payload, Payloads};
use std::collections::BTreeSet;

impl Payloads {
    /// What is known of an event, by whichever of its names.
    pub(super) fn known(&self, service: &str, event: &str, earlier: &[String]) -> Option<&Payload> {
        let of = |name: &str| self.known.get(&(service.to_owned(), name.to_owned()));
        of(event).or_else(|| earlier.iter().rev().find_map(|name| of(name)))
    }

    /// The earlier names of an event that are gone from what is said of it now: events may be stored under them.
    pub fn forgotten(&self, service: &str, event: &str, payload: &Payload) -> Vec<String> {
        let known = self.known(service, event, &payload.earlier);
        let earlier = known.into_iter().flat_map(|known| &known.earlier);
        earlier.filter(|name| *name != event && !payload.earlier.contains(name)).cloned().collect()
    }

    /// The events that are known and not declared any more, if a new one without earlier names is made of the same: it may be one of
    /// them, renamed. `declared` are all names of the service's events, earlier ones among them.
    pub fn lost(&self, service: &str, event: &str, payload: &Payload, declared: &BTreeSet<&str>) -> Vec<String> {
        if !payload.earlier.is_empty() || self.known(service, event, &[]).is_some() {
            return Vec::new();
        }
        let is_same = |known: &Payload| {
            (known.version, &known.fields, &known.personal) == (payload.version, &payload.fields, &payload.personal)
        };
        let of_service = self.known.iter().filter(|((of, _), _)| of == service);
        let lost = of_service.filter(|((_, name), known)| !declared.contains(name.as_str()) && is_same(known));
        lost.map(|((_, name), _)| name.clone()).collect()
    }

    /// Takes what is known of an event from its earlier names to today's, and keeps names that are not said any more.
    pub(super) fn carry_over(&mut self, service: &str, event: &str, payload: &mut Payload) {
        let forgotten = self.forgotten(service, event, payload);
        if let Some(known) = self.known(service, event, &payload.earlier).cloned() {
            self.known.insert((service.to_owned(), event.to_owned()), known);
        }
        for name in &payload.earlier {
            self.known.remove(&(service.to_owned(), name.clone()));
        }
        payload.earlier.splice(0..0, forgotten);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{Change, Files};
    use super::*;
    use crate::diagnostic::Sink;

    fn payload(earlier: &[&str], fields: &[&str]) -> Payload {
        let fields = fields.iter().map(|field| ((*field).to_owned(), "ID!".to_owned())).collect();
        let earlier = earlier.iter().map(|name| (*name).to_owned()).collect();
        Payload { version: 1, fields, earlier, ..Payload::default() }
    }

    fn written(known: &Payloads) -> Vec<(String, String)> {
        let mut files = Files::default();
        known.push_files(&mut files);
        files.iter().map(|file| (file.path.clone(), file.contents.clone())).collect()
    }

    #[test]
    fn a_renamed_event_takes_what_is_known_of_it_along() {
        let mut known = Payloads::default();
        known.note("s", "Subscribed", payload(&[], &["id"]));
        let renamed = payload(&["Subscribed"], &["id", "course"]);
        let required = [Change::Required { field: "course".to_owned() }];
        assert_eq!(known.changes("s", "Enrolled", &renamed), required);
        known.note("s", "Enrolled", renamed.clone());
        let file = |name: &str, text: &str| vec![(format!("scaffold.lock/s/{name}.event"), text.to_owned())];
        assert_eq!(written(&known), file("Enrolled", "version 1\nwas: Subscribed\nid ID!\n"));
        assert_eq!(known.changes("s", "Enrolled", &renamed), required, "told until the version is raised");
        let texts = written(&known);
        let texts = texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let mut again = Payloads::parse(texts, &mut Sink::default());
        assert_eq!(again, known);
        again.note("s", "Listed", payload(&["Subscribed", "Enrolled"], &["id"]));
        assert_eq!(written(&again), file("Listed", "version 1\nwas: Subscribed\nwas: Enrolled\nid ID!\n"));
    }

    #[test]
    fn a_name_that_is_gone_is_told_and_kept() {
        let mut known = Payloads::default();
        known.note("s", "Enrolled", payload(&["Subscribed"], &["id"]));
        for forgetful in [payload(&[], &["id"]), payload(&["Listed"], &["id"])] {
            assert_eq!(known.forgotten("s", "Enrolled", &forgetful), ["Subscribed"]);
            known.note("s", "Enrolled", forgetful);
            assert!(written(&known)[0].1.starts_with("version 1\nwas: Subscribed\n"));
        }
        // Back to the first name.
        let back = payload(&["Listed", "Enrolled"], &["id"]);
        assert_eq!(known.forgotten("s", "Subscribed", &back), [""; 0]);
    }

    #[test]
    fn a_new_event_made_of_what_a_vanished_one_was_may_be_it() {
        let mut known = Payloads::default();
        known.note("s", "Subscribed", payload(&[], &["id"]));
        let new = payload(&[], &["id"]);
        let lost =
            |declared: &[&str], new: &Payload| known.lost("s", "Enrolled", new, &declared.iter().copied().collect());
        assert_eq!(lost(&["Enrolled"], &new), ["Subscribed"]);
        assert_eq!(lost(&["Enrolled", "Subscribed"], &new), [""; 0], "it is still there");
        assert_eq!(lost(&["Enrolled"], &payload(&[], &["id", "course"])), [""; 0]);
        assert_eq!(lost(&["Enrolled"], &payload(&["Signed"], &["id"])), [""; 0]);
        assert_eq!(known.lost("other", "Enrolled", &new, &BTreeSet::new()), [""; 0]);
    }
}
