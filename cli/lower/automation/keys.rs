//! Which keys of an automation go together.

use crate::diagnostic::codes::automations::{NO_ACTION, NO_TRIGGER, SPEC_OF_CUSTOM, TIMES};
use crate::diagnostic::codes::reading::INVALID_VALUE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;
use crate::source::{RawAutomation, RawRetry};

/// Reports what does not; says whether all does.
pub(super) fn fit(raw: &RawAutomation, sink: &mut Sink) -> bool {
    let before = sink.count(crate::diagnostic::Severity::Error);
    trigger(raw, sink);
    action(raw, sink);
    times(raw, sink);
    if let (Some(spec), true) = (raw.specs.first(), raw.effect.is_some()) {
        let message = "an example cannot run your Rust, so nothing can be said of what follows from it";
        let problem = Diagnostic::error(SPEC_OF_CUSTOM, spec.place, message);
        sink.push(problem.help("leave out `specs`, and test the function beside it"));
    }
    sink.count(crate::diagnostic::Severity::Error) == before
}

fn trigger(raw: &RawAutomation, sink: &mut Sink) {
    let name = &raw.name.value;
    match (&raw.on, &raw.view) {
        (Some(on), Some(view)) => {
            let message = format!("`{name}` is started by events or by a view, not by both");
            sink.push(Diagnostic::error(NO_TRIGGER, view.place, message).related(on.place, "the events"));
        }
        (None, None) => {
            let problem = Diagnostic::error(NO_TRIGGER, raw.name.place, format!("nothing starts `{name}`"));
            sink.push(problem.help("name events (`on: [CourseDefined]`) or a projection (`view: OpenOrder`)"));
        }
        (Some(on), None) if on.value.is_empty() => {
            sink.push(Diagnostic::error(NO_TRIGGER, on.place, format!("nothing starts `{name}`: `on` names no event")));
        }
        _ => {}
    }
    if let (Some(every), None) = (&raw.every, &raw.view) {
        let message = "`every` runs again while an entry stays, so it needs a `view`";
        sink.push(Diagnostic::error(NO_TRIGGER, every.place, message));
    }
}

fn action(raw: &RawAutomation, sink: &mut Sink) {
    let mut wrong = |place: Place, message: &str| sink.push(Diagnostic::error(NO_ACTION, place, message));
    match (&raw.command, &raw.effect, &raw.result) {
        (None, None, _) => wrong(raw.name.place, "it does nothing: neither `command` nor `effect`"),
        (Some(command), Some(_), None) => {
            wrong(command.place, "what your Rust returns for this command is not said: `result` is missing");
        }
        (_, None, Some(result)) => {
            wrong(result.place, "`result` is what your Rust returns; `effect: custom` is missing")
        }
        (None, _, Some(result)) => wrong(result.place, "nothing is made of `result`: `command` is missing"),
        _ => {}
    }
    if raw.command.is_none() {
        if let Some(with) = raw.with.first() {
            wrong(with.name.place, "`with` fills a command; `command` is missing");
        }
        if let Some(ignore) = raw.ignore.first() {
            wrong(ignore.place, "`ignore` names errors of a command; `command` is missing");
        }
    }
    if let Some(effect) = raw.effect.as_ref().filter(|effect| effect.value != "custom") {
        let message = "the only effect is `custom`: Rust of your own";
        sink.push(Diagnostic::error(INVALID_VALUE, effect.place, message).label(format!("not `{}`", effect.value)));
    }
}

fn times(raw: &RawAutomation, sink: &mut Sink) {
    let retry = raw.retry.as_ref();
    let waits = retry.into_iter().flat_map(|retry| [&retry.from, &retry.to]).chain([&raw.every]).flatten();
    for wait in waits.filter(|wait| wait.value <= 0) {
        sink.push(Diagnostic::error(TIMES, wait.place, "a wait is longer than nothing"));
    }
    if let Some(RawRetry { from: Some(from), to: Some(to), .. }) = retry
        && from.value > to.value
    {
        let problem = Diagnostic::error(TIMES, to.place, "the longest wait is shorter than the first");
        sink.push(problem.related(from.place, "the first"));
    }
}
