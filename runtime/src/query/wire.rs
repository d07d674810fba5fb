//! From the filter and order messages of the wire to [`Filter`] and [`Order`].

use super::Order;
use crate::wire;

/// Builders for the condition that one field's filter message puts on its column.
///
/// A message that is absent, or in which nothing is set, restricts nothing.
pub mod filter_of {
    use std::str::FromStr;

    use crate::entry::Value;
    use crate::query::{Comparison, Filter, Invalid, Test, TextTest};
    use crate::value::{Date, DateTime, Decimal};
    use crate::wire::{
        BooleanFilter, DateFilter, DateTimeFilter, DateTimeList, DecimalFilter, FloatFilter, IdFilter, IntFilter,
        ListFilter, StringFilter, StringList,
    };

    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};

    /// Restricts a text.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn string(column: &'static str, message: Option<StringFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let mut tests = Vec::new();
        compare(&mut tests, Equal, message.equals);
        compare(&mut tests, NotEqual, message.not_equals);
        text(&mut tests, message.equals_case_insensitive, (false, true, false));
        text(&mut tests, message.not_equals_case_insensitive, (false, true, true));
        text(&mut tests, message.contains, (true, false, false));
        text(&mut tests, message.not_contains, (true, false, true));
        text(&mut tests, message.contains_case_insensitive, (true, true, false));
        text(&mut tests, message.not_contains_case_insensitive, (true, true, true));
        within(&mut tests, message.r#in, message.not_in);
        Ok(all(column, tests))
    }

    /// Restricts an id or a reference.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn id(column: &'static str, message: Option<IdFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let mut tests = Vec::new();
        compare(&mut tests, Equal, message.equals);
        compare(&mut tests, NotEqual, message.not_equals);
        within(&mut tests, message.r#in, message.not_in);
        Ok(all(column, tests))
    }

    /// Restricts an enum by the names of its values.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn enumeration(column: &'static str, message: Option<IdFilter>) -> Result<Filter, Invalid> {
        id(column, message)
    }

    /// Restricts an integer.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn int(column: &'static str, message: Option<IntFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let mut tests = Vec::new();
        compare(&mut tests, Equal, message.equals);
        compare(&mut tests, NotEqual, message.not_equals);
        compare(&mut tests, Less, message.less_than);
        compare(&mut tests, Greater, message.greater_than);
        compare(&mut tests, LessOrEqual, message.less_than_or_equal);
        compare(&mut tests, GreaterOrEqual, message.greater_than_or_equal);
        Ok(all(column, tests))
    }

    /// Restricts a float. Numbers that are not finite are refused when the filter meets its table.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn float(column: &'static str, message: Option<FloatFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let mut tests = Vec::new();
        compare(&mut tests, Equal, message.equals);
        compare(&mut tests, NotEqual, message.not_equals);
        compare(&mut tests, Less, message.less_than);
        compare(&mut tests, Greater, message.greater_than);
        compare(&mut tests, LessOrEqual, message.less_than_or_equal);
        compare(&mut tests, GreaterOrEqual, message.greater_than_or_equal);
        Ok(all(column, tests))
    }

    /// Restricts a boolean.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn boolean(column: &'static str, message: Option<BooleanFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let mut tests = Vec::new();
        compare(&mut tests, Equal, message.equals);
        compare(&mut tests, NotEqual, message.not_equals);
        Ok(all(column, tests))
    }

    /// Restricts a point in time.
    ///
    /// # Errors
    /// When a timestamp is out of range.
    pub fn date_time(column: &'static str, message: Option<DateTimeFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let given = [
            (Equal, message.equals),
            (NotEqual, message.not_equals),
            (Less, message.before),
            (LessOrEqual, message.before_or_at),
            (Greater, message.after),
            (GreaterOrEqual, message.at_or_after),
        ];
        let mut tests = Vec::new();
        for (comparison, at) in given {
            compare(&mut tests, comparison, at.map(|at| instant(column, at)).transpose()?);
        }
        if let Some(list) = message.r#in {
            tests.push(Test::In(instants(column, list)?));
        }
        if let Some(list) = message.not_in {
            tests.push(Test::NotIn(instants(column, list)?));
        }
        Ok(all(column, tests))
    }

    /// Restricts a calendar date.
    ///
    /// # Errors
    /// When a text is no date.
    pub fn date(column: &'static str, message: Option<DateFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let given = [
            (Equal, message.equals),
            (NotEqual, message.not_equals),
            (Less, message.less_than),
            (Greater, message.greater_than),
            (LessOrEqual, message.less_than_or_equal),
            (GreaterOrEqual, message.greater_than_or_equal),
        ];
        Ok(all(column, read::<Date, _>(column, given)?))
    }

    /// Restricts a decimal number.
    ///
    /// # Errors
    /// When a text is no decimal number.
    pub fn decimal(column: &'static str, message: Option<DecimalFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let given = [
            (Equal, message.equals),
            (NotEqual, message.not_equals),
            (Less, message.less_than),
            (Greater, message.greater_than),
            (LessOrEqual, message.less_than_or_equal),
            (GreaterOrEqual, message.greater_than_or_equal),
        ];
        Ok(all(column, read::<Decimal, _>(column, given)?))
    }

    /// Restricts a list of references by its length and by the ids in it.
    ///
    /// # Errors
    /// None so far; every builder has the same form.
    pub fn list(column: &'static str, message: Option<ListFilter>) -> Result<Filter, Invalid> {
        let message = message.unwrap_or_default();
        let empty = |is_empty: bool| if is_empty { Equal } else { Greater };
        let lengths = [
            (Equal, message.length_eq),
            (NotEqual, message.length_not_eq),
            (Less, message.length_lt),
            (LessOrEqual, message.length_lt_or_eq),
            (Greater, message.length_gt),
            (GreaterOrEqual, message.length_gt_or_eq),
        ];
        let given = lengths.into_iter().filter_map(|(comparison, length)| Some(Test::Length(comparison, length?)));
        let mut tests: Vec<Test> = given.collect();
        tests.extend(message.empty.map(|is_empty| Test::Length(empty(is_empty), 0)));
        tests.extend(message.not_empty.map(|is_not_empty| Test::Length(empty(!is_not_empty), 0)));
        tests.extend(message.in_array.map(|list| Test::Holds(list.values)));
        tests.extend(message.not_in_array.map(|list| Test::HoldsNone(list.values)));
        Ok(all(column, tests))
    }

    fn all(column: &'static str, tests: Vec<Test>) -> Filter {
        Filter::all(tests.into_iter().map(|test| Filter::test(column, test)).collect())
    }

    /// Comparisons with values that travel as text.
    fn read<T, const N: usize>(column: &str, given: [(Comparison, Option<String>); N]) -> Result<Vec<Test>, Invalid>
    where
        T: FromStr<Err: ToString> + Into<Value>,
    {
        let mut tests = Vec::new();
        for (comparison, text) in given {
            let value = text.map(|text| T::from_str(&text)).transpose();
            compare(&mut tests, comparison, value.map_err(|error| Invalid::field(column, error.to_string()))?);
        }
        Ok(tests)
    }

    fn compare(tests: &mut Vec<Test>, comparison: Comparison, value: Option<impl Into<Value>>) {
        tests.extend(value.map(|value| Test::Compare(comparison, value.into())));
    }

    fn text(tests: &mut Vec<Test>, text: Option<String>, (part, folded, negated): (bool, bool, bool)) {
        tests.extend(text.map(|text| Test::Text(TextTest { text, part, folded, negated })));
    }

    fn within(tests: &mut Vec<Test>, inside: Option<StringList>, outside: Option<StringList>) {
        let values = |list: StringList| list.values.into_iter().map(Value::Text).collect();
        tests.extend(inside.map(|list| Test::In(values(list))));
        tests.extend(outside.map(|list| Test::NotIn(values(list))));
    }

    fn instants(column: &str, list: DateTimeList) -> Result<Vec<Value>, Invalid> {
        list.values.into_iter().map(|at| instant(column, at).map(Value::Instant)).collect()
    }

    /// Finer than milliseconds is cut off, as everywhere.
    fn instant(column: &str, at: prost_types::Timestamp) -> Result<DateTime, Invalid> {
        let millis = at.seconds.checked_mul(1000).and_then(|ms| ms.checked_add(i64::from(at.nanos) / 1_000_000));
        let known = millis.and_then(DateTime::checked);
        known.ok_or_else(|| Invalid::field(column, "the point in time is out of range"))
    }
}

/// The order that a request's order message asks for: each column with what the message says of it.
///
/// Of several fields the one with the lowest priority counts first; of equal ones the first named here.
#[must_use]
pub fn order(fields: impl IntoIterator<Item = (&'static str, Option<wire::OrderBy>)>) -> Vec<Order> {
    let given = fields.into_iter().filter_map(|(column, by)| Some((column, by?)));
    let mut order: Vec<Order> = given
        .map(|(column, by)| {
            let descending = by.direction() == wire::Direction::Desc;
            Order { column: column.to_owned(), descending, priority: by.priority }
        })
        .collect();
    order.sort_by_key(|by| by.priority);
    order
}
