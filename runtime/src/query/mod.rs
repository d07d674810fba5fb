//! Questions to an entry's table: filters, orders, pages, and their SQL.

mod check;
mod cursor;
mod dialect;
mod filter;
mod invalid;
mod keyset;
mod matches;
mod order;
mod quote;
mod select;
mod sql;
mod wire;

pub use dialect::{Dialect, SqliteDialect};
pub use filter::{Comparison, Filter, Refers, Test, TextTest};
pub use invalid::{Invalid, Problem};
pub use order::Order;
pub use select::{List, MAX_LIMIT, On, Selected, Selection, WITHOUT_TOTAL};
pub use sql::Sql;
pub use wire::{filter_of, order};

pub(crate) use check::{filter as check_filter, own_filter as check_own_filter};
pub(crate) use dialect::FOLD;
#[cfg(feature = "postgres")]
pub(crate) use dialect::PostgresDialect;
pub(crate) use matches::fold;
pub(crate) use quote::quote;
