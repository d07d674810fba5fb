//! Values with their places, and texts that know where each of their letters stands.

use crate::place::Place;
use std::ops::{Deref, Range};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Placed<T> {
    /// A value at a place.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

impl<T> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A name or short text as written.
pub type Name = Placed<String>;

/// A text after unquoting, that knows which bytes of the file its letters come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// After unquoting and unescaping.
    pub value: String,
    /// All of it, quotes included.
    pub place: Place,
    /// Where runs of letters that stand one to one in the file begin: (byte in `value`, byte in the file), ascending.
    /// Empty if the letters could not be told apart; then every part is at `place`.
    runs: Vec<(u32, u32)>,
}

impl Text {
    /// A text whose parts are all at the same place.
    pub fn whole(value: impl Into<String>, place: Place) -> Self {
        Self { value: value.into(), place, runs: Vec::new() }
    }

    /// A text with its runs, see the field.
    pub(super) fn with_runs(value: String, place: Place, runs: Vec<(u32, u32)>) -> Self {
        Self { value, place, runs }
    }

    /// As a name.
    pub fn name(&self) -> Name {
        Placed::new(self.value.clone(), self.place)
    }

    /// Where a range of bytes of the value stands in the file.
    pub fn part(&self, range: Range<usize>) -> Place {
        let (Some(start), Some(last)) = (self.byte(range.start), self.byte(range.end.saturating_sub(1))) else {
            return self.place;
        };
        let end = if range.end > range.start { last + 1 } else { start };
        Place { file: self.place.file, start, end: end.max(start) }
    }

    fn byte(&self, at: usize) -> Option<u32> {
        let at = u32::try_from(at).ok()?;
        let index = self.runs.partition_point(|(value, _)| *value <= at).checked_sub(1)?;
        let (value, source) = self.runs.get(index)?;
        Some(source + (at - value))
    }
}

/// How many bytes of the file an escape takes that begins here, and how many letters of the value it gives.
pub(super) type Escape = fn(&str) -> Option<(usize, usize)>;

/// Lines up a value with the text it was read from, by a rule for escapes.
pub(super) struct Alignment<'a> {
    /// The text as it stands in the file, without quotes.
    pub raw: &'a str,
    /// The file's byte where `raw` begins.
    pub start: usize,
    /// How escapes are written.
    pub escape: Escape,
}

impl Alignment<'_> {
    /// The runs of [`Text`]; empty if the two do not line up. White space may differ, as folding and indentation make it.
    pub fn runs(&self, value: &str) -> Vec<(u32, u32)> {
        let mut runs = Vec::new();
        let (mut at, mut raw) = (0, 0);
        while at < value.len() {
            let (Some(letter), Some(found)) = (value[at..].chars().next(), self.raw[raw..].chars().next()) else {
                break;
            };
            if let Some((bytes, letters)) = (self.escape)(&self.raw[raw..]) {
                push(&mut runs, at, self.start + raw);
                raw += bytes;
                at += value[at..].chars().take(letters).map(char::len_utf8).sum::<usize>();
            } else if letter == found {
                push(&mut runs, at, self.start + raw);
                at += letter.len_utf8();
                raw += found.len_utf8();
            } else if found.is_whitespace() {
                raw += found.len_utf8();
            } else if letter.is_whitespace() {
                push(&mut runs, at, self.start + raw);
                at += letter.len_utf8();
            } else {
                return Vec::new();
            }
        }
        if value[at.min(value.len())..].chars().all(char::is_whitespace) { runs } else { Vec::new() }
    }
}

/// Begins a run unless this letter continues the last one.
fn push(runs: &mut Vec<(u32, u32)>, value: usize, source: usize) {
    let (Ok(value), Ok(source)) = (u32::try_from(value), u32::try_from(source)) else { return };
    let continues = runs.last().is_some_and(|(from, to)| to.checked_add(value - from) == Some(source));
    if !continues {
        runs.push((value, source));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::FileId;

    fn text(raw: &str, value: &str) -> Text {
        let alignment = Alignment { raw, start: 10, escape: |text| text.starts_with("''").then_some((2, 1)) };
        let place = Place { file: FileId(0), start: 10, end: 10 + raw.len() as u32 };
        Text::with_runs(value.into(), place, alignment.runs(value))
    }

    fn part(text: &Text, range: Range<usize>) -> (u32, u32) {
        let place = text.part(range);
        (place.start, place.end)
    }

    #[test]
    fn letters_after_an_escape_keep_their_place() {
        let text = text("a''b c", "a'b c");
        assert_eq!(part(&text, 0..1), (10, 11));
        assert_eq!(part(&text, 2..3), (13, 14));
        assert_eq!(part(&text, 4..5), (15, 16));
    }

    #[test]
    fn folded_lines_keep_their_places() {
        let text = text("one\n    two\n\n  three", "one two\nthree");
        assert_eq!(part(&text, 4..7), (18, 21));
        assert_eq!(part(&text, 8..13), (25, 30));
    }

    #[test]
    fn what_does_not_line_up_is_at_the_whole_place() {
        let text = text("abc", "xyz");
        assert_eq!(part(&text, 1..2), (10, 13));
    }
}
