//! What compiled expressions call. Nothing here panics; what has no right answer is an [`EvalError`].
//!
//! Functions that can fail return a `Result`, the others their value. Lists are taken as slices and predicates as closures
//! over a reference to the element that may fail; nil is `None`. What plain Rust says as well (`to_uppercase`, `contains`) is
//! not here.

mod arithmetic;
mod convert;
mod decimal;
mod error;
mod json;
mod list;
mod order;
mod text;

pub use arithmetic::{Fraction, Number, abs, add, ceil, div, floor, mul, neg, pow, rem, round, round_to, sub, sum};
pub use convert::{ToFloat, ToInt, float, instant, int, int_sum, show, some};
pub use decimal::{ToDecimal, decimal};
pub use error::EvalError;
pub use json::{
    from_json, json_contains, json_equal, json_ids, json_index, json_len, json_path, object, read, to_json,
};
pub use list::{all, any, append, concat, count, each, filter, find, index, map, none, unique};
pub use order::{max, min, sort};
pub use text::{Len, Pattern, len, split};
