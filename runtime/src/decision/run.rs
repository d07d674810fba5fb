//! The loop of a command: note the head, read, fold, decide, append under the same query after that head.

use super::answer::{self, Rejected, Stored};
use super::read::Reading;
use super::snapshots::Keeping;
use super::{DecideError, Decision, Refused, Verdict};
use crate::caller::{Caller, Context};
use crate::event::{EventSet, Metadata, NewEvent, Position, Query};
use crate::store::{Append, AppendError, Appended, Condition, EventStore, Idempotency};
use crate::value::DateTime;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Who sends a command, when, and what goes with it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who sends it; the events go to this caller's tenant.
    pub caller: &'a Caller,
    /// The command's instant.
    pub now: DateTime,
    /// A repeat under the same key gets the first answer.
    pub idempotency_key: Option<String>,
    /// Ids that were generated for the command's fields, to be answered; a repeat answers the first ones.
    pub ids: BTreeMap<String, String>,
    /// What is stored with the events. The user is the caller's, if none is named.
    pub metadata: Metadata,
}

impl<'a> Request<'a> {
    /// A request of this moment with nothing else to it.
    pub fn new(caller: &'a Caller) -> Self {
        let (idempotency_key, ids) = (None, BTreeMap::new());
        Self { caller, now: DateTime::now(), idempotency_key, ids, metadata: Metadata::default() }
    }
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Where its last event stands; the head if it recorded none.
    pub position: Position,
    /// Ids that were generated, by field.
    pub ids: BTreeMap<String, String>,
    /// The types of the events recorded, in order.
    pub events: Vec<String>,
    /// The answer is that of an earlier call with the same idempotency key.
    pub repeated: bool,
}

/// How often to try again when others were faster.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// At most so many attempts, the first included.
    pub attempts: u32,
    /// The longest pause between two.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 100, longest_pause: Duration::from_millis(50) }
    }
}

/// Carries out a command. Access is the caller's business ([`crate::caller::Access::check`]).
///
/// # Errors
/// See [`DecideError`]; nothing is recorded then, but by a rule that records what it rejects.
pub async fn decide<D: Decision>(
    events: &dyn EventStore,
    command: &D,
    request: &Request<'_>,
) -> Result<Decided, DecideError<D::Error>> {
    decide_with(events, command, request, Retry::default()).await
}

/// [`decide`] with retries as given.
///
/// # Errors
/// As for [`decide`].
pub async fn decide_with<D: Decision>(
    events: &dyn EventStore,
    command: &D,
    request: &Request<'_>,
    retry: Retry,
) -> Result<Decided, DecideError<D::Error>> {
    let (decided, keeping) = settled(events, command, request, retry).await;
    if let Some(keeping) = keeping {
        keeping.keep(events).await;
    }
    decided
}

/// [`decide`] for who answers a caller: if the state is to be kept, that goes on behind the answer.
///
/// # Errors
/// As for [`decide`].
pub(crate) async fn decide_promptly<D: Decision>(
    events: &Arc<dyn EventStore>,
    command: &D,
    request: &Request<'_>,
) -> Result<Decided, DecideError<D::Error>> {
    let (decided, keeping) = settled(&**events, command, request, Retry::default()).await;
    if let Some(keeping) = keeping {
        let events = Arc::clone(events);
        tokio::spawn(async move { keeping.keep(&*events).await });
    }
    decided
}

/// What a command came to, and the state that is to be kept of it: whatever it came to, as that does not depend on it.
async fn settled<D: Decision>(
    events: &dyn EventStore,
    command: &D,
    request: &Request<'_>,
    retry: Retry,
) -> (Result<Decided, DecideError<D::Error>>, Option<Keeping>) {
    match answer::first::<D>(events, request).await {
        Ok(Some(first)) => return (answer::repeated::<D>(first), None),
        Ok(None) => {}
        Err(error) => return (Err(error.into()), None),
    }
    let context = Context { now: request.now, caller: request.caller };
    let mut reading = match Reading::begin(events, command, context).await {
        Ok(reading) => reading,
        Err(error) => return (Err(error), None),
    };
    let decided = attempts(&mut reading, command, request, retry).await;
    let keeping = if matches!(decided, Err(DecideError::Store(_))) { None } else { reading.due() };
    (decided, keeping)
}

/// Reads, decides and appends until nobody was faster.
async fn attempts<D: Decision>(
    reading: &mut Reading<'_, D>,
    command: &D,
    request: &Request<'_>,
    retry: Retry,
) -> Result<Decided, DecideError<D::Error>> {
    let events = reading.events();
    let context = Context { now: request.now, caller: request.caller };
    for attempt in 1..=retry.attempts {
        let head = events.head().await?;
        reading.catch_up(head).await?;
        let recording = match Recording::<D>::of(command.decide(reading.state(), &context)) {
            Ok(recording) => recording,
            // What refuses it may be the very events of a twin under the same key that was faster.
            Err(refused) => match answer::first::<D>(events, request).await? {
                Some(first) => return answer::repeated::<D>(first),
                None => return Err(refused),
            },
        };
        if recording.events.is_empty() && request.idempotency_key.is_none() {
            return recording.answer(request, head);
        }
        let append = appending(request, &recording, reading.query(), head)?;
        match events.append(append).await {
            Ok(Appended::Done(at)) => return recording.answer(request, at.last),
            Ok(Appended::Repeated(first)) => return answer::repeated::<D>(first),
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(AppendError::Conflict) if attempt < retry.attempts => pause(attempt, retry).await,
            Err(AppendError::Conflict) => {}
        }
    }
    tracing::warn!(command = D::NAME, attempts = retry.attempts, "a command gave up after conflicts");
    Err(DecideError::Conflict { attempts: retry.attempts })
}

/// What is to be recorded, and the error that is answered all the same if a rule records.
struct Recording<D: Decision> {
    events: Vec<D::Event>,
    rejection: Option<D::Error>,
}

impl<D: Decision> Recording<D> {
    /// A rejection that leaves nothing to record is an error at once.
    fn of(verdict: Verdict<D>) -> Result<Self, DecideError<D::Error>> {
        match verdict {
            Ok(events) => Ok(Self { events, rejection: None }),
            Err(Refused::Rejected(rejection)) => Err(DecideError::Rejected(rejection)),
            Err(Refused::Recorded(recorded)) => match *recorded {
                (rejection, events) if events.is_empty() => Err(DecideError::Rejected(rejection)),
                (rejection, events) => Ok(Self { events, rejection: Some(rejection) }),
            },
            Err(Refused::Failed(error)) => Err(error.into()),
        }
    }

    fn names(&self) -> Vec<String> {
        self.events.iter().map(|event| event.event_type().to_owned()).collect()
    }

    /// What the caller gets when all is recorded.
    fn answer(self, request: &Request<'_>, position: Position) -> Result<Decided, DecideError<D::Error>> {
        let events = self.names();
        match self.rejection {
            Some(rejection) => Err(DecideError::Rejected(rejection)),
            None => Ok(Decided { position, ids: request.ids.clone(), events, repeated: false }),
        }
    }
}

fn appending<D: Decision>(
    request: &Request<'_>,
    recording: &Recording<D>,
    query: Query,
    head: Position,
) -> Result<Append, DecideError<D::Error>> {
    let mut metadata = request.metadata.clone();
    if metadata.user_id.is_none() {
        metadata.user_id.clone_from(&request.caller.user_id);
    }
    let mut events = Vec::with_capacity(recording.events.len());
    for event in &recording.events {
        events.push(NewEvent::from_event(event, metadata.clone())?);
    }
    let idempotency = match &request.idempotency_key {
        Some(key) => {
            let rejected = recording.rejection.as_ref().map(Rejected::of);
            let answer = Stored { ids: request.ids.clone(), events: recording.names(), rejected };
            Some(Idempotency { command: Cow::Borrowed(D::NAME), key: key.clone(), answer: answer.write()? })
        }
        None => None,
    };
    let condition = Condition { fail_if_events_match: query, after: Some(head) };
    Ok(Append { tenant: request.caller.tenant.clone(), events, condition: Some(condition), idempotency })
}

/// Waits a random while, longer from attempt to attempt, so that those who compete spread out.
async fn pause(attempt: u32, retry: Retry) {
    let longest = Duration::from_millis(1 << attempt.min(16)).min(retry.longest_pause);
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}
