//! Commands whose state is kept: whether every call that finds a kept state may go on from it.

use crate::diagnostic::codes::lints::NOTHING_SAVED;
use crate::diagnostic::codes::snapshots::{KEEPS_PERSONAL, NOT_OF_EVENTS, NOTHING_TO_KEEP};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::model::{Command, Expr, ExprKind, Service, Snapshots, StateEntry, TagPart, Var};
use crate::place::Place;

/// Every command of the service that has snapshots.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        if let Some(snapshots) = &command.snapshots {
            Kept { service, command, snapshots }.check(sink);
        }
    }
}

/// A command, and what the settings say about its state.
struct Kept<'a> {
    service: &'a Service,
    command: &'a Command,
    snapshots: &'a Snapshots,
}

impl Kept<'_> {
    fn check(&self, sink: &mut Sink) {
        let (name, state) = (&self.command.name, &self.command.state);
        if state.is_empty() {
            let message = format!("`{name}` has no state that could be kept");
            let problem = Diagnostic::error(NOTHING_TO_KEEP, self.snapshots.place, message);
            sink.push(problem.related(self.command.place, "reads no events").help("leave it out"));
            return;
        }
        if state.iter().all(|entry| entry.last_only) {
            let message = format!("snapshots of `{name}` save nothing");
            let problem = Diagnostic::warning(NOTHING_SAVED, self.snapshots.place, message)
                .label("each entry reads its newest event and no other")
                .related(self.command.place, "all of them are `lastOnly`");
            sink.push(problem.help("leave it out"));
        }
        for entry in state {
            self.check_values(entry, sink);
            self.check_personal(entry, sink);
            self.check_step(entry, sink);
        }
    }

    /// The problem at its place, with the line of the settings.
    fn problem(&self, code: Code, place: Place, message: String) -> Diagnostic {
        Diagnostic::error(code, place, message).related(self.snapshots.place, "its state is kept here")
    }

    /// The beginning, and what events make of it.
    fn check_values(&self, entry: &StateEntry, sink: &mut Sink) {
        for value in std::iter::once(&entry.initial).chain(entry.on.values()) {
            let Some(of_call) = of_call(value) else { continue };
            let message = format!("`{}` is kept for other calls, but depends on this one", entry.name);
            let problem = self.problem(NOT_OF_EVENTS, of_call.place, message).label("is another one for each call");
            sink.push(problem.help("let the rules compare what the events say with it"));
        }
    }

    fn check_personal(&self, entry: &StateEntry, sink: &mut Sink) {
        for (event, value) in entry.on.iter().filter_map(|(name, value)| Some((self.service.events.get(name)?, value)))
        {
            let Some((field, personal)) = event.personal_fields().next() else { continue };
            let message = format!("`{}` reads `{}`, whose `{}` is personal", entry.name, event.name, field.name);
            let problem = self.problem(KEEPS_PERSONAL, value.place, message).label("no erasure reaches what is kept");
            let problem = problem.related(personal.place, "personal here");
            sink.push(problem.help(format!("leave `{}` out of `snapshots`", self.command.name)));
        }
    }

    /// A state is found by what its first step reads, and left aside if its later steps have read something else.
    fn check_step(&self, entry: &StateEntry, sink: &mut Sink) {
        for hole in holes(entry).filter(|_| entry.step > 1) {
            let Some(of_call) = of_call(hole) else { continue };
            let message = format!("`{}` is read in step {} by what the call says", entry.name, entry.step);
            let problem = Diagnostic::warning(NOTHING_SAVED, of_call.place, message)
                .label("what was kept for another call is of no use here")
                .related(self.snapshots.place, "one state is kept for all of them");
            sink.push(problem.help("let tags of later steps name state entries alone"));
        }
    }
}

/// The first part of an expression that is another one for each call.
fn of_call(value: &Expr) -> Option<&Expr> {
    let is_of_call = |kind: &ExprKind| {
        matches!(kind, ExprKind::Var(Var::Now | Var::Caller | Var::Command | Var::CommandField(_) | Var::Item(_)))
    };
    if matches!(&value.kind, ExprKind::Field { base, .. } if is_of_call(&base.kind)) || is_of_call(&value.kind) {
        return Some(value);
    }
    value.children().into_iter().find_map(of_call)
}

fn holes(entry: &StateEntry) -> impl Iterator<Item = &Expr> {
    entry.tags.iter().flat_map(|tag| &tag.parts).filter_map(|part| match part {
        TagPart::Hole(hole) => Some(hole),
        TagPart::Text(_) => None,
    })
}
