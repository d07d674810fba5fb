//! Why an expression has no value.

/// Why an expression has no value; it fails that one command or event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A whole number beyond 64 bits, or a Float that is not finite.
    #[error("a number is too large")]
    Overflow,
    /// Division or remainder by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// There is no such element.
    #[error("index {index} is out of range: the list has {len} elements")]
    IndexOutOfRange {
        /// As asked; negative counts from the end.
        index: i64,
        /// How many elements there are.
        len: usize,
    },
    /// A decision cannot go over such a list.
    #[error("a list has {len} elements where {most} are the most")]
    TooManyElements {
        /// How many elements there are.
        len: usize,
        /// How many there may be.
        most: usize,
    },
    /// Untyped JSON holds something else.
    #[error("{expected} is expected, found {found}")]
    WrongType {
        /// What the expression needs.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Untyped JSON does not fit the declared type.
    #[error("untyped JSON does not fit: {0}")]
    Json(String),
    /// nil where a value is needed.
    #[error("a value is nil where one is needed")]
    Nil,
    /// A pattern that is none; the tool checks patterns when it generates.
    #[error("`{0}` is no pattern")]
    Pattern(&'static str),
    /// A text that cannot be converted.
    #[error("`{text}` is no {expected}")]
    NotConvertible {
        /// The text.
        text: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// What a decision written in Rust says.
    #[error("{0}")]
    Other(String),
    /// An instant beyond the years -9999 to 9999.
    #[error("an instant is out of range")]
    InstantOutOfRange,
}
