//! Names that are given once, and what is said of them.

use crate::diagnostic::codes::names::DOUBLED_NAME;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;
use crate::source::Name;
use std::collections::BTreeMap;

/// Remembers where names were first given and reports those given again.
#[derive(Default)]
pub(super) struct Names {
    given: BTreeMap<String, Place>,
}

impl Names {
    /// Is this the first with its name? `what` names the kind in the message: `event`.
    pub fn first(&mut self, what: &str, name: &Name, sink: &mut Sink) -> bool {
        let Some(first) = self.given.get(&name.value) else {
            self.given.insert(name.value.clone(), name.place);
            return true;
        };
        let message = format!("the {what} `{}` is given twice", name.value);
        let diagnostic = Diagnostic::error(DOUBLED_NAME, name.place, message).label("given again");
        sink.push(diagnostic.related(*first, "given first"));
        false
    }
}

/// A description, if there is one.
pub(super) fn doc(raw: &Option<Name>) -> Option<String> {
    raw.as_ref().map(|doc| doc.value.clone())
}
