//! Media types: which are taken, and whether the bytes are what they are said to be.

use std::str::FromStr;

/// The longest media type, in bytes.
const LONGEST: usize = 100;
/// How many bytes at the beginning of a file say what it is.
pub(super) const TELLING: usize = 16;
/// What a file is that says nothing about itself.
const UNKNOWN: &str = "application/octet-stream";
/// What clients say of bytes that they were told nothing about, curl among them.
const UNTOLD: [&str; 2] = [UNKNOWN, "application/x-www-form-urlencoded"];

/// Bytes that stand at a place.
type Piece = (usize, &'static [u8]);

/// What files of a type begin with.
const SIGNATURES: &[(&str, &[Piece])] = &[
    ("image/png", &[(0, b"\x89PNG\r\n\x1a\n")]),
    ("image/jpeg", &[(0, b"\xff\xd8\xff")]),
    ("image/gif", &[(0, b"GIF8")]),
    ("image/webp", &[(0, b"RIFF"), (8, b"WEBP")]),
    ("image/avif", &[(4, b"ftypavi")]),
    ("application/pdf", &[(0, b"%PDF-")]),
    ("application/zip", &[(0, b"PK")]),
    ("application/gzip", &[(0, b"\x1f\x8b")]),
];

/// The media type that a caller names, in lower case and without parameters; none for no text at all.
///
/// # Errors
/// A sentence when it is none.
pub(super) fn media_type(text: &str) -> Result<Option<String>, String> {
    let bare = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if bare.is_empty() {
        return Ok(None);
    }
    let named = |part: &str| !part.is_empty() && part.bytes().all(is_letter);
    match bare.split_once('/') {
        Some((kind, name)) if named(kind) && named(name) && bare.len() <= LONGEST => Ok(Some(bare)),
        _ => Err("must be a media type like `image/png`".to_owned()),
    }
}

/// What RFC 6838 lets a name be made of.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte)
}

/// The type of a file that is said to be `named` and begins with these bytes.
///
/// # Errors
/// A sentence when it is something else.
pub(super) fn settled(named: Option<String>, begin: &[u8]) -> Result<String, String> {
    let found = SIGNATURES.iter().find(|(_, pieces)| fits(pieces, begin)).map(|(name, _)| *name);
    let Some(named) = named.filter(|named| !UNTOLD.contains(&named.as_str())) else {
        return Ok(found.unwrap_or(UNKNOWN).to_owned());
    };
    let is_known = SIGNATURES.iter().any(|(name, _)| *name == named);
    if is_known && found != Some(named.as_str()) {
        return Err(format!("the file is said to be {named}, but does not begin as one"));
    }
    Ok(named)
}

fn fits(pieces: &[Piece], begin: &[u8]) -> bool {
    pieces.iter().all(|(at, piece)| begin.get(*at..at + piece.len()) == Some(piece))
}

/// The types that a service takes: `image/*,application/pdf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted(Vec<String>);

impl Accepted {
    /// All of them.
    pub fn all() -> Self {
        Self(vec!["*/*".to_owned()])
    }

    pub(super) fn takes(&self, media_type: &str) -> bool {
        let kind = media_type.split('/').next().unwrap_or_default();
        self.0.iter().any(|taken| match taken.strip_suffix("/*") {
            Some(of) => of == "*" || of == kind,
            None => taken == media_type,
        })
    }
}

impl std::fmt::Display for Accepted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0.join(", "))
    }
}

impl FromStr for Accepted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let taken = |part: &str| match part.trim().strip_suffix("/*") {
            Some(kind) if kind == "*" || (!kind.is_empty() && kind.bytes().all(is_letter)) => {
                Ok(format!("{}/*", kind.to_ascii_lowercase()))
            }
            _ => media_type(part)?.ok_or_else(|| "a media type is empty".to_owned()),
        };
        let wrong = |_| "must be media types like `image/*,application/pdf`".to_owned();
        text.split(',').map(taken).collect::<Result<_, String>>().map(Self).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_type_is_taken_down_to_its_names() {
        assert_eq!(media_type("Text/HTML; charset=utf-8"), Ok(Some("text/html".to_owned())));
        assert_eq!(media_type(" "), Ok(None));
        for wrong in
            ["png", "image/", "/png", "image/p ng", "a/b/c", "image/png\r\nx: y", &format!("a/{}", "b".repeat(100))]
        {
            assert!(media_type(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_have_to_be_what_they_are_said_to_be() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(settled(said("image/png"), png), Ok("image/png".to_owned()));
        assert_eq!(settled(None, png), Ok("image/png".to_owned()));
        assert_eq!(settled(said("application/octet-stream"), png), Ok("image/png".to_owned()));
        assert_eq!(settled(said("application/x-www-form-urlencoded"), png), Ok("image/png".to_owned()));
        assert_eq!(settled(None, b"hello"), Ok("application/octet-stream".to_owned()));
        assert_eq!(settled(said("text/plain"), b"hello"), Ok("text/plain".to_owned()));
        // A document of several files is packed like others.
        assert_eq!(settled(said("application/epub+zip"), b"PK\x03\x04"), Ok("application/epub+zip".to_owned()));
        assert!(settled(said("image/png"), b"<html>").is_err());
        assert!(settled(said("image/jpeg"), png).is_err());
        assert!(settled(said("image/webp"), b"RIFF").is_err(), "it ends too early");
    }

    #[test]
    fn what_is_taken_can_be_whole_kinds() {
        let taken: Accepted = "image/*, Application/PDF".parse().unwrap();
        assert!(taken.takes("image/png") && taken.takes("application/pdf"));
        assert!(!taken.takes("imagery/png") && !taken.takes("text/html"));
        assert!(Accepted::all().takes("x/y"));
        for wrong in ["", "image", "image/*,", "*", "a b/*"] {
            assert!(wrong.parse::<Accepted>().is_err(), "{wrong}");
        }
    }
}
