//! All codes, one table a group.
//!
//! A row is `NAME = "E0101", "title", "explanation with a wrong and a right example";`. A code is never used again for
//! something else; the tables are checked to be in order and without doubles.

pub mod automations;
pub mod directives;
pub mod erasure;
pub mod expressions;
pub mod files;
pub mod later;
pub mod lints;
pub mod names;
pub mod ownership;
pub mod reading;
pub mod rows;
pub mod rules;
pub mod services;
pub mod snapshots;
pub mod topics;
pub mod writing;

use super::{Code, CodeInfo};

/// Declares the constants of a group and its `TABLE`.
macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $title:literal, $explanation:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $title, ".")]
            $(#[$meta])*
            pub const $name: $crate::diagnostic::Code = $crate::diagnostic::Code::new($code);
        )*
        /// Every code of this group, in order.
        pub const TABLE: &[$crate::diagnostic::CodeInfo] = &[
            $($crate::diagnostic::CodeInfo { code: $name, title: $title, explanation: $explanation },)*
        ];
    };
}
pub(crate) use codes;

/// The tables with a heading each, in the order of the reference.
pub const GROUPS: &[(&str, &[CodeInfo])] = &[
    ("Reading YAML, GraphQL and the project", reading::TABLE),
    ("Names", names::TABLE),
    ("Expressions and types", expressions::TABLE),
    ("Events, commands and specs", rules::TABLE),
    ("Automations", automations::TABLE),
    ("Between services", services::TABLE),
    ("Personal data", erasure::TABLE),
    ("Files", files::TABLE),
    ("Topics that are deleted", topics::TABLE),
    ("Snapshots of states", snapshots::TABLE),
    ("Schema directives", directives::TABLE),
    ("Fields that are written", writing::TABLE),
    ("Rows by the token", rows::TABLE),
    ("Not generated yet", later::TABLE),
    ("Ownership and output", ownership::TABLE),
    ("Lints", lints::TABLE),
];

/// Every code, in the order of the tables.
pub fn all() -> impl Iterator<Item = &'static CodeInfo> {
    GROUPS.iter().flat_map(|(_, table)| table.iter())
}

/// The row of a code, by its text (`E0101`, also in lower case).
pub fn find(text: &str) -> Option<&'static CodeInfo> {
    all().find(|info| info.code.as_str().eq_ignore_ascii_case(text.trim()))
}

/// The row of a code.
pub fn info(code: Code) -> Option<&'static CodeInfo> {
    all().find(|info| info.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_given_once() {
        for (group, table) in GROUPS {
            let codes: Vec<_> = table.iter().map(|info| info.code).collect();
            assert!(codes.is_sorted_by(|a, b| a < b), "{group}: {codes:?}");
        }
        let mut codes: Vec<_> = all().map(|info| info.code).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), all().count());
    }

    #[test]
    fn each_row_explains_with_an_example() {
        for info in all() {
            assert!(info.explanation.contains("```"), "{} lacks an example", info.code);
            assert!(!info.title.ends_with('.'), "{}", info.code);
        }
    }

    #[test]
    fn a_code_is_found_by_its_text() {
        let first = all().next().map(|info| info.code.as_str());
        assert_eq!(find("e0101").map(|info| info.code.as_str()), first);
        assert!(find("E9999").is_none());
    }
}
