//! Unique constraints of CRUD types, held across processes.
//!
//! An event that gives an entry new values of such fields carries a tag that claims them, and one that takes values from an
//! entry a tag that releases them. Who has them is what the type's table says, and behind the table what these tags say. The
//! event is appended under the claims of its own values alone, so writers of other values never meet it.
//!
//! Tags hold hashes, of 128 bits. Should two values have the same one, a write might be refused for as long as the table has
//! not got the other's event, and no value can ever be had twice.

use std::collections::BTreeSet;

use super::folded::{Folded, Writing, apply, stored, types};
use super::{CrudError, CrudType};
use crate::entry::{Row, Table, Unique, Value, ValueError, digest};
use crate::event::{NewEvent, Position, Query, QueryItem, Tag};
use crate::projection::Route;
use crate::projection::Target;
use crate::query::Invalid;
use crate::store::Range;
use crate::tables::Page;

/// Entries that are looked at for one value. Only data that broke the constraint before it was there can have more than one.
const HOLDERS: usize = 100;
/// Events read at once.
const PAGE: usize = 1000;

/// Whether the entry may become what the event makes of it: adds the tags of what is claimed and released, and gives what must
/// not have been appended behind the events folded so far.
///
/// # Errors
/// [`CrudError::Unique`] if another entry has the values; [`CrudError::Invalid`] for values that cannot be indexed.
pub(super) async fn guard<C: CrudType>(
    writing: &Writing<'_>,
    id: &str,
    folded: &Folded<C>,
    (event, new): (&C::Event, &mut NewEvent),
) -> Result<Vec<QueryItem>, CrudError> {
    let mut claimed = Vec::new();
    if C::UNIQUE.is_empty() {
        return Ok(claimed);
    }
    let mut after = folded.entry.clone();
    apply(&mut after, id, event, &stored(new.clone(), writing.tenant, 0).meta());
    let row = |entry: &Option<C>| entry.as_ref().map(Row::of).transpose().map_err(|error| invalid(&C::TABLE, &error));
    let (before, after) = (row(&folded.entry)?, row(&after)?);
    for unique in C::UNIQUE {
        let values = |row: &Option<Row>| row.as_ref().and_then(|row| unique.values(&C::TABLE, row));
        let (before, now) = (values(&before), values(&after));
        if before == now {
            continue;
        }
        if let Some(values) = before {
            new.tags.push(Mark::Released.tag(&C::TABLE, unique, &values));
        }
        if let (Some(values), Some(row)) = (now, &after) {
            // What the table cannot keep would be put aside, and its values be there for others to take.
            let place = &writing.live.place;
            writing.live.tables.check(place, row).map_err(|error| invalid(&C::TABLE, &error))?;
            let claim = Claim { unique, values, until: folded.position };
            if claim.is_held_by_another::<C>(writing, id).await? {
                return Err(CrudError::Unique(unique.violated()));
            }
            let tag = Mark::Claimed.tag(&C::TABLE, unique, &claim.values);
            new.tags.push(tag.clone());
            claimed.push(QueryItem::of(&types::<C>(), [tag]));
        }
    }
    Ok(claimed)
}

/// What a tag says of values.
#[derive(Clone, Copy)]
enum Mark {
    /// The entry has them from here on.
    Claimed,
    /// It has them no more.
    Released,
}

impl Mark {
    /// `claimed:student(email):` and the hash of the values.
    fn tag(self, table: &Table, unique: &Unique, values: &[Value]) -> Tag {
        let mark = match self {
            Self::Claimed => "claimed",
            Self::Released => "released",
        };
        Tag::new(format!("{mark}:{}({}):{}", table.name, unique.columns.join(","), digest(values)))
    }
}

/// Values that an entry is to have.
struct Claim<'a> {
    unique: &'a Unique,
    values: Vec<Value>,
    /// As of this event.
    until: Position,
}

impl Claim<'_> {
    /// Whether another entry has them.
    async fn is_held_by_another<C: CrudType>(&self, writing: &Writing<'_>, id: &str) -> Result<bool, CrudError> {
        let (live, tenant) = (writing.live, writing.tenant);
        // Asked for before the rows are: they may be of later, and then what comes behind here is only said twice.
        let from = live.progress().borrow().applied;
        let page = Page { after: None, limit: HOLDERS };
        let rows = live.tables.matching(&live.place, tenant, &self.unique.filter(&self.values), page).await?;
        let there_are_more = rows.len() >= HOLDERS;
        let mut holders: BTreeSet<String> = rows.into_iter().map(|kept| kept.row.base.id).collect();
        self.follow::<C>(writing, from, &mut holders).await?;
        holders.remove(id);
        Ok(there_are_more || !holders.is_empty())
    }

    /// Who has them by what came behind the table.
    async fn follow<C: CrudType>(
        &self,
        writing: &Writing<'_>,
        mut from: Position,
        holders: &mut BTreeSet<String>,
    ) -> Result<(), CrudError> {
        let [claimed, released] =
            [Mark::Claimed, Mark::Released].map(|mark| mark.tag(&C::TABLE, self.unique, &self.values));
        let types = types::<C>();
        let query = Query::of([&claimed, &released].map(|tag| QueryItem::of(&types, [tag.clone()])));
        while from < self.until {
            let range = Range::after(from).until(self.until).limit(PAGE);
            let page = writing.events.read(writing.tenant, &query, range).await?;
            from = page.last().filter(|_| page.len() >= PAGE).map_or(self.until, |last| last.position);
            for stored in page {
                let Ok(Some(event)) =
                    crate::event::EventSet::decode(&stored.event_type, stored.version, &stored.payload)
                else {
                    continue;
                };
                for route in C::route(&event, &stored.meta()).unwrap_or_default() {
                    let (Route::Upsert(Target::Id(of)) | Route::Remove(Target::Id(of))) = route else { continue };
                    if stored.tags.contains(&claimed) {
                        holders.insert(of);
                    } else {
                        holders.remove(&of);
                    }
                }
            }
        }
        Ok(())
    }
}

fn invalid(table: &Table, error: &ValueError) -> CrudError {
    let fields = error.column.split(", ").map(|name| table.column(name).map_or(name, |column| column.field));
    Invalid::field(fields.collect::<Vec<_>>().join(", "), error.reason.clone()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_a_bounded_length_whatever_the_values() {
        let table = Table { entry: "S", name: "s", definition: "", columns: &[], indexes: &[] };
        let unique = Unique { name: "s_a", columns: &["a"] };
        let tag = Mark::Claimed.tag(&table, &unique, &[Value::Text("x".repeat(10_000))]);
        assert_eq!(tag.as_str().len(), "claimed:s(a):".len() + 32);
    }
}
