//! In which step each state entry is read: behind those that its tags name.

use crate::diagnostic::codes::rules::CIRCLE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Expr, ExprKind, FieldName, StateEntry, TagPart, Var};

/// Numbers the steps from 1. Entries that wait for each other are reported.
pub(super) fn number(entries: &mut [StateEntry], sink: &mut Sink) {
    let named: Vec<Vec<usize>> = entries.iter().map(|entry| named(entry, entries)).collect();
    let mut steps: Vec<Option<usize>> = vec![None; entries.len()];
    // Each round settles at least one entry, or all that are left wait for each other.
    for _ in 0..entries.len() {
        for (at, before) in named.iter().enumerate() {
            let step = before.iter().try_fold(0, |last: usize, other| Some(last.max(steps[*other]?)));
            steps[at] = step.map(|last| last + 1);
        }
    }
    if let Some(circle) = circle(&named, &steps) {
        report(&circle.into_iter().map(|at| &entries[at]).collect::<Vec<_>>(), sink);
    }
    for (entry, step) in entries.iter_mut().zip(steps) {
        entry.step = step.unwrap_or(1);
    }
}

/// Where the entries stand that the tags of this one name.
fn named(entry: &StateEntry, entries: &[StateEntry]) -> Vec<usize> {
    let mut names = Vec::new();
    for part in entry.tags.iter().flat_map(|tag| &tag.parts) {
        if let TagPart::Hole(hole) = part {
            collect(hole, &mut names);
        }
    }
    let number = |name: &FieldName| entries.iter().position(|entry| entry.name == *name);
    names.iter().filter_map(|name| number(name)).collect()
}

fn collect<'a>(expr: &'a Expr, names: &mut Vec<&'a FieldName>) {
    if let ExprKind::Var(Var::StateEntry(name) | Var::StateOfItem(name)) = &expr.kind {
        names.push(name);
    }
    for child in expr.children() {
        collect(child, names);
    }
}

/// One circle among the entries that have no step: whoever follows one of their names long enough walks in it.
fn circle(named: &[Vec<usize>], steps: &[Option<usize>]) -> Option<Vec<usize>> {
    let mut walked = vec![steps.iter().position(Option::is_none)?];
    loop {
        let last = *walked.last()?;
        let next = *named[last].iter().find(|other| steps[**other].is_none())?;
        if let Some(start) = walked.iter().position(|at| *at == next) {
            return Some(walked.split_off(start));
        }
        walked.push(next);
    }
}

fn report(circle: &[&StateEntry], sink: &mut Sink) {
    let Some(first) = circle.first() else { return };
    let names: Vec<String> = circle.iter().chain([first]).map(|entry| format!("`{}`", entry.name)).collect();
    let message = match circle {
        [_] => format!("a tag of {} names the entry itself: {}", names[0], names.join(" → ")),
        _ => format!("the tags of these state entries name each other: {}", names.join(" → ")),
    };
    let mut problem = Diagnostic::error(CIRCLE, first.place, message).label("it would have to be read before itself");
    for other in &circle[1..] {
        problem = problem.related(other.place, "this belongs to the circle");
    }
    sink.push(problem.help("one of them needs tags over the command's fields alone"));
}
