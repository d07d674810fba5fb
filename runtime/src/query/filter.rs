//! The filter tree: what an entry must be like to be meant.

use std::borrow::Cow;
use std::sync::Arc;

use crate::entry::{Table, Value};
use crate::event::Tenant;

/// A condition on an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold; none at all means every entry.
    All(Vec<Filter>),
    /// At least one of these holds.
    Any(Vec<Filter>),
    /// A test of one column.
    Field {
        /// The column's name in SQL.
        column: Cow<'static, str>,
        /// What its value must be like.
        test: Test,
    },
    /// A condition on the entries that a column refers to. No caller can ask it.
    Refers(Refers),
}

/// A condition on the entries that a column refers to, by one id or a list of them: at least one of them meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refers {
    /// The column's name in SQL.
    pub column: &'static str,
    /// Where the other entries are kept.
    pub table: Table,
    /// That table's name, as its projection calls it.
    pub name: Arc<str>,
    /// Whose they are.
    pub tenant: Tenant,
    /// What they must be like.
    pub filter: Box<Filter>,
}

/// A test of one column's value. "Not" tests hold for null as well: what is absent is not equal.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Compares with a value of the column's kind; equality with null asks for null.
    Compare(Comparison, Value),
    /// Is one of these.
    In(Vec<Value>),
    /// Is none of these.
    NotIn(Vec<Value>),
    /// A test of a text that plain comparison does not cover.
    Text(TextTest),
    /// Compares the length of a list; null counts as empty.
    Length(Comparison, i64),
    /// The list holds at least one of these.
    Holds(Vec<String>),
    /// The list holds none of these.
    HoldsNone(Vec<String>),
    /// One of these texts stands inside the JSON, in this way: names of fields, and [`EACH`](crate::entry::EACH) for the
    /// elements of a list. Numbers and booleans count as their texts.
    Inside(&'static [&'static str], Vec<String>),
}

/// A way to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same value.
    Equal,
    /// Another value, or null.
    NotEqual,
    /// Smaller or earlier.
    Less,
    /// Not greater.
    LessOrEqual,
    /// Greater or later.
    Greater,
    /// Not smaller.
    GreaterOrEqual,
}

/// Whether a text is, or holds, another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextTest {
    /// The text to look for.
    pub text: String,
    /// It may be a part instead of the whole.
    pub part: bool,
    /// Upper and lower case are the same.
    pub folded: bool,
    /// It must not be.
    pub negated: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self::everything()
    }
}

impl Filter {
    /// Holds for every entry.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Holds for no entry.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// All of these hold. Parts that hold for every entry are left out.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| !part.is_everything()).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Self::All(parts)
            }
            None => Self::everything(),
        }
    }

    /// At least one of these holds. An empty list is a list that was not given: it restricts nothing, and neither does one with
    /// a part that holds for every entry.
    #[must_use]
    pub fn any(parts: Vec<Self>) -> Self {
        if parts.is_empty() || parts.iter().any(Self::is_everything) { Self::everything() } else { Self::Any(parts) }
    }

    /// A test of one column.
    pub fn test(column: impl Into<Cow<'static, str>>, test: Test) -> Self {
        Self::Field { column: column.into(), test }
    }

    /// The column has this value.
    pub fn equals(column: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Equal, value)
    }

    /// The column's value compares so with `value`.
    pub fn compare(column: impl Into<Cow<'static, str>>, comparison: Comparison, value: impl Into<Value>) -> Self {
        Self::test(column, Test::Compare(comparison, value.into()))
    }

    /// Whether it says something of other entries, which no row tells by itself.
    #[must_use]
    pub fn is_about_others(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_about_others),
            Self::Field { .. } => false,
            Self::Refers(_) => true,
        }
    }

    /// Whether it holds for every entry, as far as its form shows.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_everything))
    }
}

impl Comparison {
    /// Whether an ordering of two values satisfies it.
    #[must_use]
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// Its sign in SQL, where neither side is null.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
