//! Names are types, computed once: each knows how it is spelt in Rust, GraphQL, protobuf and SQL.

use super::spelling::Spelling;
use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase};
use std::fmt;

/// Rust's keywords that `r#` can save, strict and reserved ones.
const RUST_KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that no `r#` can save.
const RUST_UNRAWABLE: &[&str] = &["self", "super", "crate"];

/// The name of a type, event, command or enum: `PascalCase` as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(Spelling);

/// The name of a field, state entry or argument: `camelCase` as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(Spelling);

/// The name of a project or service: `kebab-case`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(Spelling);

impl TypeName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(Spelling::new(written.into()))
    }

    /// As the user wrote it; also its GraphQL, protobuf and event-type spelling.
    pub fn as_written(&self) -> &str {
        self.0.written()
    }

    /// Rust type identifier: `Course`.
    pub fn rust(&self) -> String {
        self.0.pascal().to_owned()
    }

    /// Rust module and file name: `course`, `subscribe_student`; keywords get a trailing underscore (`type_`).
    pub fn module(&self) -> String {
        let snake = self.0.snake();
        let is_taken = RUST_KEYWORDS.contains(&snake) || RUST_UNRAWABLE.contains(&snake);
        if is_taken { format!("{snake}_") } else { snake.to_owned() }
    }

    /// Rust constant: `SUBSCRIBE_STUDENT`.
    pub fn constant(&self) -> String {
        self.0.written().to_shouty_snake_case()
    }

    /// Method and variable without escapes: `subscribe_student`.
    pub fn snake(&self) -> String {
        self.0.snake().to_owned()
    }

    /// GraphQL field for a command: `subscribeStudent`.
    pub fn camel(&self) -> String {
        self.0.written().to_lower_camel_case()
    }

    /// SQL table stem, always quoted where used: `course`.
    pub fn table(&self) -> String {
        self.0.snake().to_owned()
    }

    /// URL part: `subscribe-student`.
    pub fn kebab(&self) -> String {
        self.0.written().to_kebab_case()
    }
}

impl FieldName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(Spelling::new(written.into()))
    }

    /// As the user wrote it; also its GraphQL and JSON spelling.
    pub fn as_written(&self) -> &str {
        self.0.written()
    }

    /// Rust identifier: `course_id`, `r#type`, `self_`.
    pub fn rust(&self) -> String {
        let snake = self.0.snake();
        if RUST_UNRAWABLE.contains(&snake) {
            return format!("{snake}_");
        }
        if RUST_KEYWORDS.contains(&snake) {
            return format!("r#{snake}");
        }
        snake.to_owned()
    }

    /// Rust identifier of the enum variant for this field: `CourseId`.
    pub fn variant(&self) -> String {
        let variant = self.0.pascal();
        if variant == "Self" { "Self_".to_owned() } else { variant.to_owned() }
    }

    /// Protobuf field: `course_id`.
    pub fn proto(&self) -> String {
        self.0.snake().to_owned()
    }

    /// SQL column, always quoted where used: `course_id`.
    pub fn column(&self) -> String {
        self.0.snake().to_owned()
    }
}

impl ServiceName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(Spelling::new(written.into()))
    }

    /// `enrollment`, `course-catalog`.
    pub fn kebab(&self) -> String {
        self.0.written().to_kebab_case()
    }

    /// `course_catalog`.
    pub fn snake(&self) -> String {
        self.0.snake().to_owned()
    }

    /// `CourseCatalog`.
    pub fn pascal(&self) -> String {
        self.0.pascal().to_owned()
    }

    /// As the user wrote it; also the default topic of its events.
    pub fn as_written(&self) -> &str {
        self.0.written()
    }
}

macro_rules! display {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.written())
            }
        }
    )*};
}
display!(TypeName FieldName ServiceName);
