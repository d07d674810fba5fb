//! Creating, changing and removing CRUD entries.

use tonic::Status;

use super::command::metadata;
use super::guard::Guard;
use super::hidden::{may_create, may_update};
use super::rows::Seen;
use super::{Hidden, Service, failure};
use crate::auth::Call;
use crate::caller::Context;
use crate::crud::{CrudError, CrudType, Outcome, Writing, check_id, new_id, write};
use crate::entry::EntryKind;
use crate::error::status;
use crate::event::Position;
use crate::projection::Live;
use crate::query::{Filter, Invalid, check_filter};
use crate::tables::Page;
use crate::value::DateTime;
use crate::wire::DeleteResult;

/// Entries that are removed by a filter, so many at a time.
const PAGE: usize = 1_000;

impl Service {
    /// Creates an entry under the id given, or under a new one.
    ///
    /// # Errors
    /// `CONFLICT` if there is one of this id already; `FORBIDDEN` if the caller would not see it; `VALIDATION` for data that breaks
    /// rules.
    pub async fn create<C: CrudType>(&self, call: &Call, id: Option<String>, data: C::Create) -> Result<C, Status> {
        C::ACCESS.create.check(&call.caller).map_err(status::denied)?;
        may_create::<C>(call, &C::sets(&data))?;
        Self::may_fill::<C>(call)?;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(new_id);
        check_id(&id)?;
        let seen = self.seen_to_write(call, &EntryKind::of::<C>())?;
        let context = Context { now: DateTime::now(), caller: &call.caller };
        let mut event = C::create(id.clone(), data, &context)?;
        let _turn = self.0.queue.turn::<C>(&call.caller.tenant, &mut event).await;
        let writing = self.writing(call, seen.live, format!("create{}", C::NAME))?;
        let of = (call, &writing, id.as_str());
        let guard = Guard::of::<C>(&seen, of, |_| Ok(Some(event.clone()))).await.map_err(failure::crud)?;
        guard.keeps::<C>(&writing, (None, &id), Some(&event)).map_err(failure::crud)?;
        let outcome = write::<C>(&writing, &id, |entry| match entry {
            Some(_) => Err(CrudError::Exists { entry: C::NAME, id: id.clone() }),
            None => Ok(Some(event.clone())),
        });
        self.answer(&seen, &id, outcome.await.map_err(failure::crud)?).await
    }

    /// Changes an entry.
    ///
    /// # Errors
    /// `NOT_FOUND` if the caller sees none of this id; `FORBIDDEN` if it is somebody else's, or would be out of the caller's sight;
    /// `VALIDATION` for data that breaks rules.
    pub async fn update<C: CrudType>(&self, call: &Call, id: String, data: C::Update) -> Result<C, Status> {
        C::ACCESS.update.check(&call.caller).map_err(status::denied)?;
        may_update::<C>(call, &C::changes(&data))?;
        check_id(&id)?;
        let seen = self.seen_to_write(call, &EntryKind::of::<C>())?;
        let context = Context { now: DateTime::now(), caller: &call.caller };
        let writing = self.writing(call, seen.live, format!("update{}", C::NAME))?;
        let next = |entry: Option<&C>| entry.map_or(Ok(None), |entry| entry.update(data.clone(), &context));
        let guard = Guard::of::<C>(&seen, (call, &writing, &id), next).await.map_err(failure::crud)?;
        let outcome = write::<C>(&writing, &id, |entry| {
            let entry = guard.own(entry, &id)?;
            let event = entry.update(data.clone(), &context)?;
            guard.keeps(&writing, (Some(entry), &id), event.as_ref())?;
            Ok(event)
        });
        self.answer(&seen, &id, outcome.await.map_err(failure::crud)?).await
    }

    /// Removes the entry of an id, or all that a filter means, and says how many those were.
    ///
    /// # Errors
    /// `NOT_FOUND` if an id is given and the caller sees no such entry; `FORBIDDEN` if it is somebody else's; `VALIDATION` if neither
    /// is given.
    pub async fn delete<C: CrudType>(
        &self,
        call: &Call,
        id: Option<String>,
        filter: Filter,
    ) -> Result<DeleteResult, Status> {
        C::ACCESS.delete.check(&call.caller).map_err(status::denied)?;
        let seen = self.seen_to_write(call, &EntryKind::of::<C>())?;
        Hidden::of(&EntryKind::of::<C>(), call, id.is_some()).refuse(&C::TABLE, &[&filter], &[])?;
        check_filter(&C::TABLE, &filter)?;
        let id = id.filter(|id| !id.is_empty());
        let deleted = match (id, filter.is_everything()) {
            (None, true) => return Err(Invalid::field("id", "an id or a filter must be given").into()),
            (Some(id), true) => self.delete_one::<C>(call, &seen, &id).await?,
            (id, false) => self.delete_all::<C>(call, &seen, id, filter).await?,
        };
        Ok(DeleteResult { number_of_deleted_entries: deleted })
    }

    async fn delete_one<C: CrudType>(&self, call: &Call, seen: &Seen<'_>, id: &str) -> Result<i64, Status> {
        let writing = self.writing(call, seen.live, format!("delete{}", C::NAME))?;
        let outcome = remove::<C>(seen, (call, &writing, id)).await.map_err(failure::crud)?;
        let (Outcome::Done(_, position) | Outcome::Repeated(_, position)) = outcome;
        self.readable(seen.live, position).await;
        Ok(1)
    }

    /// Removes what a filter means among what the caller sees and owns, each entry by an event of its own. What somebody else
    /// removes meanwhile is not counted.
    async fn delete_all<C: CrudType>(
        &self,
        call: &Call,
        seen: &Seen<'_>,
        id: Option<String>,
        filter: Filter,
    ) -> Result<i64, Status> {
        self.strong(seen.live).await?;
        let missing = id.clone();
        let by_id = id.map_or_else(Filter::everything, |id| Filter::equals("id", id));
        let which = Filter::all(vec![by_id, filter, seen.rows.clone()]);
        let writing = Writing { idempotency: None, ..self.writing(call, seen.live, String::new())? };
        let (mut deleted, mut last, mut after) = (0, 0, None);
        loop {
            let page = Page { after, limit: PAGE };
            let found = seen.live.tables.matching(&seen.live.place, seen.tenant, &which, page).await;
            let found = found.map_err(failure::store)?;
            for kept in &found {
                match remove::<C>(seen, (call, &writing, &kept.row.base.id)).await {
                    Ok(Outcome::Done(_, position) | Outcome::Repeated(_, position)) => {
                        (deleted, last) = (deleted + 1, position);
                    }
                    Err(CrudError::Missing { .. }) => {}
                    Err(CrudError::Foreign { .. }) if missing.is_none() => {}
                    Err(error) => return Err(failure::crud(error)),
                }
            }
            after = match found.into_iter().last() {
                Some(kept) => Some(kept.row.base.id),
                None => break,
            };
        }
        match missing {
            Some(id) if deleted == 0 => Err(failure::crud(CrudError::Missing { entry: C::NAME, id })),
            _ => {
                self.readable(seen.live, last).await;
                Ok(deleted)
            }
        }
    }

    fn writing<'a>(&'a self, call: &'a Call, live: &'a Live, operation: String) -> Result<Writing<'a>, Status> {
        Ok(Writing {
            events: &**self.database(call)?.events(),
            tenant: &call.caller.tenant,
            live,
            metadata: metadata(call),
            idempotency: call.idempotency_key.clone().map(|key| (operation, key)),
        })
    }

    /// The entry as it can be read; as its own events give it where the projection takes too long.
    async fn answer<C: CrudType>(&self, seen: &Seen<'_>, id: &str, outcome: Outcome<C>) -> Result<C, Status> {
        let (folded, found, position) = match outcome {
            Outcome::Done(entry, position) => (entry, id.to_owned(), position),
            Outcome::Repeated(id, position) => (None, id, position),
        };
        let stored = self.stored::<C>(seen, &found, position).await?;
        // Whoever repeats the call of somebody else is not told even the id.
        let told = if seen.is_everything() { found } else { id.to_owned() };
        stored.or(folded).ok_or_else(|| failure::crud(CrudError::Missing { entry: C::NAME, id: told }))
    }

    async fn stored<C: CrudType>(&self, seen: &Seen<'_>, id: &str, position: Position) -> Result<Option<C>, Status> {
        if !self.readable(seen.live, position).await {
            return Ok(None);
        }
        let row = seen.by_ids(vec![id.to_owned()], &[]).await?.into_iter().next();
        row.map(|row| row.into_entry().map_err(failure::value)).transpose()
    }
}

/// Removes one entry, if the caller sees it and it is the caller's own.
async fn remove<C: CrudType>(seen: &Seen<'_>, of: (&Call, &Writing<'_>, &str)) -> Result<Outcome<C>, CrudError> {
    let (_, writing, id) = of;
    let guard = Guard::of::<C>(seen, of, |_| Ok(None)).await?;
    write::<C>(writing, id, |entry| guard.own(entry, id).map(|entry| Some(entry.delete()))).await
}
