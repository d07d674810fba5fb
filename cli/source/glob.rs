//! Patterns of paths: `schema/**/*.graphql`.

/// Does the pattern match the path? `*` and `?` stay within a folder, `**` takes any folders, none too.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches("./").split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    // `found[at]`: the pattern so far takes the first `at` folders of the path.
    let mut found = vec![false; path.len() + 1];
    found[0] = true;
    for part in pattern {
        let before = found.clone();
        for at in 0..found.len() {
            found[at] = if part == "**" {
                before[at] || (at > 0 && found[at - 1])
            } else {
                at > 0 && before[at - 1] && matches_name(part, path[at - 1])
            };
        }
    }
    found.last().copied().unwrap_or(false)
}

/// One folder's or file's name, by the same way of filling a row for each letter of the pattern.
fn matches_name(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut found = vec![false; name.len() + 1];
    found[0] = true;
    for letter in pattern.chars() {
        let before = found.clone();
        for at in 0..found.len() {
            found[at] = match letter {
                '*' => before[at] || (at > 0 && found[at - 1]),
                '?' => at > 0 && before[at - 1],
                _ => at > 0 && before[at - 1] && name[at - 1] == letter,
            };
        }
    }
    found.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        assert!(matches("schema/*.graphql", "schema/a.graphql"));
        assert!(!matches("schema/*.graphql", "schema/b/a.graphql"));
        assert!(matches("schema/**/*.graphql", "schema/a.graphql"));
        assert!(matches("schema/**/*.graphql", "schema/b/c/a.graphql"));
        assert!(matches("./**", "a/b"));
        assert!(matches("a?.y*ml", "ab.yaml"));
        assert!(!matches("a", "ab"));
        assert!(!matches(&"*a".repeat(1_000), &"a".repeat(500)));
    }
}
