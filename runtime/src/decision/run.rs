//! The loop of a command: note the head, read, fold, decide, append under the same query after that head.

use super::{DecideError, Decision, Folding};
use crate::caller::{Caller, Context};
use crate::event::{EventSet, Metadata, NewEvent, Position, Query, Tenant};
use crate::store::{Answer, Append, AppendError, Appended, Condition, EventStore, Idempotency, Range, StoreError};
use crate::value::{DateTime, Json};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

/// Events read at once; a state over more of them is read in several pages.
const PAGE: usize = 1000;

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
/// See [`DecideError`]; nothing is recorded then.
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
    let tenant = &request.caller.tenant;
    if let Some(first) = first_answer::<D>(events, request).await? {
        return Ok(first);
    }
    let context = Context { now: request.now, caller: request.caller };
    let mut folding = Folding::begin(command, context)?;
    let query = folding.query();
    let mut seen = 0;
    for attempt in 1..=retry.attempts {
        // What was read before stays read: a later attempt folds only what came since.
        let head = events.head().await?;
        read(events, tenant, seen..head, &mut folding).await?;
        read_newest(events, tenant, seen..head, &mut folding).await?;
        seen = head;
        let decided = match command.decide(folding.state(), &context) {
            Ok(decided) => decided,
            // What refuses it may be the very events of a twin under the same key that was faster.
            Err(refused) => match first_answer::<D>(events, request).await? {
                Some(first) => return Ok(first),
                None => return Err(refused.into()),
            },
        };
        if decided.is_empty() && request.idempotency_key.is_none() {
            return Ok(done(request, &decided, head));
        }
        let append = appending::<D>(request, &decided, &query, head)?;
        match events.append(append).await {
            Ok(Appended::Done(at)) => return Ok(done(request, &decided, at.last)),
            Ok(Appended::Repeated(first)) => return Ok(repeated(first)?),
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(AppendError::Conflict) if attempt < retry.attempts => pause(attempt, retry).await,
            Err(AppendError::Conflict) => {}
        }
    }
    tracing::warn!(command = D::NAME, attempts = retry.attempts, "a command gave up after conflicts");
    Err(DecideError::Conflict { attempts: retry.attempts })
}

/// The answer that was given before under the same key.
async fn first_answer<D: Decision>(
    events: &dyn EventStore,
    request: &Request<'_>,
) -> Result<Option<Decided>, StoreError> {
    let Some(key) = &request.idempotency_key else { return Ok(None) };
    events.answer(&request.caller.tenant, D::NAME, key).await?.map(repeated).transpose()
}

/// Folds the events behind `positions.start` up to `positions.end`.
async fn read<D: Decision>(
    events: &dyn EventStore,
    tenant: &Tenant,
    positions: std::ops::Range<Position>,
    folding: &mut Folding<'_, D>,
) -> Result<(), DecideError<D::Error>> {
    let query = &folding.every();
    let mut after = positions.start;
    if after >= positions.end || matches!(query, Query::Items(items) if items.is_empty()) {
        return Ok(());
    }
    loop {
        let range = Range::after(after).until(positions.end).limit(PAGE);
        let page = events.read(tenant, query, range).await?;
        for stored in &page {
            if let Some(event) = D::Event::decode(&stored.event_type, stored.version, &stored.payload)? {
                folding.fold(&event, &stored.tags, &stored.meta())?;
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.position,
            _ => return Ok(()),
        }
    }
}

/// Folds the newest event within the same positions for each entry that asks for no more.
async fn read_newest<D: Decision>(
    events: &dyn EventStore,
    tenant: &Tenant,
    positions: std::ops::Range<Position>,
    folding: &mut Folding<'_, D>,
) -> Result<(), DecideError<D::Error>> {
    for (entry, item) in folding.newest() {
        let range = Range::after(positions.start).until(positions.end).backwards().limit(1);
        let found = events.read(tenant, &Query::Items(vec![item]), range).await?;
        let Some(newest) = found.first() else { continue };
        if let Some(event) = D::Event::decode(&newest.event_type, newest.version, &newest.payload)? {
            folding.fold_newest(entry, &event, &newest.meta())?;
        }
    }
    Ok(())
}

fn appending<D: Decision>(
    request: &Request<'_>,
    decided: &[D::Event],
    query: &Query,
    head: Position,
) -> Result<Append, DecideError<D::Error>> {
    let mut metadata = request.metadata.clone();
    if metadata.user_id.is_none() {
        metadata.user_id.clone_from(&request.caller.user_id);
    }
    let mut events = Vec::with_capacity(decided.len());
    for event in decided {
        events.push(NewEvent::from_event(event, metadata.clone())?);
    }
    let idempotency = match &request.idempotency_key {
        Some(key) => {
            let answer = Stored { ids: request.ids.clone(), events: names(decided) };
            Some(Idempotency { command: Cow::Borrowed(D::NAME), key: key.clone(), answer: answer.write()? })
        }
        None => None,
    };
    let condition = Condition { fail_if_events_match: query.clone(), after: Some(head) };
    Ok(Append { tenant: request.caller.tenant.clone(), events, condition: Some(condition), idempotency })
}

fn done<E: EventSet>(request: &Request<'_>, decided: &[E], position: Position) -> Decided {
    Decided { position, ids: request.ids.clone(), events: names(decided), repeated: false }
}

fn repeated(first: Answer) -> Result<Decided, StoreError> {
    let stored = Stored::deserialize(&first.answer)
        .map_err(|error| StoreError::Invalid(format!("a stored answer cannot be read: {error}")))?;
    Ok(Decided { position: first.position, ids: stored.ids, events: stored.events, repeated: true })
}

fn names<E: EventSet>(events: &[E]) -> Vec<String> {
    events.iter().map(|event| event.event_type().to_owned()).collect()
}

/// Waits a random while, longer from attempt to attempt, so that those who compete spread out.
async fn pause(attempt: u32, retry: Retry) {
    let longest = Duration::from_millis(1 << attempt.min(16)).min(retry.longest_pause);
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}

/// What is kept under an idempotency key.
#[derive(Serialize, Deserialize)]
struct Stored {
    ids: BTreeMap<String, String>,
    events: Vec<String>,
}

impl Stored {
    fn write(&self) -> Result<Json, StoreError> {
        serde_json::to_value(self).map_err(|error| StoreError::Invalid(format!("an answer cannot be written: {error}")))
    }
}
