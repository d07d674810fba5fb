//! Filters and orders as clients write them, and their way onto the wire. `null` counts as absent.

use async_graphql::{Enum, ID, InputObject};

use super::{Date, DateTime, Decimal, Int};
use crate::wire;

macro_rules! filter {
    ($(#[doc = $doc:literal])* $name:ident => $wire:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, InputObject)]
        pub struct $name {
            $($(#[$attribute])* pub $field: Option<$kind>,)*
        }

        impl From<$name> for wire::$wire {
            fn from(filter: $name) -> Self {
                Self { $($field: filter.$field.map(OnWire::on_wire),)* }
            }
        }
    };
}

filter! {
    /// Restricts a text field; everything that is set must hold.
    StringFieldFilter => StringFilter {
        /// Is this text.
        equals: String,
        /// Is not this text.
        not_equals: String,
        /// Is this text, whatever the case.
        equals_case_insensitive: String,
        /// Is not this text, whatever the case.
        not_equals_case_insensitive: String,
        /// Has this text in it.
        contains: String,
        /// Does not have this text in it.
        not_contains: String,
        /// Has this text in it, whatever the case.
        contains_case_insensitive: String,
        /// Does not have this text in it, whatever the case.
        not_contains_case_insensitive: String,
        /// Is one of these.
        r#in: Vec<String>,
        /// Is none of these.
        not_in: Vec<String>,
    }
}

filter! {
    /// Restricts an id, a reference or an enum; everything that is set must hold.
    IdFieldFilter => IdFilter {
        /// Is this.
        equals: ID,
        /// Is not this.
        not_equals: ID,
        /// Is one of these.
        r#in: Vec<ID>,
        /// Is none of these.
        not_in: Vec<ID>,
    }
}

filter! {
    /// Restricts a whole number; everything that is set must hold.
    IntFieldFilter => IntFilter {
        /// Is this.
        equals: Int,
        /// Is not this.
        not_equals: Int,
        /// Is less than this.
        less_than: Int,
        /// Is greater than this.
        greater_than: Int,
        /// Is at most this.
        less_than_or_equal: Int,
        /// Is at least this.
        greater_than_or_equal: Int,
    }
}

filter! {
    /// Restricts a number; everything that is set must hold.
    FloatFieldFilter => FloatFilter {
        /// Is this.
        equals: f64,
        /// Is not this.
        not_equals: f64,
        /// Is less than this.
        less_than: f64,
        /// Is greater than this.
        greater_than: f64,
        /// Is at most this.
        less_than_or_equal: f64,
        /// Is at least this.
        greater_than_or_equal: f64,
    }
}

filter! {
    /// Restricts a truth value; everything that is set must hold.
    BooleanFieldFilter => BooleanFilter {
        /// Is this.
        equals: bool,
        /// Is not this.
        not_equals: bool,
    }
}

filter! {
    /// Restricts a point in time; everything that is set must hold.
    DateTimeFieldFilter => DateTimeFilter {
        /// Is this.
        equals: DateTime,
        /// Is not this.
        not_equals: DateTime,
        /// Is earlier than this.
        before: DateTime,
        /// Is this or earlier.
        before_or_at: DateTime,
        /// Is later than this.
        after: DateTime,
        /// Is this or later.
        at_or_after: DateTime,
        /// Is one of these.
        r#in: Vec<DateTime>,
        /// Is none of these.
        not_in: Vec<DateTime>,
    }
}

filter! {
    /// Restricts a day of the calendar; everything that is set must hold.
    DateFieldFilter => DateFilter {
        /// Is this.
        equals: Date,
        /// Is not this.
        not_equals: Date,
        /// Is earlier than this.
        less_than: Date,
        /// Is later than this.
        greater_than: Date,
        /// Is this or earlier.
        less_than_or_equal: Date,
        /// Is this or later.
        greater_than_or_equal: Date,
    }
}

filter! {
    /// Restricts a decimal number; everything that is set must hold.
    DecimalFieldFilter => DecimalFilter {
        /// Is this.
        equals: Decimal,
        /// Is not this.
        not_equals: Decimal,
        /// Is less than this.
        less_than: Decimal,
        /// Is greater than this.
        greater_than: Decimal,
        /// Is at most this.
        less_than_or_equal: Decimal,
        /// Is at least this.
        greater_than_or_equal: Decimal,
    }
}

filter! {
    /// Restricts a list of references; everything that is set must hold.
    ListFieldFilter => ListFilter {
        /// Has this many.
        length_eq: Int,
        /// Has not this many.
        length_not_eq: Int,
        /// Has fewer.
        length_lt: Int,
        /// Has this many or fewer.
        length_lt_or_eq: Int,
        /// Has more.
        length_gt: Int,
        /// Has this many or more.
        length_gt_or_eq: Int,
        /// Whether it has none.
        empty: bool,
        /// Whether it has any.
        not_empty: bool,
        /// Has at least one of these.
        in_array: Vec<ID>,
        /// Has none of these.
        not_in_array: Vec<ID>,
    }
}

/// Which way a field sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "OrderDirection")]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// Sorts by one field. Of several the one with the lowest priority counts first.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct FieldOrder {
    /// Which way.
    #[graphql(default_with = "Direction::Asc")]
    pub direction: Direction,
    /// Lower counts first.
    #[graphql(default)]
    pub priority: Int,
}

impl From<FieldOrder> for wire::OrderBy {
    fn from(order: FieldOrder) -> Self {
        let direction = match order.direction {
            Direction::Asc => wire::Direction::Asc,
            Direction::Desc => wire::Direction::Desc,
        };
        Self { direction: direction.into(), priority: order.priority.into() }
    }
}

trait OnWire {
    type Wire;
    fn on_wire(self) -> Self::Wire;
}

macro_rules! on_wire {
    ($($from:ty => $to:ty, $convert:expr;)*) => {
        $(impl OnWire for $from {
            type Wire = $to;
            fn on_wire(self) -> $to {
                let convert: fn($from) -> $to = $convert;
                convert(self)
            }
        })*
    };
}

on_wire! {
    String => String, |text| text;
    ID => String, |id| id.0;
    Int => i64, i64::from;
    f64 => f64, |number| number;
    bool => bool, |truth| truth;
    Date => String, String::from;
    Decimal => String, String::from;
    DateTime => prost_types::Timestamp, prost_types::Timestamp::from;
    Vec<String> => wire::StringList, |values| wire::StringList { values };
    Vec<ID> => wire::StringList, |ids| wire::StringList { values: ids.into_iter().map(|id| id.0).collect() };
    Vec<DateTime> => wire::DateTimeList, |values| wire::DateTimeList { values: values.into_iter().map(Into::into).collect() };
}
