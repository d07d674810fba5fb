//! Creating, changing and removing CRUD entries.

use tonic::Status;

use super::command::metadata;
use super::hidden::{may_create, may_update};
use super::{Hidden, Service, failure};
use crate::auth::Call;
use crate::caller::Context;
use crate::crud::{CrudError, CrudType, Outcome, Writing, check_id, new_id, write};
use crate::entry::EntryKind;
use crate::error::status;
use crate::event::Position;
use crate::projection::Live;
use crate::query::{Filter, Invalid, Selected, check_filter};
use crate::tables::Page;
use crate::value::DateTime;
use crate::wire::DeleteResult;

/// Entries that are removed by a filter, so many at a time.
const PAGE: usize = 1_000;

impl Service {
    /// Creates an entry under the id given, or under a new one.
    ///
    /// # Errors
    /// `CONFLICT` if there is one of this id already; `VALIDATION` for data that breaks rules.
    pub async fn create<C: CrudType>(&self, call: &Call, id: Option<String>, data: C::Create) -> Result<C, Status> {
        C::ACCESS.create.check(&call.caller).map_err(status::denied)?;
        may_create::<C>(call, &C::sets(&data))?;
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(new_id);
        check_id(&id)?;
        let live = self.live_to_write(call, &EntryKind::of::<C>())?;
        let context = Context { now: DateTime::now(), caller: &call.caller };
        let event = C::create(id.clone(), data, &context)?;
        let writing = self.writing(call, live, format!("create{}", C::NAME))?;
        let outcome = write::<C>(&writing, &id, |entry| match entry {
            Some(_) => Err(CrudError::Exists { entry: C::NAME, id: id.clone() }),
            None => Ok(Some(event.clone())),
        });
        self.answer(call, live, &id, outcome.await.map_err(failure::crud)?).await
    }

    /// Changes an entry.
    ///
    /// # Errors
    /// `NOT_FOUND` if there is none of this id; `VALIDATION` for data that breaks rules.
    pub async fn update<C: CrudType>(&self, call: &Call, id: String, data: C::Update) -> Result<C, Status> {
        C::ACCESS.update.check(&call.caller).map_err(status::denied)?;
        may_update::<C>(call, &C::changes(&data))?;
        check_id(&id)?;
        let live = self.live_to_write(call, &EntryKind::of::<C>())?;
        let context = Context { now: DateTime::now(), caller: &call.caller };
        let writing = self.writing(call, live, format!("update{}", C::NAME))?;
        let outcome = write::<C>(&writing, &id, |entry| match entry {
            Some(entry) => Ok(entry.update(data.clone(), &context)?),
            None => Err(CrudError::Missing { entry: C::NAME, id: id.clone() }),
        });
        self.answer(call, live, &id, outcome.await.map_err(failure::crud)?).await
    }

    /// Removes the entry of an id, or all that a filter means, and says how many those were.
    ///
    /// # Errors
    /// `NOT_FOUND` if an id is given and there is no such entry; `VALIDATION` if neither is given.
    pub async fn delete<C: CrudType>(
        &self,
        call: &Call,
        id: Option<String>,
        filter: Filter,
    ) -> Result<DeleteResult, Status> {
        C::ACCESS.delete.check(&call.caller).map_err(status::denied)?;
        let live = self.live_to_write(call, &EntryKind::of::<C>())?;
        Hidden::of(&EntryKind::of::<C>(), call, id.is_some()).refuse(&C::TABLE, &[&filter], &[])?;
        check_filter(&C::TABLE, &filter)?;
        let id = id.filter(|id| !id.is_empty());
        let deleted = match (id, filter.is_everything()) {
            (None, true) => return Err(Invalid::field("id", "an id or a filter must be given").into()),
            (Some(id), true) => self.delete_one::<C>(call, live, &id).await?,
            (id, false) => self.delete_all::<C>(call, live, id, filter).await?,
        };
        Ok(DeleteResult { number_of_deleted_entries: deleted })
    }

    async fn delete_one<C: CrudType>(&self, call: &Call, live: &Live, id: &str) -> Result<i64, Status> {
        let writing = self.writing(call, live, format!("delete{}", C::NAME))?;
        let outcome = remove::<C>(&writing, id).await.map_err(failure::crud)?;
        let (Outcome::Done(_, position) | Outcome::Repeated(_, position)) = outcome;
        self.readable(live, position).await;
        Ok(1)
    }

    /// Removes what a filter means, each entry by an event of its own. What somebody else removes
    /// meanwhile is not counted.
    async fn delete_all<C: CrudType>(
        &self,
        call: &Call,
        live: &Live,
        id: Option<String>,
        filter: Filter,
    ) -> Result<i64, Status> {
        self.strong(live).await?;
        let missing = id.clone();
        let by_id = id.map_or_else(Filter::everything, |id| Filter::equals("id", id));
        let which = Filter::all(vec![by_id, filter]);
        let writing = Writing { idempotency: None, ..self.writing(call, live, String::new())? };
        let (mut deleted, mut last, mut after) = (0, 0, None);
        loop {
            let page = Page { after, limit: PAGE };
            let found = live.tables.matching(&live.place, &call.caller.tenant, &which, page).await;
            let found = found.map_err(failure::store)?;
            for kept in &found {
                match remove::<C>(&writing, &kept.row.base.id).await {
                    Ok(Outcome::Done(_, position) | Outcome::Repeated(_, position)) => {
                        (deleted, last) = (deleted + 1, position);
                    }
                    Err(CrudError::Missing { .. }) => {}
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
                self.readable(live, last).await;
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
    async fn answer<C: CrudType>(&self, call: &Call, live: &Live, id: &str, outcome: Outcome<C>) -> Result<C, Status> {
        let (folded, id, position) = match outcome {
            Outcome::Done(entry, position) => (entry, id.to_owned(), position),
            Outcome::Repeated(id, position) => (None, id, position),
        };
        let stored = self.stored::<C>(call, live, &id, position).await?;
        stored.or(folded).ok_or_else(|| failure::crud(CrudError::Missing { entry: C::NAME, id }))
    }

    async fn stored<C: CrudType>(
        &self,
        call: &Call,
        live: &Live,
        id: &str,
        position: Position,
    ) -> Result<Option<C>, Status> {
        if !self.readable(live, position).await {
            return Ok(None);
        }
        let selected = Selected::all(&C::TABLE);
        let rows = live.tables.get(&live.place, &call.caller.tenant, vec![id.to_owned()], selected).await;
        let row = rows.map_err(failure::store)?.into_iter().next();
        row.map(|row| row.into_entry().map_err(failure::value)).transpose()
    }
}

async fn remove<C: CrudType>(writing: &Writing<'_>, id: &str) -> Result<Outcome<C>, CrudError> {
    write::<C>(writing, id, |entry| match entry {
        Some(entry) => Ok(Some(entry.delete())),
        None => Err(CrudError::Missing { entry: C::NAME, id: id.to_owned() }),
    })
    .await
}
