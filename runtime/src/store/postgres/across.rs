//! Reading the events of all tenants: along their positions, a stretch at a time.
//!
//! Every index but the positions' own begins with a tenant, so what a query means is found by looking at one event after the
//! other. Over all of them at once the planner may take it into its head to look at the whole table and sort what it finds,
//! page after page, as soon as it thinks that little is meant: and what it thinks is a guess, or as old as its last count. In a
//! stretch of some thousand positions every plan is cheap, and a type that is rare takes no statement that runs for minutes.

use super::connection::Parameter;
use super::pool::Pool;
use super::prepare::is_unstorable;
use super::rows::{Bounds, COLUMNS, Remnants, column};
use super::statements::array;
use crate::event::{Query, QueryItem, Tag};
use crate::store::{Range, StoreError};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// The first stretch, in positions, for each event wanted.
const FIRST: i64 = 4;
/// The shortest stretch, in positions.
const SHORTEST: i64 = 4_096;
/// The longest, in positions: some 20 ms of a server's time.
const LONGEST: i64 = 65_536;
/// So many times as long as the one before is each stretch.
const GROWTH: i64 = 4;

/// The events of all tenants that a query means.
///
/// # Errors
/// If the database fails.
pub(super) async fn rows(
    pool: &Pool,
    schema: &str,
    query: &Query,
    (range, remnants): (Range, Remnants),
) -> Result<Vec<Row>, StoreError> {
    let Some(meant) = Meant::of(query) else { return Ok(Vec::new()) };
    let mut bounds = Bounds::of(range);
    let sql = meant.sql(schema, bounds.order, remnants);
    let Some(mut wanted) = bounds.limit.filter(|_| !matches!(meant, Meant::All)) else {
        return pool.read(&sql, &meant.parameters(&bounds)).await;
    };
    let head = format!("SELECT position FROM {schema}.counter");
    if range.backwards {
        bounds.until = bounds.until.min(newest(&pool.read(&head, &[]).await?)?);
    }
    let (mut length, mut found) = (wanted.saturating_mul(FIRST).clamp(SHORTEST, LONGEST), Vec::new());
    loop {
        let stretch = bounds.stretch(length, wanted, range.backwards);
        let statements = [(sql.as_str(), meant.parameters(&stretch)), (head.as_str(), Vec::new())];
        let mut answers = pool.read_together(&statements).await?.into_iter();
        let (some, head) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        wanted = wanted.saturating_sub(i64::try_from(some.len()).unwrap_or(i64::MAX));
        found.extend(some);
        if range.backwards {
            bounds.until = stretch.after;
        } else {
            // What came after the statement's moment is left to the next call.
            (bounds.after, bounds.until) = (stretch.until, bounds.until.min(newest(&head)?));
        }
        if wanted <= 0 || bounds.after >= bounds.until {
            return Ok(found);
        }
        length = length.saturating_mul(GROWTH).min(LONGEST);
    }
}

impl Bounds {
    /// So many positions of these bounds, at the end where reading begins.
    fn stretch(&self, length: i64, limit: i64, backwards: bool) -> Self {
        let (mut after, mut until) = (self.after, self.until);
        if backwards {
            after = after.max(until.saturating_sub(length));
        } else {
            until = until.min(after.saturating_add(length));
        }
        Self { after, until, limit: Some(limit), order: self.order }
    }
}

fn newest(rows: &[Row]) -> Result<i64, StoreError> {
    rows.first().map_or(Ok(0), |row| column(row, 0))
}

/// What a query means, in the form that the server tests it in.
enum Meant {
    All,
    /// Events of any of these types.
    Types(Vec<String>),
    /// For each item the texts of two arrays: any of these types, all of these tags. None: no matter which.
    Items(Vec<Option<String>>, Vec<Option<String>>),
}

impl Meant {
    /// None if it means nothing that can be stored.
    fn of(query: &Query) -> Option<Self> {
        let Query::Items(items) = query else { return Some(Self::All) };
        if items.iter().any(|item| item.types.is_empty() && item.tags.is_empty()) {
            return Some(Self::All);
        }
        let storable = |item: &&QueryItem| !item.tags.iter().any(|tag| is_unstorable(tag.as_str()));
        let items: Vec<&QueryItem> = items.iter().filter(storable).collect();
        if items.iter().all(|item| item.tags.is_empty()) {
            let types: Vec<String> = items.into_iter().flat_map(types).map(str::to_owned).collect();
            return (!types.is_empty()).then_some(Self::Types(types));
        }
        let (types, tags) = items.into_iter().map(|item| (of_types(item), of_tags(item))).unzip();
        Some(Self::Items(types, tags))
    }

    fn sql(&self, schema: &str, order: &str, remnants: Remnants) -> String {
        let test = match self {
            Self::All => "",
            Self::Types(_) => " AND e.type = ANY ($4)",
            Self::Items(..) => {
                " AND EXISTS (SELECT 1 FROM unnest($4::text[], $5::text[]) AS k(types, tags) \
                 WHERE (k.types IS NULL OR e.type = ANY (k.types::text[])) \
                 AND (k.tags IS NULL OR e.tags @> k.tags::text[]))"
            }
        };
        format!(
            "SELECT {COLUMNS} FROM {schema}.events AS e WHERE e.position > $1 AND e.position <= $2{test}{} \
             ORDER BY e.position {order} LIMIT $3",
            remnants.test("e")
        )
    }

    fn parameters<'a>(&'a self, bounds: &'a Bounds) -> Vec<Parameter<'a>> {
        let mut parameters = bounds.parameters();
        match self {
            Self::All => {}
            Self::Types(types) => parameters.push((types, Type::TEXT_ARRAY)),
            Self::Items(types, tags) => parameters.extend([types, tags].map(|one| (one as _, Type::TEXT_ARRAY))),
        }
        parameters
    }
}

fn types(item: &QueryItem) -> impl Iterator<Item = &str> {
    item.types.iter().map(AsRef::as_ref).filter(|of| !is_unstorable(of))
}

fn of_types(item: &QueryItem) -> Option<String> {
    (!item.types.is_empty()).then(|| array(types(item)))
}

fn of_tags(item: &QueryItem) -> Option<String> {
    (!item.tags.is_empty()).then(|| array(item.tags.iter().map(Tag::as_str)))
}
