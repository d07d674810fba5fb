//! Names are types, computed once: each knows how it is spelt in Rust, GraphQL, protobuf and SQL.

use heck::{ToKebabCase, ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
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
pub struct TypeName(String);

/// The name of a field, state entry or argument: `camelCase` as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(String);

/// The name of a project or service: `kebab-case`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

impl TypeName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }

    /// As the user wrote it; also its GraphQL, protobuf and event-type spelling.
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// Rust type identifier: `Course`.
    pub fn rust(&self) -> String {
        self.0.to_upper_camel_case()
    }

    /// Rust module and file name: `course`, `subscribe_student`; keywords get a trailing underscore (`type_`).
    pub fn module(&self) -> String {
        let snake = self.0.to_snake_case();
        if RUST_KEYWORDS.contains(&snake.as_str()) || RUST_UNRAWABLE.contains(&snake.as_str()) {
            return format!("{snake}_");
        }
        snake
    }

    /// Rust constant: `SUBSCRIBE_STUDENT`.
    pub fn constant(&self) -> String {
        self.0.to_shouty_snake_case()
    }

    /// Method and variable without escapes: `subscribe_student`.
    pub fn snake(&self) -> String {
        self.0.to_snake_case()
    }

    /// GraphQL field for a command: `subscribeStudent`.
    pub fn camel(&self) -> String {
        self.0.to_lower_camel_case()
    }

    /// SQL table stem, always quoted where used: `course`.
    pub fn table(&self) -> String {
        self.0.to_snake_case()
    }

    /// URL part: `subscribe-student`.
    pub fn kebab(&self) -> String {
        self.0.to_kebab_case()
    }
}

impl FieldName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }

    /// As the user wrote it; also its GraphQL and JSON spelling.
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// Rust identifier: `course_id`, `r#type`, `self_`.
    pub fn rust(&self) -> String {
        let snake = self.0.to_snake_case();
        if RUST_UNRAWABLE.contains(&snake.as_str()) {
            return format!("{snake}_");
        }
        if RUST_KEYWORDS.contains(&snake.as_str()) {
            return format!("r#{snake}");
        }
        snake
    }

    /// Rust identifier of the enum variant for this field: `CourseId`.
    pub fn variant(&self) -> String {
        let variant = self.0.to_upper_camel_case();
        if variant == "Self" { "Self_".to_owned() } else { variant }
    }

    /// Protobuf field: `course_id`.
    pub fn proto(&self) -> String {
        self.0.to_snake_case()
    }

    /// SQL column, always quoted where used: `course_id`.
    pub fn column(&self) -> String {
        self.0.to_snake_case()
    }
}

impl ServiceName {
    /// Takes the name as written; `check` has the rules for which names are refused.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }

    /// `enrollment`, `course-catalog`.
    pub fn kebab(&self) -> String {
        self.0.to_kebab_case()
    }

    /// `course_catalog`.
    pub fn snake(&self) -> String {
        self.0.to_snake_case()
    }

    /// `CourseCatalog`.
    pub fn pascal(&self) -> String {
        self.0.to_upper_camel_case()
    }

    /// As the user wrote it; also the default topic of its events.
    pub fn as_written(&self) -> &str {
        &self.0
    }
}

macro_rules! display {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
display!(TypeName FieldName ServiceName);
