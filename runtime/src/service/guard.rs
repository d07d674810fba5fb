//! Which entries a caller may write: those that the caller sees, before and after, and that are the caller's own where a type says
//! so.

use super::Service;
use super::rows::Seen;
use crate::auth::Call;
use crate::caller::Caller;
use crate::crud::{CrudError, CrudType, Writing, behind, current};
use crate::entry::{OwnedField, Row};
use crate::query::{Filter, Invalid};
use crate::rows::{among, known, one};

/// What a caller may write.
pub(super) struct Guard {
    /// What the caller sees; of other entries it names those that are known to be.
    rows: Filter,
    /// What is the caller's own.
    own: Filter,
}

impl Guard {
    /// For the entry `id`, whatever is to become of it by `next`.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn of<C: CrudType>(
        seen: &Seen<'_>,
        (call, writing, id): (&Call, &Writing<'_>, &str),
        next: impl Fn(Option<&C>) -> Result<Option<C::Event>, Invalid>,
    ) -> Result<Self, CrudError> {
        let own = own(C::OWNED, &call.caller);
        if !seen.rows.is_about_others() {
            return Ok(Self { rows: seen.rows.clone(), own });
        }
        // What is referred to is known only once the entry is.
        let entry = current::<C>(writing, id).await?;
        let event = next(entry.as_ref()).ok().flatten();
        let after = event.map(|event| behind(writing, entry.as_ref(), id, &event)).transpose()?.flatten();
        let rows: Vec<Row> = entry.iter().chain(&after).map(row).collect::<Result<_, _>>()?;
        let rows = known(seen.live, seen.tenant, &seen.rows, &rows.iter().collect::<Vec<_>>()).await?;
        Ok(Self { rows, own })
    }

    /// The entry as the caller may change or remove it.
    ///
    /// # Errors
    /// As if there were none, if the caller does not see it; that it is somebody else's.
    pub(super) fn own<'a, C: CrudType>(&self, entry: Option<&'a C>, id: &str) -> Result<&'a C, CrudError> {
        let missing = || CrudError::Missing { entry: C::NAME, id: id.to_owned() };
        let entry = entry.ok_or_else(missing)?;
        if !shows(&self.rows, entry)? {
            return Err(missing());
        }
        if shows(&self.own, entry)? { Ok(entry) } else { Err(CrudError::Foreign { entry: C::NAME }) }
    }

    /// Lets nobody write an entry that is out of the writer's sight then.
    ///
    /// # Errors
    /// That it would be.
    pub(super) fn keeps<C: CrudType>(
        &self,
        writing: &Writing<'_>,
        (entry, id): (Option<&C>, &str),
        event: Option<&C::Event>,
    ) -> Result<(), CrudError> {
        let Some(event) = event.filter(|_| !self.rows.is_everything()) else { return Ok(()) };
        let after = behind(writing, entry, id, event)?;
        let stays = after.as_ref().map_or(Ok(false), |after| shows(&self.rows, after))?;
        if stays { Ok(()) } else { Err(CrudError::Unseen { entry: C::NAME }) }
    }
}

impl Service {
    /// Whether the token has what a new entry is filled with.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a token, `FORBIDDEN` without the claim.
    pub(super) fn may_fill<C: CrudType>(call: &Call) -> Result<(), tonic::Status> {
        let caller = &call.caller;
        let lacks = |field: &&OwnedField| !caller.system && one(&caller.data, field.claim, field.kind).is_none();
        match C::OWNED.iter().find(lacks) {
            None => Ok(()),
            Some(field) => Err(super::hidden::unfilled(field.field, caller)),
        }
    }
}

/// The entries that are the caller's own, by all of these fields.
fn own(fields: &[OwnedField], caller: &Caller) -> Filter {
    let fields = fields.iter().filter(|_| !caller.system);
    let values = |field: &OwnedField| one(&caller.data, field.claim, field.kind).into_iter().collect();
    Filter::all(fields.map(|field| among(field.column, field.kind, values(field))).collect())
}

fn shows<C: CrudType>(filter: &Filter, entry: &C) -> Result<bool, CrudError> {
    Ok(filter.is_everything() || filter.matches(&C::TABLE, &row(entry)?))
}

fn row<C: CrudType>(entry: &C) -> Result<Row, CrudError> {
    Ok(Row::of(entry)?)
}
