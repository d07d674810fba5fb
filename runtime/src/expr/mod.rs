//! What compiled expressions call. Nothing here panics; what has no right answer is an [`EvalError`].

mod error;

pub use error::EvalError;
