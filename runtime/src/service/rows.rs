//! A type's entries as one caller may see them.

use std::collections::HashSet;

use tonic::Status;

use super::{Service, failure};
use crate::auth::Call;
use crate::entry::{EntryKind, Row, Value};
use crate::error::status;
use crate::event::Tenant;
use crate::projection::Live;
use crate::query::{Filter, List, Selected, Selection, Test};
use crate::rows::{Others, seen};
use crate::tables::Listed;

/// The projection of a type, and which of its rows a caller sees.
pub(super) struct Seen<'a> {
    pub(super) live: &'a Live,
    pub(super) tenant: &'a Tenant,
    /// Those that this means.
    pub(super) rows: Filter,
}

impl Service {
    /// What a caller sees of a type's entries.
    pub(super) fn seen<'a>(&'a self, call: &'a Call, kind: &EntryKind) -> Result<Seen<'a>, Status> {
        let live = self.live(call, kind)?;
        Ok(Seen { live, tenant: &call.caller.tenant, rows: seen(kind.rows, &call.caller, self)? })
    }

    /// The same for whoever writes.
    pub(super) fn seen_to_write<'a>(&'a self, call: &'a Call, kind: &EntryKind) -> Result<Seen<'a>, Status> {
        let live = self.live_to_write(call, kind)?;
        Ok(Seen { live, tenant: &call.caller.tenant, rows: seen(kind.rows, &call.caller, self)? })
    }
}

impl Others for Service {
    type Error = Status;

    fn other(&self, entry: &str, tenant: &Tenant) -> Result<&Live, Status> {
        let live = self.engines().live_called(entry, tenant).map_err(failure::store)?;
        let live = live.ok_or_else(|| status::internal(format!("{entry} has no projection running")))?;
        live.check().map_err(failure::lag)?;
        Ok(live)
    }
}

impl Seen<'_> {
    /// Whether it is all of them.
    pub(super) fn is_everything(&self) -> bool {
        self.rows.is_everything()
    }

    /// The first that a filter of the caller's means.
    ///
    /// # Errors
    /// `VALIDATION` for a filter that cannot be asked.
    pub(super) async fn first(&self, filter: Filter, fields: Vec<String>) -> Result<Option<Row>, Status> {
        let list = List { limit: 1, filter, fields, ..List::default() };
        let selection = Selection::new(self.live.place.table, list)?;
        Ok(self.list(selection).await?.rows.into_iter().next())
    }

    /// A page of a list.
    pub(super) async fn list(&self, selection: Selection) -> Result<Listed, Status> {
        let Self { live, tenant, rows } = self;
        live.tables.list(&live.place, tenant, selection.among(rows)).await.map_err(failure::store)
    }

    /// Those of these ids, in no order; no more than one answer may hold.
    ///
    /// # Errors
    /// `VALIDATION` for a field that there is not.
    pub(super) async fn by_ids(&self, ids: Vec<String>, fields: &[String]) -> Result<Vec<Row>, Status> {
        let Self { live, tenant, .. } = self;
        if self.is_everything() {
            let selected = Selected::of(&live.place.table, fields)?;
            return live.tables.get(&live.place, tenant, ids, selected).await.map_err(failure::store);
        }
        let mut selection = Selection::new(live.place.table, of_ids(ids, fields))?;
        selection.counted = false;
        Ok(self.list(selection).await?.rows)
    }
}

/// The question for these ids. Not every database can be asked for U+0000, which no id has.
fn of_ids(ids: Vec<String>, fields: &[String]) -> List {
    let ids: HashSet<String> = ids.into_iter().filter(|id| !id.contains('\0')).collect();
    let filter = Filter::test("id", Test::In(ids.into_iter().map(Value::Text).collect()));
    List { filter, fields: fields.to_vec(), ..List::default() }
}
