//! Folding upper and lower case in the server, exactly as the runtime does.
//!
//! What the server's own `lower` does depends on its libraries and on who made the database. So the runtime gives it a
//! function with its own table of characters, under a name that says which table that is.

use crate::query::fold;
use std::sync::LazyLock;

/// The characters that fold into one other, and those others.
struct Folding {
    from: String,
    to: String,
    /// Those that fold into several.
    long: Vec<(char, String)>,
}

/// The function's name, which is another one for another table of characters.
pub(super) fn name() -> String {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let Folding { from, to, long } = folding();
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let hash = format!("{from}\n{to}\n{long:?}").bytes().fold(0xcbf2_9ce4_8422_2325, step);
        format!("fold_{hash:016x}")
    });
    NAME.clone()
}

/// The statement that makes the function; `{s}` stands for the schema.
pub(super) fn function() -> String {
    let Folding { from, to, long } = folding();
    let folded = format!("translate($1 COLLATE \"C\", '{from}', '{to}')");
    let folded = long.iter().fold(folded, |inner, (from, to)| format!("replace({inner}, '{from}', '{to}')"));
    // In plain ASCII there is nothing to look up.
    format!(
        "CREATE OR REPLACE FUNCTION {{s}}.{}(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $fold$ \
         SELECT CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE \"C\") ELSE {folded} END $fold$;\n",
        name()
    )
}

fn folding() -> Folding {
    let mut found = Folding { from: String::new(), to: String::new(), long: Vec::new() };
    for one in '\u{1}'..=char::MAX {
        let folded = fold(one.encode_utf8(&mut [0; 4]));
        let mut others = folded.chars();
        match (others.next(), others.next()) {
            (Some(other), None) if other == one => {}
            (Some(other), None) => {
                found.from.push(one);
                found.to.push(other);
            }
            _ => found.long.push((one, folded)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They stand between quotes in the function's text.
    #[test]
    fn no_character_of_the_table_ends_its_literal() {
        let Folding { from, to, long } = folding();
        assert_eq!(from.chars().count(), to.chars().count());
        assert!(from.starts_with("ABC") && long == [('İ', "i\u{307}".to_owned())]);
        assert!(!format!("{from}{to}").contains(['\'', '\\', '$', '{']));
    }
}
