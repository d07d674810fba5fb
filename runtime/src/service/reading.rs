//! Reading entries: one, several by id, a list.

use std::collections::HashMap;

use tonic::Status;

use super::rows::Seen;
use super::waiting::condition;
use super::{Entries, Found, Get, Hidden, Page, Service, failure};
use crate::auth::Call;
use crate::entry::{Entry, EntryKind, Row};
use crate::error::status;
use crate::query::{Filter, Invalid, List, MAX_LIMIT, Selection};

impl Service {
    /// One entry, by its id, by a filter, or both.
    ///
    /// # Errors
    /// `NOT_FOUND` unless an empty answer is asked for; `VALIDATION` for what cannot be asked;
    /// `UNAVAILABLE` when the projection or the condition is not there in time.
    pub async fn get<E: Entry>(&self, call: &Call, get: Get) -> Result<Found<E>, Status> {
        let Found { entry, errors, hidden } = self.get_row(call, EntryKind::of::<E>(), get).await?;
        Ok(Found { entry: entry.map(typed).transpose()?, errors, hidden })
    }

    /// One page of a list.
    ///
    /// # Errors
    /// `VALIDATION` for what cannot be asked; `UNAVAILABLE` when the projection is not there in time.
    pub async fn list<E: Entry>(&self, call: &Call, list: List) -> Result<Page<E>, Status> {
        let Page { data, limit, page, total, cursor, errors, hidden } =
            self.list_rows(call, EntryKind::of::<E>(), list).await?;
        Ok(Page { data: all_typed(data)?, limit, page, total, cursor, errors, hidden })
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
        let Entries { data, errors, hidden } = self.rows_by_ids(call, EntryKind::of::<E>(), ids, fields).await?;
        Ok(Entries { data: all_typed(data)?, errors, hidden })
    }

    async fn get_row(&self, call: &Call, kind: EntryKind, get: Get) -> Result<Found<Row>, Status> {
        let by_id = !get.id.is_empty();
        let access = if by_id { kind.access.read_by_id } else { kind.access.read };
        access.check(&call.caller).map_err(status::denied)?;
        if !by_id && get.filter.is_everything() {
            return Err(Invalid::field("id", "an id or a filter must be given").into());
        }
        let hidden = Hidden::of(&kind, call, by_id);
        let condition = get.wait.as_ref().map(|wait| &wait.condition);
        hidden.refuse(&kind.table, &condition.into_iter().chain([&get.filter]).collect::<Vec<_>>(), &[])?;
        let seen = self.seen(call, &kind)?;
        if get.strong {
            self.strong(seen.live).await?;
        }
        let id = get.id.clone();
        let row = one(&seen, get.clone()).await?;
        match row {
            Some(row) => Ok(Found { entry: Some(row), errors: hidden.errors_among(&get.fields), hidden }),
            None if get.return_empty => Ok(Found { entry: None, errors: Vec::new(), hidden }),
            None if by_id => Err(status::not_found(format!("there is no {} with the id {id:?}", kind.table.entry))),
            None => Err(status::not_found(format!("there is no {} like this", kind.table.entry))),
        }
    }

    async fn list_rows(&self, call: &Call, kind: EntryKind, list: List) -> Result<Page<Row>, Status> {
        kind.access.read.check(&call.caller).map_err(status::denied)?;
        let hidden = Hidden::of(&kind, call, false);
        hidden.refuse(&kind.table, &[&list.filter], &list.order)?;
        let errors = hidden.errors_among(&list.fields);
        let seen = self.seen(call, &kind)?;
        let strong = list.strong;
        let selection = Selection::new(kind.table, list)?;
        if strong {
            self.strong(seen.live).await?;
        }
        let (limit, page) = (selection.limit, selection.page);
        let listed = seen.list(selection).await?;
        Ok(Page { data: listed.rows, limit, page, total: listed.total, cursor: listed.cursor, errors, hidden })
    }

    async fn rows_by_ids(
        &self,
        call: &Call,
        kind: EntryKind,
        ids: Vec<String>,
        fields: Vec<String>,
    ) -> Result<Entries<Row>, Status> {
        kind.access.read_by_id.check(&call.caller).map_err(status::denied)?;
        if i64::try_from(ids.len()).unwrap_or(i64::MAX) > MAX_LIMIT {
            return Err(Invalid::field("ids", format!("must not be more than {MAX_LIMIT}")).into());
        }
        let rows = self.seen(call, &kind)?.by_ids(ids.clone(), &fields).await?.into_iter();
        let mut rows: HashMap<String, Row> = rows.map(|row| (row.base.id.clone(), row)).collect();
        let data = ids.iter().filter_map(|id| rows.remove(id)).collect();
        let hidden = Hidden::of(&kind, call, true);
        Ok(Entries { data, errors: hidden.errors_among(&fields), hidden })
    }
}

fn typed<E: Entry>(row: Row) -> Result<E, Status> {
    row.into_entry().map_err(failure::value)
}

fn all_typed<E: Entry>(rows: Vec<Row>) -> Result<Vec<E>, Status> {
    rows.into_iter().map(typed).collect()
}

async fn one(seen: &Seen<'_>, get: Get) -> Result<Option<Row>, Status> {
    let Get { id, filter, wait, fields, .. } = get;
    let by_id = if id.is_empty() { Filter::everything() } else { Filter::equals("id", id.as_str()) };
    let which = Filter::all(vec![by_id, filter.clone()]);
    if let Some(wait) = &wait {
        condition(seen, &which, wait).await?;
    }
    if id.is_empty() || !filter.is_everything() {
        return seen.first(which, fields).await;
    }
    Ok(seen.by_ids(vec![id], &fields).await?.into_iter().next())
}
