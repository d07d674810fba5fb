//! What a file is called: a name to be shown, whatever the uploader sent.

/// The longest name, in characters.
const LONGEST: usize = 200;
/// What a file is called that says nothing about itself.
const NAMELESS: &str = "file";

/// The name behind the last slash of either kind, without control characters and not too long.
pub(super) fn shown(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = last.chars().filter(|letter| !is_hidden(*letter)).collect();
    match visible.trim() {
        "" | "." | ".." => NAMELESS.to_owned(),
        name => shortened(name),
    }
}

/// Control characters, and those that turn the direction of writing: `gpj.exe` must not look like `exe.jpg`.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Cut in front of its ending, which says what it is.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let ending =
        name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.chars().count() <= 20).unwrap_or_default();
    let kept = LONGEST - ending.chars().count();
    name.chars().take(kept).chain(ending.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_path_and_hides_nothing() {
        for (given, wanted) in [
            ("a.png", "a.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\Zeugnis ü.pdf", "Zeugnis ü.pdf"),
            ("a\r\nset-cookie: x", "aset-cookie: x"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("", "file"),
            ("..", "file"),
            ("dir/", "file"),
            (" \0 ", "file"),
        ] {
            assert_eq!(shown(given), wanted, "{given:?}");
        }
        let long = shown(&format!("{}.png", "ü".repeat(300)));
        assert!(long.chars().count() == 200 && long.ends_with("ü.png"), "{long}");
        assert_eq!(shown(&".".repeat(300)).chars().count(), 200);
    }
}
