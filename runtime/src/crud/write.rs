//! Writing an entry: read its events, fold it, decide, append under the same query.
//!
//! The query is the entry's own tag, so writers of the same entry exclude each other, across
//! processes too, and writers of different entries never meet.

use std::borrow::Cow;
use std::time::Duration;

use super::folded::{Folded, Writing, apply, stored, types};
use super::{CrudError, CrudType, sequence, unique};
use crate::event::{DecodeError, EventSet, NewEvent, Position, Query, QueryItem, StoredEvent};
use crate::store::{Append, AppendError, Appended, Idempotency, Range};
use crate::value::Json;

/// Attempts before a write gives up on conflicts.
const ATTEMPTS: u32 = 100;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// Events read at once.
const PAGE: usize = 1000;

/// What came of a write.
pub(crate) enum Outcome<C> {
    /// The entry as it is now, gone or not, and where its last event stands.
    Done(Option<C>, Position),
    /// The same call was made before, about this entry.
    Repeated(String, Position),
}

/// Writes the entry `id`: `decide` sees it as it is and gives the event to record, if any.
///
/// # Errors
/// What `decide` says, and [`CrudError`] for all else.
pub(crate) async fn write<C: CrudType>(
    writing: &Writing<'_>,
    id: &str,
    decide: impl Fn(Option<&C>) -> Result<Option<C::Event>, CrudError> + Send + Sync,
) -> Result<Outcome<C>, CrudError> {
    if let Some(repeated) = repeated(writing).await? {
        return Ok(repeated);
    }
    let own = own::<C>(id);
    let query = Query::of([own.clone()]);
    let mut folded = Folded { entry: None, position: 0 };
    for attempt in 1..=ATTEMPTS {
        catch_up(writing, &query, id, &mut folded).await?;
        let Some(mut event) = decide(folded.entry.as_ref())? else {
            return Ok(Outcome::Done(folded.entry, folded.position));
        };
        let numbered = sequence::number::<C>(writing, folded.position, &mut event).await?;
        let mut new = NewEvent::from_event(&event, writing.metadata.clone())?;
        let claimed = match unique::guard(writing, id, &folded, (&event, &mut new)).await {
            // The values may have been taken by the very same call, made twice at once.
            Err(violated @ CrudError::Unique(_)) => return repeated(writing).await?.ok_or(violated),
            other => other?,
        };
        let unless = numbered.guard(&mut new, Query::of(std::iter::once(own.clone()).chain(claimed)));
        let mut append = Append::new(writing.tenant.clone(), vec![new.clone()]).unless(unless, folded.position);
        append.idempotency = writing.idempotency.as_ref().map(|(command, key)| Idempotency {
            command: Cow::Owned(command.clone()),
            key: key.clone(),
            answer: Json::from(id),
        });
        match writing.events.append(append).await {
            Ok(Appended::Done(at)) => {
                let meta = stored(new, writing.tenant, at.last).meta();
                apply(&mut folded.entry, id, &event, &meta);
                return Ok(Outcome::Done(folded.entry, at.last));
            }
            Ok(Appended::Repeated(first)) => return Ok(answered(&first.answer, first.position)),
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(AppendError::Conflict) => pause(attempt).await,
        }
    }
    Err(CrudError::Conflict(ATTEMPTS))
}

/// The entry as its events give it now.
///
/// # Errors
/// If the store fails.
pub(crate) async fn current<C: CrudType>(writing: &Writing<'_>, id: &str) -> Result<Option<C>, CrudError> {
    let mut folded = Folded { entry: None, position: 0 };
    catch_up(writing, &Query::of([own::<C>(id)]), id, &mut folded).await?;
    Ok(folded.entry)
}

/// The entry as it would be behind an event that is not recorded yet.
///
/// # Errors
/// If the event cannot be written.
pub(crate) fn behind<C: CrudType>(
    writing: &Writing<'_>,
    entry: Option<&C>,
    id: &str,
    event: &C::Event,
) -> Result<Option<C>, CrudError> {
    let (new, mut next) = (NewEvent::from_event(event, writing.metadata.clone())?, entry.cloned());
    apply(&mut next, id, event, &stored(new, writing.tenant, 0).meta());
    Ok(next)
}

async fn repeated<C>(writing: &Writing<'_>) -> Result<Option<Outcome<C>>, CrudError> {
    let Some((command, key)) = &writing.idempotency else { return Ok(None) };
    let first = writing.events.answer(writing.tenant, command, key).await?;
    Ok(first.map(|first| answered(&first.answer, first.position)))
}

fn answered<C>(answer: &Json, position: Position) -> Outcome<C> {
    Outcome::Repeated(answer.as_str().unwrap_or_default().to_owned(), position)
}

/// The entry's own events.
fn own<C: CrudType>(id: &str) -> QueryItem {
    QueryItem::of(&types::<C>(), [C::tag(id)])
}

/// Folds what has come since the last attempt; all up to the head as it is now.
async fn catch_up<C: CrudType>(
    writing: &Writing<'_>,
    query: &Query,
    id: &str,
    folded: &mut Folded<C>,
) -> Result<(), CrudError> {
    let head = writing.events.head().await?;
    let mut after = folded.position;
    loop {
        let range = Range::after(after).until(head).limit(PAGE);
        let page = writing.events.read(writing.tenant, query, range).await?;
        for stored in &page {
            fold(folded, id, stored)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.position,
            _ => break,
        }
    }
    folded.position = head;
    Ok(())
}

fn fold<C: CrudType>(folded: &mut Folded<C>, id: &str, stored: &StoredEvent) -> Result<(), CrudError> {
    match C::Event::decode(&stored.event_type, stored.version, &stored.payload) {
        Ok(Some(event)) => apply(&mut folded.entry, id, &event, &stored.meta()),
        Ok(None) => {}
        Err(newer @ DecodeError::Newer { .. }) => return Err(newer.into()),
        // The projection puts such an event aside too, and the entry stays as it was.
        Err(error) => tracing::warn!(position = stored.position, %error, "an event is skipped"),
    }
    Ok(())
}

async fn pause(attempt: u32) {
    let longest = Duration::from_millis(1 << attempt.min(16)).min(LONGEST_PAUSE);
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}
