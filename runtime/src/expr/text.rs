//! Texts. Lengths count characters (Unicode scalar values).

use super::EvalError;
use regex_lite::Regex;
use std::sync::OnceLock;

/// What `len()` takes.
pub trait Len {
    /// How many elements or characters.
    fn length(&self) -> usize;
}

impl Len for str {
    fn length(&self) -> usize {
        self.chars().count()
    }
}

impl Len for String {
    fn length(&self) -> usize {
        self.as_str().length()
    }
}

impl<T> Len for [T] {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T> Len for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T, const N: usize> Len for [T; N] {
    fn length(&self) -> usize {
        N
    }
}

/// `len(a)`: elements of a list, characters of a text.
pub fn len<T: Len + ?Sized>(a: &T) -> i64 {
    i64::try_from(a.length()).unwrap_or(i64::MAX)
}

/// The pattern of `a matches "pattern"`, compiled when it is first used. Generated code keeps each in a `static`.
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern that was checked when the code was generated.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// Whether the pattern is found anywhere in the text.
    ///
    /// # Errors
    /// [`EvalError::Pattern`] if it is no pattern.
    pub fn is_match(&self, text: &str) -> Result<bool, EvalError> {
        let compiled = self.compiled.get_or_init(|| Regex::new(self.text).ok());
        compiled.as_ref().map(|pattern| pattern.is_match(text)).ok_or(EvalError::Pattern(self.text))
    }
}

/// `split(a, separator)`; by an empty separator, into characters.
pub fn split(text: &str, separator: &str) -> Vec<String> {
    if separator.is_empty() {
        return text.chars().map(String::from).collect();
    }
    text.split(separator).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    static DIGITS: Pattern = Pattern::new("^[0-9]+$");

    #[test]
    fn lengths_count_characters() {
        assert_eq!(len("häß"), 3);
        assert_eq!(len(&vec![1, 2]), 2);
    }

    #[test]
    fn texts_are_taken_apart() {
        assert_eq!(split("a,b,,c", ","), ["a", "b", "", "c"]);
        assert_eq!(split("äb", ""), ["ä", "b"]);
    }

    #[test]
    fn patterns_match() {
        assert_eq!(DIGITS.is_match("0123"), Ok(true));
        assert_eq!(DIGITS.is_match("012a"), Ok(false));
        assert_eq!(Pattern::new("(").is_match("("), Err(EvalError::Pattern("(")));
    }
}
