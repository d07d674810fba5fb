//! `Subscribe` → `Subscribed`: what an event is called that a command records.

/// Verbs whose past participle no rule gives, or whose last letter doubles.
const IRREGULAR: &[(&str, &str)] = &[
    ("admit", "admitted"),
    ("ban", "banned"),
    ("begin", "begun"),
    ("bid", "bid"),
    ("break", "broken"),
    ("bring", "brought"),
    ("build", "built"),
    ("buy", "bought"),
    ("cancel", "cancelled"),
    ("choose", "chosen"),
    ("commit", "committed"),
    ("cut", "cut"),
    ("do", "done"),
    ("draw", "drawn"),
    ("drop", "dropped"),
    ("edit", "edited"),
    ("find", "found"),
    ("forget", "forgotten"),
    ("freeze", "frozen"),
    ("get", "got"),
    ("give", "given"),
    ("go", "gone"),
    ("hide", "hidden"),
    ("hold", "held"),
    ("keep", "kept"),
    ("lay", "laid"),
    ("leave", "left"),
    ("lend", "lent"),
    ("let", "let"),
    ("lose", "lost"),
    ("make", "made"),
    ("meet", "met"),
    ("pay", "paid"),
    ("permit", "permitted"),
    ("pin", "pinned"),
    ("plan", "planned"),
    ("put", "put"),
    ("read", "read"),
    ("refer", "referred"),
    ("reset", "reset"),
    ("run", "run"),
    ("sell", "sold"),
    ("send", "sent"),
    ("set", "set"),
    ("ship", "shipped"),
    ("shut", "shut"),
    ("spend", "spent"),
    ("split", "split"),
    ("steal", "stolen"),
    ("stop", "stopped"),
    ("submit", "submitted"),
    ("swap", "swapped"),
    ("tag", "tagged"),
    ("take", "taken"),
    ("teach", "taught"),
    ("tell", "told"),
    ("transfer", "transferred"),
    ("undo", "undone"),
    ("unpin", "unpinned"),
    ("win", "won"),
    ("withdraw", "withdrawn"),
    ("write", "written"),
];

/// The past participle of a verb in small letters.
pub(super) fn participle(verb: &str) -> String {
    if let Some((_, known)) = IRREGULAR.iter().find(|(known, _)| *known == verb) {
        return (*known).to_owned();
    }
    let before_last = verb.chars().rev().nth(1);
    match verb.chars().last() {
        Some('e') => format!("{verb}d"),
        Some('y') if !before_last.is_some_and(|letter| "aeiou".contains(letter)) => {
            format!("{}ied", &verb[..verb.len() - 1])
        }
        _ => format!("{verb}ed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_become_what_has_happened() {
        for (verb, expected) in [
            ("subscribe", "subscribed"),
            ("define", "defined"),
            ("add", "added"),
            ("apply", "applied"),
            ("play", "played"),
            ("send", "sent"),
            ("ship", "shipped"),
            ("y", "ied"),
            ("", "ed"),
        ] {
            assert_eq!(participle(verb), expected);
        }
    }

    #[test]
    fn the_list_is_sorted_and_in_small_letters() {
        assert!(IRREGULAR.is_sorted());
    }
}
