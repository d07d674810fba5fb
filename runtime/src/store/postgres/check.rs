//! What a group has to know of the store, asked all at once.

use super::connection::Parameter;
use super::prepare::{Prepared, Walk, is_unstorable, walks};
use super::statements::Statements;
use crate::event::Position;
use futures_util::future::{join, join4};
use std::collections::{HashMap, HashSet};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

/// What the store holds that matters to a group, by the number of the append in it.
#[derive(Default)]
pub(super) struct Found {
    /// The last position given away.
    pub(super) head: Position,
    /// Answers under the appends' keys: position and text.
    pub(super) answers: HashMap<usize, (Position, String)>,
    /// Where ids of the appends stand.
    pub(super) ids: HashMap<usize, Vec<Position>>,
    /// Whose conditions fail.
    pub(super) violated: HashSet<usize>,
}

/// A table of parameters, one column a list.
#[derive(Default)]
struct Asked<'a> {
    numbers: Vec<i64>,
    after: Vec<i64>,
    tenants: Vec<&'a str>,
    first: Vec<&'a str>,
    second: Vec<&'a str>,
    ids: Vec<Uuid>,
    types: Vec<Option<String>>,
    others: Vec<Option<String>>,
}

/// All that is asked for one group.
#[derive(Default)]
struct Questions<'a> {
    keys: Asked<'a>,
    ids: Asked<'a>,
    tags: Asked<'a>,
    types: Asked<'a>,
    all: Asked<'a>,
}

/// Takes the counter and looks up everything, in one round trip: the server works on it in this order.
///
/// # Errors
/// What the server says; the transaction stands open then.
pub(super) async fn look(client: &Client, sql: &Statements, group: &[&Prepared]) -> Result<Found, Error> {
    let asked = questions(group);
    let (keys, ids) = (key_parameters(&asked.keys), id_parameters(&asked.ids));
    let (tags, types, all) = (tag_parameters(&asked.tags), type_parameters(&asked.types), all_parameters(&asked.all));
    let begun = client.simple_query(&sql.begin);
    let known = join(ask(client, &sql.answers, &keys, &asked.keys), ask(client, &sql.ids, &ids, &asked.ids));
    let hit_tags = ask(client, &sql.tag_hits, &tags, &asked.tags);
    let hit_rest =
        join(ask(client, &sql.type_hits, &types, &asked.types), ask(client, &sql.all_hits, &all, &asked.all));
    let (begun, (keys, ids), tags, (types, all)) = join4(begun, known, hit_tags, hit_rest).await;
    let head = head(&begun?);
    let mut found = Found { head, ..Found::default() };
    for row in keys? {
        found.answers.insert(number(&row)?, (row.try_get::<_, i64>(1)?.unsigned_abs(), row.try_get(2)?));
    }
    for row in ids? {
        found.ids.entry(number(&row)?).or_default().push(row.try_get::<_, i64>(1)?.unsigned_abs());
    }
    for row in tags?.iter().chain(&types?).chain(&all?) {
        found.violated.insert(number(row)?);
    }
    Ok(found)
}

async fn ask(client: &Client, sql: &str, parameters: &[Parameter<'_>], asked: &Asked<'_>) -> Result<Vec<Row>, Error> {
    if asked.numbers.is_empty() { Ok(Vec::new()) } else { client.query_typed(sql, parameters).await }
}

fn number(row: &Row) -> Result<usize, Error> {
    Ok(usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX))
}

/// The counter's value is the last row of what the first message answers.
fn head(messages: &[tokio_postgres::SimpleQueryMessage]) -> Position {
    let rows = messages.iter().filter_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
        _ => None,
    });
    rows.last().unwrap_or(0)
}

fn questions<'a>(group: &[&'a Prepared]) -> Questions<'a> {
    let mut asked = Questions::default();
    for (no, prepared) in group.iter().enumerate() {
        let append = &prepared.append;
        let no = i64::try_from(no).unwrap_or(i64::MAX);
        let tenant = append.tenant.as_str();
        if let Some(key) = &append.idempotency {
            asked.keys.row(no, tenant);
            asked.keys.first.push(&key.command);
            asked.keys.second.push(&key.key);
        }
        for event in &append.events {
            asked.ids.row(no, tenant);
            asked.ids.ids.push(event.id);
        }
        if let Some(condition) = &append.condition {
            let after = i64::try_from(condition.after.unwrap_or(0)).unwrap_or(i64::MAX);
            for walk in walks(&append.tenant, &condition.fail_if_events_match) {
                asked.walk(no, (tenant, after), walk);
            }
        }
    }
    asked
}

impl<'a> Questions<'a> {
    fn walk(&mut self, no: i64, (tenant, after): (&'a str, i64), walk: Walk<'a>) {
        let table = match walk {
            Walk::All => &mut self.all,
            Walk::Type(of) => {
                self.types.first.push(of);
                &mut self.types
            }
            Walk::Tag { tag, types, others } => {
                self.tags.first.push(tag);
                self.tags.types.push(types);
                self.tags.others.push(others);
                &mut self.tags
            }
        };
        table.row(no, tenant);
        table.after.push(after);
    }
}

impl<'a> Asked<'a> {
    fn row(&mut self, no: i64, tenant: &'a str) {
        debug_assert!(!is_unstorable(tenant), "refused before");
        self.numbers.push(no);
        self.tenants.push(tenant);
    }
}

fn key_parameters<'p>(asked: &'p Asked<'_>) -> Vec<Parameter<'p>> {
    vec![
        (&asked.numbers, Type::INT8_ARRAY),
        (&asked.tenants, Type::TEXT_ARRAY),
        (&asked.first, Type::TEXT_ARRAY),
        (&asked.second, Type::TEXT_ARRAY),
    ]
}

fn id_parameters<'p>(asked: &'p Asked<'_>) -> Vec<Parameter<'p>> {
    vec![(&asked.numbers, Type::INT8_ARRAY), (&asked.tenants, Type::TEXT_ARRAY), (&asked.ids, Type::UUID_ARRAY)]
}

fn all_parameters<'p>(asked: &'p Asked<'_>) -> Vec<Parameter<'p>> {
    vec![(&asked.numbers, Type::INT8_ARRAY), (&asked.after, Type::INT8_ARRAY), (&asked.tenants, Type::TEXT_ARRAY)]
}

fn type_parameters<'p>(asked: &'p Asked<'_>) -> Vec<Parameter<'p>> {
    let mut parameters = all_parameters(asked);
    parameters.push((&asked.first, Type::TEXT_ARRAY));
    parameters
}

fn tag_parameters<'p>(asked: &'p Asked<'_>) -> Vec<Parameter<'p>> {
    let mut parameters = type_parameters(asked);
    parameters.push((&asked.types, Type::TEXT_ARRAY));
    parameters.push((&asked.others, Type::TEXT_ARRAY));
    parameters
}
