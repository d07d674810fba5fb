//! Queries as SQL.
//!
//! An item becomes one or more arms, each a walk along one index in order of position, so that SQLite merges the arms
//! without sorting and stops at the limit: with tags along the first tag's, with types alone one arm a type. Every value is
//! bound; the text depends on the shape of the query alone, so that prepared statements are found again.

use super::rows;
use crate::event::{Position, Query, QueryItem, Tag, Tenant};
use crate::store::{Range, StoreError};
use rusqlite::{Connection, params_from_iter, types::Value};
use std::fmt::Write as _;

/// Arms a statement; SQLite takes 500 at most, and 32,766 values.
const ARMS: usize = 100;

/// A statement with its values.
pub(super) struct Select {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// The statements that together read what a query means, with or without what is left of deleted events.
pub(super) fn selects(tenant: Option<&Tenant>, query: &Query, range: Range, remnants: Remnants) -> Vec<Select> {
    let arms = arms(tenant.is_some(), query);
    arms.chunks(ARMS).map(|chunk| reading(tenant, chunk, (range, remnants))).collect()
}

/// What becomes of what is left of deleted events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Remnants {
    /// They are found like events.
    Found,
    /// They are passed over, which costs a look at each event.
    LeftOut,
}

/// Whether a tenant has an event behind `after` that the query means.
///
/// # Errors
/// If the database fails.
pub(super) fn exists(
    connection: &Connection,
    tenant: &Tenant,
    query: &Query,
    after: Position,
) -> Result<bool, StoreError> {
    for chunk in arms(true, query).chunks(ARMS) {
        let mut select = Select { sql: String::new(), values: Vec::new() };
        for (number, arm) in chunk.iter().enumerate() {
            select.sql.push_str(if number == 0 { "SELECT EXISTS (" } else { " OR EXISTS (" });
            select.arm(Some(tenant), arm, (Range::after(after), Remnants::Found));
            select.sql.push(')');
        }
        let mut statement = connection.prepare_cached(&select.sql)?;
        if statement.query_row(params_from_iter(&select.values), |row| row.get::<_, bool>(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One walk along one index.
enum Arm<'a> {
    /// All events.
    All,
    /// Of one type.
    Type(&'a str),
    /// Of any of the types.
    Types(&'a QueryItem),
    /// With tags, and maybe of certain types.
    Tags(&'a QueryItem),
}

/// The arms of a query. The type index begins with the tenant; across tenants the events themselves are walked.
fn arms(one_tenant: bool, query: &Query) -> Vec<Arm<'_>> {
    let Query::Items(items) = query else { return vec![Arm::All] };
    if items.iter().any(|item| item.types.is_empty() && item.tags.is_empty()) {
        return vec![Arm::All];
    }
    let mut arms = Vec::new();
    for item in items {
        if !item.tags.is_empty() {
            arms.push(Arm::Tags(item));
        } else if one_tenant {
            arms.extend(item.types.iter().map(|of| Arm::Type(of)));
        } else {
            arms.push(Arm::Types(item));
        }
    }
    arms
}

fn reading(tenant: Option<&Tenant>, arms: &[Arm<'_>], (range, remnants): (Range, Remnants)) -> Select {
    let mut select = Select { sql: format!("SELECT {} FROM (", rows::COLUMNS), values: Vec::new() };
    for (number, arm) in arms.iter().enumerate() {
        if number > 0 {
            select.sql.push_str(" UNION ");
        }
        select.arm(tenant, arm, (range, remnants));
    }
    let order = if range.backwards { "DESC" } else { "ASC" };
    let _ = write!(select.sql, " ORDER BY 1 {order}");
    if let Some(limit) = range.limit {
        let limit = select.bind(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let _ = write!(select.sql, " LIMIT {limit}");
    }
    // CROSS JOIN walks the hits first, then each one's event by its key. What comes out is in order already; saying so again
    // would make SQLite sort when it goes backwards.
    select.sql.push_str(") AS hit CROSS JOIN events AS e ON e.position = hit.position");
    select
}

impl Select {
    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn text(&mut self, text: &str) -> String {
        self.bind(Value::Text(text.to_owned()))
    }

    /// One arm: the positions that it means.
    fn arm(&mut self, tenant: Option<&Tenant>, arm: &Arm<'_>, (range, remnants): (Range, Remnants)) {
        let table = if matches!(arm, Arm::Tags(_)) { "event_tags" } else { "events" };
        let _ = write!(self.sql, "SELECT w.position AS position FROM {table} AS w WHERE ");
        self.positions(range);
        if let Some(tenant) = tenant {
            let tenant = self.text(tenant.as_str());
            let _ = write!(self.sql, " AND w.tenant = {tenant}");
        }
        match arm {
            Arm::All => {}
            Arm::Type(of) => {
                let of = self.text(of);
                let _ = write!(self.sql, " AND w.type = {of}");
            }
            Arm::Types(item) => self.types(item),
            Arm::Tags(item) => {
                self.types(item);
                self.tags(&item.tags);
            }
        }
        if remnants == Remnants::LeftOut {
            self.sql.push_str(match arm {
                Arm::Tags(_) => {
                    " AND EXISTS (SELECT 1 FROM events AS l WHERE l.position = w.position AND l.version >= 0)"
                }
                _ => " AND w.version >= 0",
            });
        }
    }

    fn positions(&mut self, range: Range) {
        let after = self.bind(Value::Integer(i64::try_from(range.after).unwrap_or(i64::MAX)));
        let _ = write!(self.sql, "w.position > {after}");
        if let Some(until) = range.until {
            let until = self.bind(Value::Integer(i64::try_from(until).unwrap_or(i64::MAX)));
            let _ = write!(self.sql, " AND w.position <= {until}");
        }
    }

    fn types(&mut self, item: &QueryItem) {
        if item.types.is_empty() {
            return;
        }
        let types: Vec<String> = item.types.iter().map(|of| self.text(of)).collect();
        // The plus keeps the planner on the index that gives the order.
        let _ = write!(self.sql, " AND +w.type IN ({})", types.join(", "));
    }

    /// The first tag leads, the others are looked up for each of its events.
    fn tags(&mut self, tags: &[Tag]) {
        let Some((first, others)) = tags.split_first() else { return };
        let first = self.text(first.as_str());
        let _ = write!(self.sql, " AND w.tag = {first}");
        for other in others {
            let other = self.text(other.as_str());
            let _ = write!(
                self.sql,
                " AND EXISTS (SELECT 1 FROM event_tags AS o WHERE o.tenant = w.tenant AND o.tag = {other} \
                 AND o.position = w.position)"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::sqlite::schema;

    fn plan(tenant: Option<&Tenant>, query: &Query, range: Range, remnants: Remnants) -> String {
        let connection = Connection::open_in_memory().unwrap();
        schema::prepare_writer(&connection).unwrap();
        let mut plan = String::new();
        for select in selects(tenant, query, range, remnants) {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", select.sql)).unwrap();
            let mut rows = statement.query(params_from_iter(&select.values)).unwrap();
            while let Some(row) = rows.next().unwrap() {
                plan.push_str(&row.get::<_, String>(3).unwrap());
                plan.push('\n');
            }
        }
        plan
    }

    /// However many events there are, a query walks only those of its tags or types, and sorts nothing.
    #[test]
    fn every_arm_walks_its_index_in_order() {
        let tenant = Tenant::new("acme");
        let tags = |count: usize| (0..count).map(|n| Tag::new(format!("x:{n}")));
        let items = [QueryItem::of(&["A", "B"], []), QueryItem::of(&[], tags(1)), QueryItem::of(&["A", "B"], tags(2))];
        let queries = items.iter().cloned().map(|item| Query::of([item])).chain([Query::of(items.clone())]);
        for query in queries {
            for range in [Range::after(5).until(50), Range::default().limit(10), Range::default().backwards()] {
                for remnants in [Remnants::Found, Remnants::LeftOut] {
                    let plan = plan(Some(&tenant), &query, range, remnants);
                    assert!(!plan.contains("SCAN e") && !plan.contains("SCAN w"), "{query:?} {range:?}\n{plan}");
                    assert!(!plan.contains("TEMP B-TREE"), "{query:?} {range:?}\n{plan}");
                }
            }
        }
    }

    /// However many values are bound one after the other, a statement is prepared once.
    #[test]
    fn another_limit_prepares_nothing_again() {
        let connection = Connection::open_in_memory().unwrap();
        schema::prepare_writer(&connection).unwrap();
        let query = Query::of([QueryItem::of(&["A"], [Tag::new("x:1")])]);
        let select = |limit| {
            selects(Some(&Tenant::new("acme")), &query, Range::default().limit(limit), Remnants::Found).remove(0)
        };
        let mut statement = connection.prepare(&select(1).sql).unwrap();
        for limit in [1, 7, 1000] {
            let values = select(limit).values;
            assert!(statement.query(params_from_iter(&values)).unwrap().next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
