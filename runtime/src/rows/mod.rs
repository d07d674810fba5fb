//! Which entries a caller sees, by what the token's data holds.
//!
//! A rule becomes a filter that the database answers together with the caller's own, so that pages and totals are right. Where a
//! row is at hand already, as in subscriptions and writes, the same filter is asked in memory, once what it says of other entries
//! has been looked up.

mod claims;
mod known;

use crate::caller::Caller;
use crate::entry::{ColumnKind, RowRule, Value};
use crate::event::Tenant;
use crate::projection::Live;
use crate::query::{Comparison, Filter, Refers, Test};
use crate::value::Json;

pub use claims::claim;
pub(crate) use claims::{one, values};
pub(crate) use known::known;

/// The projections of a service, as rules find them: by the type that a reference leads to.
pub(crate) trait Others {
    /// Why one is not there.
    type Error;

    /// The projection of the entries that the API calls so, once it serves.
    ///
    /// # Errors
    /// When it does not.
    fn other(&self, entry: &str, tenant: &Tenant) -> Result<&Live, Self::Error>;
}

/// The entries that a caller sees by these rules.
///
/// # Errors
/// When the entries that a reference leads to cannot be looked at now.
pub(crate) fn seen<O: Others>(rules: &[RowRule], caller: &Caller, others: &O) -> Result<Filter, O::Error> {
    let rules = rules.iter().filter(|rule| !is_exempt(rule, caller));
    let filters: Result<_, O::Error> = rules.map(|rule| filter(rule, caller, others)).collect();
    Ok(Filter::all(filters?))
}

/// Whether a rule does not hold for a caller: the process itself, and who has a permission that it makes an exception for.
fn is_exempt(rule: &RowRule, caller: &Caller) -> bool {
    caller.system || rule.except_for.iter().any(|permission| caller.permissions.contains(*permission))
}

fn filter<O: Others>(rule: &RowRule, caller: &Caller, others: &O) -> Result<Filter, O::Error> {
    let values = values(&caller.data, rule.claim, rule.kind);
    if values.is_empty() {
        return Ok(Filter::nothing());
    }
    let mut filter = if rule.inside.is_empty() {
        among(rule.column, rule.kind, values)
    } else {
        Filter::test(rule.column, Test::Inside(rule.inside, values.iter().filter_map(text).collect()))
    };
    for hop in rule.through.iter().rev() {
        let place = &others.other(hop.entry, &caller.tenant)?.place;
        filter = Filter::Refers(Refers {
            column: hop.column,
            table: place.table,
            name: place.name.clone(),
            tenant: caller.tenant.clone(),
            filter: Box::new(filter),
        });
    }
    Ok(filter)
}

/// The column has one of these values: of one, plain equality, which an index answers best.
pub(crate) fn among(column: &'static str, kind: ColumnKind, values: Vec<Value>) -> Filter {
    let equal = |value| Filter::test(column, Test::Compare(Comparison::Equal, value));
    match (kind, values.len()) {
        (_, 0) => Filter::nothing(),
        (ColumnKind::Text, 2..) => Filter::test(column, Test::In(values)),
        _ => Filter::any(values.into_iter().map(equal).collect()),
    }
}

/// A value as it stands inside JSON. The generator lets no other kinds through.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// What stands at a claim: `school.id` is the key `id` of the object at `school`.
fn at<'a>(data: &'a Json, claim: &str) -> Option<&'a Json> {
    claim.split('.').try_fold(data, |json, key| json.as_object()?.get(key))
}
