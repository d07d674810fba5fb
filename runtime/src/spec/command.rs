//! What came of a command.

use super::NOW;
use super::happened::Happened;
use super::same;
use crate::caller::{Caller, Context};
use crate::decision::{Decision, Folding, Refused, Rejection};
use crate::event::EventSet;
use crate::expr::EvalError;
use crate::value::Json;

/// What came of a command; dropping it unchecked tests nothing.
#[must_use = "an example checks nothing without then_events or then_rejected"]
#[derive(Debug)]
pub struct Outcome<E, R> {
    result: Result<Vec<E>, Refused<R, E>>,
    /// Given events that no query of the command met, by number and type.
    unmet: Vec<String>,
}

#[track_caller]
#[allow(clippy::panic)]
pub(super) fn run<D: Decision>(
    history: &[Happened<D::Event>],
    caller: &Caller,
    command: &D,
) -> Outcome<D::Event, D::Error> {
    let context = Context { now: NOW, caller };
    let folding = match folded(history, command, context) {
        Ok(folding) => folding,
        Err(error) => return Outcome { result: Err(Refused::Failed(error)), unmet: Vec::new() },
    };
    let unmet = history.iter().filter(|happened| !folding.meets(&happened.meta.event_type, &happened.tags));
    let unmet = unmet.map(|happened| format!("{} {}", happened.meta.position, happened.meta.event_type)).collect();
    Outcome { result: command.decide(folding.state(), &context), unmet }
}

/// Step by step, each event into the entries that read it; where just the newest counts, that one.
fn folded<'a, D: Decision>(
    history: &[Happened<D::Event>],
    command: &'a D,
    context: Context<'a>,
) -> Result<Folding<'a, D>, EvalError> {
    let mut folding = Folding::begin(command, context)?;
    for step in 1..=D::STEPS {
        folding.enter(step)?;
        for happened in history {
            folding.fold(step, &happened.event, &happened.tags, &happened.meta)?;
        }
        for (entry, item) in folding.newest(step) {
            let newest = history.iter().rfind(|happened| item.matches(happened.event.event_type(), &happened.tags));
            if let Some(newest) = newest {
                folding.fold_newest(entry, &newest.event, &newest.meta)?;
            }
        }
    }
    Ok(folding)
}

impl<E: EventSet, R: Rejection> Outcome<E, R> {
    /// Checks that these events were recorded, in this order and no others: `[{"StudentSubscribed": {…}}]`. Only the
    /// fields named count.
    ///
    /// # Panics
    /// If not; the test fails then.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn then_events(self, expected: Json) {
        match &self.result {
            Ok(events) => self.check_events(&expected, events),
            Err(refused) => match rejection(refused) {
                Ok((rejection, _)) => panic!("rejected with {}: {rejection}{}", rejection.code(), self.hint()),
                Err(error) => panic!("failed: {error}{}", self.hint()),
            },
        }
    }

    /// Checks that the command was rejected with this error, and with this message if one is given, and that nothing was
    /// recorded.
    ///
    /// # Panics
    /// If not; the test fails then.
    #[track_caller]
    pub fn then_rejected(self, code: &str, message: Option<&str>) {
        self.then_rejected_recording(code, message, Json::Array(Vec::new()));
    }

    /// Checks that the command was rejected with this error, and with this message if one is given, and that these events
    /// were recorded all the same.
    ///
    /// # Panics
    /// If not; the test fails then.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn then_rejected_recording(self, code: &str, message: Option<&str>, expected: Json) {
        match &self.result {
            Ok(events) => panic!("expected rejection with {code}\nrecorded {:#}{}", as_list(events), self.hint()),
            Err(refused) => match rejection(refused) {
                Err(error) => panic!("expected rejection with {code}\nfailed: {error}{}", self.hint()),
                Ok((rejection, events)) => {
                    assert_eq!(rejection.code(), code, "rejected with another error: {rejection}{}", self.hint());
                    if let Some(message) = message {
                        assert_eq!(rejection.to_string(), message, "the message differs");
                    }
                    self.check_events(&expected, events);
                }
            },
        }
    }

    #[track_caller]
    #[allow(clippy::panic)]
    fn check_events(&self, expected: &Json, events: &[E]) {
        let recorded: Vec<Json> = events.iter().map(as_json).collect();
        let same = expected.as_array().is_some_and(|expected| {
            expected.len() == recorded.len() && expected.iter().zip(&recorded).all(|(e, r)| is_event(e, r))
        });
        if !same {
            panic!("expected {expected:#}\nrecorded {:#}{}", Json::Array(recorded), self.hint());
        }
    }

    /// What often explains a surprise.
    fn hint(&self) -> String {
        if self.unmet.is_empty() {
            return String::new();
        }
        format!("\n(the command's state does not read these given events: {})", self.unmet.join(", "))
    }
}

/// The error of a rule that held, and what it recorded.
fn rejection<R, E>(refused: &Refused<R, E>) -> Result<(&R, &[E]), &EvalError> {
    match refused {
        Refused::Rejected(rejection) => Ok((rejection, &[])),
        Refused::Recorded(recorded) => Ok((&recorded.0, &recorded.1)),
        Refused::Failed(error) => Err(error),
    }
}

#[track_caller]
fn as_list<E: EventSet>(events: &[E]) -> Json {
    Json::Array(events.iter().map(as_json).collect())
}

#[track_caller]
#[allow(clippy::panic)]
fn as_json<E: EventSet>(event: &E) -> Json {
    match event.encode() {
        Ok(payload) => serde_json::json!({ payload.event_type: payload.json }),
        Err(error) => panic!("a recorded event cannot be stored: {error}"),
    }
}

/// Whether `{"Name": {…}}` names this event and what it holds.
fn is_event(expected: &Json, recorded: &Json) -> bool {
    match (expected.as_object(), recorded.as_object()) {
        (Some(expected), Some(recorded)) => expected.len() == recorded.len() && same::names(expected, recorded),
        _ => false,
    }
}
