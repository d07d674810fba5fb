//! Texts of a schema: `"…"` and `"""…"""`.

use crate::place::Place;
use crate::source::Text;
use crate::source::text::Alignment;

/// The length of `"…"` with its quotes; none if the line ends first.
pub(super) fn line_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '\n' | '\r' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of `"""…"""` with its quotes.
pub(super) fn block_length(rest: &str) -> Option<usize> {
    let mut at = 3;
    loop {
        let found = at + rest.get(at..)?.find("\"\"\"")?;
        if !rest[..found].ends_with('\\') {
            return Some(found + 3);
        }
        at = found + 3;
    }
}

/// Reads `"…"`; the error is the escape that is none.
pub(super) fn line(rest: &str, length: usize, place: Place) -> Result<Text, String> {
    let raw = &rest[1..length - 1];
    let mut value = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(letter) = raw[at..].chars().next() {
        if letter == '\\' {
            let (bytes, letter) = escape(&raw[at..]).ok_or_else(|| raw[at..].chars().take(2).collect::<String>())?;
            value.push(letter);
            at += bytes;
        } else {
            value.push(letter);
            at += letter.len_utf8();
        }
    }
    let escape = |text: &str| escape(text).map(|(bytes, _)| (bytes, 1));
    let runs = Alignment { raw, start: place.start as usize + 1, escape }.runs(&value);
    Ok(Text::with_runs(value, place, runs))
}

/// The escape that begins here: its length and its letter.
fn escape(text: &str) -> Option<(usize, char)> {
    let after = text.strip_prefix('\\')?;
    Some(match after.chars().next()? {
        'n' => (2, '\n'),
        'r' => (2, '\r'),
        't' => (2, '\t'),
        'b' => (2, '\u{8}'),
        'f' => (2, '\u{c}'),
        letter @ ('/' | '\\' | '"') => (2, letter),
        'u' => return unicode(after),
        _ => return None,
    })
}

/// `uXXXX`, two such groups, or `u{X…}`.
fn unicode(after: &str) -> Option<(usize, char)> {
    if let Some(digits) = after.strip_prefix("u{") {
        let end = digits.find('}').filter(|end| (1..=8).contains(end))?;
        return Some((end + 4, char::from_u32(hex(&digits[..end])?)?));
    }
    let first = hex(after.get(1..5)?)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((6, char::from_u32(first)?));
    }
    let second = hex(after.get(5..)?.strip_prefix("\\u")?.get(..4)?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    Some((12, char::decode_utf16(pair).next()?.ok()?))
}

fn hex(digits: &str) -> Option<u32> {
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

/// Reads `"""…"""`: the indentation that all lines have, and empty lines around, are no part of it.
pub(super) fn block(rest: &str, length: usize, place: Place) -> Result<Text, String> {
    let raw = &rest[3..length.saturating_sub(3).max(3)];
    let unescaped = raw.replace("\\\"\"\"", "\"\"\"");
    let lines: Vec<&str> = unescaped.lines().collect();
    let indented = lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    let indent = indented.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
    let cut = lines.iter().enumerate().map(|(at, line)| if at == 0 { line } else { line.get(indent..).unwrap_or("") });
    let cut: Vec<&str> = cut.collect();
    let first = cut.iter().position(|line| !line.trim().is_empty()).unwrap_or(cut.len());
    let last = cut.iter().rposition(|line| !line.trim().is_empty()).map_or(first, |at| at + 1);
    let value = cut[first..last].join("\n");
    let escape = |text: &str| text.starts_with("\\\"\"\"").then_some((4, 3));
    let runs = Alignment { raw, start: place.start as usize + 3, escape }.runs(&value);
    Ok(Text::with_runs(value, place, runs))
}
