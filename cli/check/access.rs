//! Who may do what: types that anyone may write.

use crate::diagnostic::codes::lints::OPEN_TO_ANYONE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Access, Service};

/// CRUD types whose writing operations ask for no permission.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for crud in service.cruds.values() {
        let access = &crud.entry.access;
        let writing = [("create", &access.create), ("update", &access.update), ("delete", &access.delete)];
        let open: Vec<&str> =
            writing.iter().filter(|(_, access)| **access == Access::Public).map(|(name, _)| *name).collect();
        if open.is_empty() {
            continue;
        }
        let name = &crud.entry.name;
        let message = format!("anyone may {} entries of `{name}`, without a token", joined(&open));
        let example: Vec<String> = open.iter().map(|operation| format!("{operation}: [ADMIN]")).collect();
        let problem = Diagnostic::warning(OPEN_TO_ANYONE, crud.entry.place, message).label("open to the world");
        sink.push(problem.help(format!("say who may: `@permission({})`", example.join(", "))));
    }
}

/// `create, update and delete`
fn joined(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
