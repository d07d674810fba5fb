//! Reading entries: one, several by id, a list.

use std::collections::HashMap;

use tonic::Status;

use super::waiting::{condition, first};
use super::{Entries, Found, Get, Hidden, Page, Service, failure};
use crate::auth::Call;
use crate::entry::{Entry, Row};
use crate::error::status;
use crate::projection::Live;
use crate::query::{Filter, Invalid, List, MAX_LIMIT, Selected, Selection};

impl Service {
    /// One entry, by its id, by a filter, or both.
    ///
    /// # Errors
    /// `NOT_FOUND` unless an empty answer is asked for; `VALIDATION` for what cannot be asked;
    /// `UNAVAILABLE` when the projection or the condition is not there in time.
    pub async fn get<E: Entry>(&self, call: &Call, get: Get) -> Result<Found<E>, Status> {
        let by_id = !get.id.is_empty();
        let access = if by_id { E::ACCESS.read_by_id } else { E::ACCESS.read };
        access.check(&call.caller).map_err(status::denied)?;
        if !by_id && get.filter.is_everything() {
            return Err(Invalid::field("id", "an id or a filter must be given").into());
        }
        let hidden = Hidden::of::<E>(call, by_id);
        let condition = get.wait.as_ref().map(|wait| &wait.condition);
        hidden.refuse(&E::TABLE, &condition.into_iter().chain([&get.filter]).collect::<Vec<_>>(), &[])?;
        let live = self.live::<E>(call)?;
        if get.strong {
            self.strong(live).await?;
        }
        let id = get.id.clone();
        let row = one(live, call, get.clone()).await?;
        match row {
            Some(row) => {
                let entry = Some(row.into_entry().map_err(failure::value)?);
                Ok(Found { entry, errors: hidden.errors_among(&get.fields), hidden })
            }
            None if get.return_empty => Ok(Found { entry: None, errors: Vec::new(), hidden }),
            None if by_id => Err(status::not_found(format!("there is no {} with the id {id:?}", E::TABLE.entry))),
            None => Err(status::not_found(format!("there is no {} like this", E::TABLE.entry))),
        }
    }

    /// One page of a list.
    ///
    /// # Errors
    /// `VALIDATION` for what cannot be asked; `UNAVAILABLE` when the projection is not there in time.
    pub async fn list<E: Entry>(&self, call: &Call, list: List) -> Result<Page<E>, Status> {
        E::ACCESS.read.check(&call.caller).map_err(status::denied)?;
        let hidden = Hidden::of::<E>(call, false);
        hidden.refuse(&E::TABLE, &[&list.filter], &list.order)?;
        let errors = hidden.errors_among(&list.fields);
        let live = self.live::<E>(call)?;
        let strong = list.strong;
        let selection = Selection::new(E::TABLE, list)?;
        if strong {
            self.strong(live).await?;
        }
        let (limit, page) = (selection.limit, selection.page);
        let listed = live.tables.list(&live.place, &call.caller.tenant, selection).await.map_err(failure::store)?;
        let data: Result<Vec<E>, _> = listed.rows.into_iter().map(Row::into_entry).collect();
        let data = data.map_err(failure::value)?;
        Ok(Page { data, limit, page, total: listed.total, cursor: listed.cursor, errors, hidden })
    }

    /// The entries of these ids, in the order asked for; those that are not there are left out, and
    /// an id given twice counts once.
    ///
    /// # Errors
    /// `VALIDATION` for more ids than one answer may hold or an unknown field.
    pub async fn by_ids<E: Entry>(
        &self,
        call: &Call,
        ids: Vec<String>,
        fields: Vec<String>,
    ) -> Result<Entries<E>, Status> {
        E::ACCESS.read_by_id.check(&call.caller).map_err(status::denied)?;
        if i64::try_from(ids.len()).unwrap_or(i64::MAX) > MAX_LIMIT {
            return Err(Invalid::field("ids", format!("must not be more than {MAX_LIMIT}")).into());
        }
        let live = self.live::<E>(call)?;
        let selected = Selected::of(&E::TABLE, &fields)?;
        let rows = live.tables.get(&live.place, &call.caller.tenant, ids.clone(), selected).await;
        let rows = rows.map_err(failure::store)?.into_iter();
        let mut rows: HashMap<String, Row> = rows.map(|row| (row.base.id.clone(), row)).collect();
        let found = ids.iter().filter_map(|id| rows.remove(id));
        let data = found.map(|row| row.into_entry().map_err(failure::value)).collect::<Result<_, _>>()?;
        let hidden = Hidden::of::<E>(call, true);
        Ok(Entries { data, errors: hidden.errors_among(&fields), hidden })
    }
}

async fn one(live: &Live, call: &Call, get: Get) -> Result<Option<Row>, Status> {
    let tenant = &call.caller.tenant;
    let Get { id, filter, wait, fields, .. } = get;
    let by_id = if id.is_empty() { Filter::everything() } else { Filter::equals("id", id.as_str()) };
    let which = Filter::all(vec![by_id, filter.clone()]);
    if let Some(wait) = &wait {
        condition(live, tenant, &which, wait).await?;
    }
    if id.is_empty() || !filter.is_everything() {
        return first(live, tenant, which, fields).await;
    }
    let selected = Selected::of(&live.place.table, &fields)?;
    let rows = live.tables.get(&live.place, tenant, vec![id], selected).await.map_err(failure::store)?;
    Ok(rows.into_iter().next())
}
