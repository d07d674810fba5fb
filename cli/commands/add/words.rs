//! Names as they are given on the command line, and what is derived from them.

use super::Refusal;
use super::past::participle;
use crate::check::{LONGEST, is_legal, legal_form};
use crate::source::is_type;
use heck::{ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};

/// Words that an expression, and so a tag, takes for something else than a field.
const SPOKEN_FOR: &[&str] = &[
    "and",
    "caller",
    "command",
    "contains",
    "endsWith",
    "event",
    "false",
    "in",
    "item",
    "matches",
    "meta",
    "nil",
    "not",
    "now",
    "or",
    "startsWith",
    "state",
    "true",
];

/// A field as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewField {
    /// Its name.
    pub name: String,
    /// Its type, as in GraphQL.
    pub ty: String,
}

/// The name of a type, event or command; `subscribe-student` and `subscribe_student` are taken for `SubscribeStudent`.
pub(super) fn type_name(what: &str, written: &str) -> Result<String, Refusal> {
    let begins = written.chars().next().is_some_and(|first| first.is_ascii_uppercase());
    if begins && is_legal(written) {
        return Ok(written.to_owned());
    }
    let joined = written.to_upper_camel_case();
    let is_spelt = written.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ' '));
    let is_word = written.chars().next().is_some_and(|first| first.is_ascii_alphabetic());
    if is_spelt && is_word && is_legal(&joined) {
        return Ok(joined);
    }
    Err(illegal(what, written))
}

/// Whether a tag can be made of this field, written as `{field}`.
pub(super) fn can_be_tagged(field: &str) -> bool {
    !SPOKEN_FOR.contains(&field)
}

/// `studentId:ID!`
pub(super) fn field(written: &str) -> Result<NewField, Refusal> {
    let shown: String = written.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let Some((name, ty)) = written.split_once(':').map(|(name, ty)| (name.trim(), ty.trim())) else {
        let message = format!("the field `{shown}` lacks its type");
        let guess = if written.ends_with("Id") || written == "id" { "ID!" } else { "String!" };
        return Err(Refusal::usage(message, format!("write a name, a colon and a type: {shown}:{guess}")));
    };
    if !is_legal(name) {
        return Err(illegal("field", name));
    }
    if !is_type(ty) {
        let message = format!("`{}` is not a type", ty.escape_debug());
        let help = "write it as in GraphQL: `ID!`, `String`, `'[Item!]!'` (quoted for the shell)";
        return Err(Refusal::usage(message, help));
    }
    Ok(NewField { name: name.to_owned(), ty: ty.split_whitespace().collect() })
}

fn illegal(what: &str, name: &str) -> Refusal {
    let length = name.chars().count();
    if length > LONGEST {
        let message = format!("the name of this {what} is too long: {length} letters, at most {LONGEST} are possible");
        return Refusal::usage(message, "choose a shorter one");
    }
    let article = if what == "event" { "an" } else { "a" };
    let message = format!("`{}` cannot be the name of {article} {what}", name.escape_debug());
    let rule = "a name begins with a letter from a to z and goes on with letters, digits and `_`";
    let help = match legal_form(name) {
        Some(better) => format!("`{better}` would do: {rule}"),
        None => rule.to_owned(),
    };
    Refusal::usage(message, help)
}

/// `SubscribeStudent` → `StudentSubscribed`; none if that would be too long.
pub(super) fn event_of(command: &str) -> Option<String> {
    let snake = command.to_snake_case();
    let (verb, object) = snake.split_once('_').unwrap_or((&snake, ""));
    let event = format!("{object}_{}", participle(verb)).to_upper_camel_case();
    is_legal(&event).then_some(event)
}

/// `StudentSubscribed` → `StudentAlreadySubscribed`
pub(super) fn error_of(event: &str) -> String {
    let snake = event.to_snake_case();
    let (object, participle) = snake.rsplit_once('_').unwrap_or(("", &snake));
    let named = format!("{object}_already_{participle}").to_upper_camel_case();
    if is_legal(&named) { named } else { "AlreadyDone".to_owned() }
}

/// `StudentSubscribed` → `alreadySubscribed`, or another name that no field has.
pub(super) fn state_of(event: &str, taken: &[String]) -> String {
    let snake = event.to_snake_case();
    let last = snake.rsplit('_').next().unwrap_or_default();
    let named = format!("already_{last}").to_lower_camel_case();
    let numbered = (2..).map(|number| format!("done{number}"));
    let mut names = [named, "done".to_owned()].into_iter().chain(numbered);
    names
        .find(|name| is_legal(name) && !taken.iter().any(|other| other.to_snake_case() == name.to_snake_case()))
        .unwrap_or_default()
}

/// `SubscribeStudent` → `Subscribe student`
pub(super) fn sentence(name: &str) -> String {
    let words = name.to_snake_case().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a tag begins with: `courseId` → `course`. `fromAccountId` takes `account` if the service has such tags, `id` the word
/// that its owner begins with.
pub(super) fn tag_prefix(field: &str, owner: &str, known: &[String]) -> String {
    let snake = field.to_snake_case();
    let bare = snake.strip_suffix("_ids").or_else(|| snake.strip_suffix("_id")).unwrap_or(&snake);
    let owner = owner.to_snake_case();
    let bare = if matches!(bare, "id" | "ids") { owner.split('_').next().unwrap_or(bare) } else { bare };
    let words: Vec<&str> = bare.split('_').collect();
    let shorter = (0..words.len()).map(|from| words[from..].join("_").to_lower_camel_case());
    shorter.into_iter().find(|prefix| known.contains(prefix)).unwrap_or_else(|| bare.to_lower_camel_case())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn named(written: &str) -> Option<String> {
        type_name("command", written).ok()
    }

    #[test]
    fn names_are_taken_mapped_or_refused() {
        for (written, expected) in [
            ("SubscribeStudent", "SubscribeStudent"),
            ("HTTPPing", "HTTPPing"),
            ("subscribe-student", "SubscribeStudent"),
            ("subscribe_student", "SubscribeStudent"),
            ("subscribe student", "SubscribeStudent"),
            ("type", "Type"),
        ] {
            assert_eq!(named(written).as_deref(), Some(expected), "{written}");
        }
        for written in ["", "../x", "a/b", "r#type", "__x", "1a", "Ünsinn", "a\nb", "a.b", &"a".repeat(300)] {
            assert_eq!(named(written), None, "{written}");
        }
    }

    #[test]
    fn fields_have_a_name_and_a_type() {
        let field_of = |written| field(written).ok().map(|field| format!("{} {}", field.name, field.ty));
        assert_eq!(field_of("studentId:ID!").as_deref(), Some("studentId ID!"));
        assert_eq!(field_of("ids: [ID!]!").as_deref(), Some("ids [ID!]!"));
        for written in ["studentId", ":ID!", "a:", "a:ID!!", "a-b:ID", "../a:ID", "a:b:c"] {
            assert!(field_of(written).is_none(), "{written}");
        }
    }

    #[test]
    fn events_errors_and_states_are_called_after_the_command() {
        assert_eq!(event_of("SubscribeStudent").unwrap(), "StudentSubscribed");
        assert_eq!(event_of("ChangeCourseCapacity").unwrap(), "CourseCapacityChanged");
        assert_eq!(event_of("Pay").unwrap(), "Paid");
        assert_eq!(event_of(&"A".repeat(80)), None);
        assert_eq!(error_of("StudentSubscribed"), "StudentAlreadySubscribed");
        assert_eq!(error_of("Paid"), "AlreadyPaid");
        assert_eq!(state_of("StudentSubscribed", &[]), "alreadySubscribed");
        assert_eq!(state_of("Paid", &["alreadyPaid".to_owned(), "done".to_owned()]), "done2");
    }

    #[test]
    fn tags_begin_with_what_the_id_is_of() {
        let known = ["account".to_owned()];
        assert_eq!(tag_prefix("courseId", "CourseDefined", &known), "course");
        assert_eq!(tag_prefix("itemIds", "OrderPlaced", &known), "item");
        assert_eq!(tag_prefix("fromAccountId", "MoneySent", &known), "account");
        assert_eq!(tag_prefix("fromAccountId", "MoneySent", &[]), "fromAccount");
        assert_eq!(tag_prefix("id", "CourseDefined", &known), "course");
    }
}
