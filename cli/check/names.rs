//! Each name by itself: the letters it is made of, its length, and words that are taken.

use super::reserved;
use super::walk::{Named, article, names, shown};
use crate::diagnostic::codes::names::{ILLEGAL_NAME, LONG_NAME, RESERVED_NAME};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Service;

/// Letters a name may have: with what is derived from it (`Paginated…List`) it stays well below the limits of the
/// languages and file systems that it ends up in.
pub const LONGEST: usize = 80;

/// Every name of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for named in names(service) {
        if let Some(problem) = judge(&named) {
            sink.push(problem);
        }
    }
}

/// Whether the name is made of letters that every target language takes; other rules pass over names that are not.
pub fn is_legal(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && name.len() <= LONGEST
}

fn judge(named: &Named<'_>) -> Option<Diagnostic> {
    let what = named.what.describe();
    let name = shown(named.name);
    if named.name.len() > LONGEST {
        let length = named.name.chars().count();
        let message = format!("the name of this {what} is too long: {length} letters, at most {LONGEST} are possible");
        return Some(Diagnostic::error(LONG_NAME, named.place, message).label("too long"));
    }
    if !is_legal(named.name) {
        let message = format!("`{name}` cannot be the name of {} {what}", article(&what));
        let mut problem = Diagnostic::error(ILLEGAL_NAME, named.place, message).label(fault(named.name));
        if let Some(better) = legal_form(named.name) {
            problem = problem.help(format!("`{better}` would do"));
        }
        return Some(problem.help("a name begins with a letter from a to z and goes on with letters, digits and `_`"));
    }
    let reason = reserved::reason(named)?;
    let message = format!("`{name}` is taken: {reason}");
    let problem = Diagnostic::error(RESERVED_NAME, named.place, message).label(format!("{} {what}", article(&what)));
    Some(problem.help("choose another name"))
}

/// What is wrong with the letters.
fn fault(name: &str) -> String {
    let Some(first) = name.chars().next() else { return "the name is empty".to_owned() };
    if first.is_ascii_digit() {
        return "begins with a digit".to_owned();
    }
    if first == '_' {
        return "begins with `_`, which is kept for names that are generated".to_owned();
    }
    let wrong = name.chars().find(|letter| !letter.is_ascii_alphanumeric() && *letter != '_');
    let Some(wrong) = wrong else { return String::new() };
    match wrong {
        ' ' => "has a space in it".to_owned(),
        '-' => "has a `-` in it".to_owned(),
        letter if letter.is_control() => "has a control character in it".to_owned(),
        letter => format!("has `{letter}` in it"),
    }
}

/// The nearest legal name, if leaving out underscores in front or joining at spaces and dashes is all that it takes.
pub fn legal_form(name: &str) -> Option<String> {
    let trimmed = name.trim_start_matches('_');
    let mut joined = String::new();
    let mut upper = false;
    for letter in trimmed.chars() {
        match letter {
            ' ' | '-' | '.' => upper = true,
            letter if upper => {
                joined.extend(letter.to_uppercase());
                upper = false;
            }
            letter => joined.push(letter),
        }
    }
    is_legal(&joined).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_names_begin_with_a_letter() {
        for name in ["Course", "courseId", "a", "A_1", "type"] {
            assert!(is_legal(name), "{name}");
        }
        for name in ["", "1a", "_id", "__x", "../x", "Kürs", "a b", "a-b", "r#type", "a\u{202e}b"] {
            assert!(!is_legal(name), "{name}");
        }
        assert!(!is_legal(&"x".repeat(300)));
    }

    #[test]
    fn near_misses_get_a_legal_form() {
        assert_eq!(legal_form("course-id").as_deref(), Some("courseId"));
        assert_eq!(legal_form("__x").as_deref(), Some("x"));

        assert_eq!(legal_form("Kürs"), None);
    }
}
