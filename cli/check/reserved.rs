//! Words that a name must not be, since an API or the generated code holds another thing of that name.
//!
//! Only what cannot be mapped is here: `type`, `self` or `select` as a field are spelt apart in each language and are
//! no problem.

use super::walk::{Named, What};
use crate::model::{FieldName, TypeName};

/// Types that GraphQL or the generated API brings along.
const API_TYPES: &[&str] = &[
    "Query",
    "Mutation",
    "Subscription",
    "Permission",
    "ID",
    "String",
    "Int",
    "Float",
    "Boolean",
    "DateTime",
    "Date",
    "Decimal",
    "JSON",
    "File",
    "EventEnvelope",
    "StringFieldFilter",
    "IdFieldFilter",
    "IntFieldFilter",
    "FloatFieldFilter",
    "BooleanFieldFilter",
    "DateTimeFieldFilter",
    "DateFieldFilter",
    "DecimalFieldFilter",
    "EnumFieldFilter",
    "ListFieldFilter",
    "FieldOrder",
    "OrderDirection",
    "Direction",
    "CommandResult",
    "CommandPayload",
    "DeleteResponse",
    "RemoveData",
    "FieldError",
    "Wait",
];

/// Types that every Rust file sees without an import, and `Self`.
const RUST_TYPES: &[&str] = &[
    "Self",
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Vec",
    "String",
    "Box",
    "Copy",
    "Send",
    "Sync",
    "Sized",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Clone",
    "Default",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "AsRef",
    "AsMut",
    "Iterator",
    "IntoIterator",
    "Extend",
    "DoubleEndedIterator",
    "ExactSizeIterator",
    "FromIterator",
    "ToOwned",
    "ToString",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Debug",
    "Hash",
    "Unpin",
    "Serialize",
    "Deserialize",
];

/// What the generated crates declare themselves; what they import is spelt with its path where a name meets it.
const OWN_TYPES: &[&str] = &["Event", "State", "Entry", "Recorded"];

/// Modules of the generated crates that are there already; Cargo takes some of them for more than a module.
const MODULES: &[&str] = &[
    "lib", "main", "bin", "types", "specs", "tests", "convert", "server", "client", "proto", "service", "schema",
    "commands",
];

/// Files that Windows cannot hold, whatever their ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3"];

/// What a generated client can do beside its calls.
const CLIENT_METHODS: &[&str] = &[
    "new",
    "connect",
    "with_origin",
    "with_interceptor",
    "send_compressed",
    "accept_compressed",
    "max_decoding_message_size",
    "max_encoding_message_size",
];

/// Columns that every entry's table has.
const ENTRY_COLUMNS: &[&str] = &["tenant", "id", "created_at", "changed_at"];

/// Keys of a filter beside the fields.
const FILTER_KEYS: &[&str] = &["and", "or"];

/// Why this name cannot be taken, if so.
pub(super) fn reason(named: &Named<'_>) -> Option<String> {
    match named.what {
        What::Value(_) => value(named.name),
        What::Field(_) | What::Payload(_) | What::State(_) => None,
        What::Error(_) => error(named.name),
        _ => type_name(named),
    }
}

/// Why no field of an entry can have this name; `indexed` ones are keys of its filter, too.
pub(super) fn entry_field(name: &FieldName, indexed: bool) -> Option<String> {
    let column = name.column();
    if ENTRY_COLUMNS.contains(&column.as_str()) {
        return Some(format!("every entry has a column `{column}` already"));
    }
    if indexed && FILTER_KEYS.contains(&name.as_written()) {
        return Some("filters join their conditions by `and` and `or`".to_owned());
    }
    None
}

fn type_name(named: &Named<'_>) -> Option<String> {
    let name = TypeName::new(named.name);
    let (rust, module) = (name.rust(), name.module());
    let is = |words: &[&str]| words.contains(&rust.as_str()) || words.contains(&named.name);
    if named.what != What::Event && is(API_TYPES) {
        return Some("the API has a type of that name already".to_owned());
    }
    let input = format!("{}Input", named.name);
    if matches!(named.what, What::Command | What::Object) && API_TYPES.contains(&input.as_str()) {
        return Some(format!("its input would be `{input}`, which the API has already"));
    }
    if named.what == What::Command && CLIENT_METHODS.contains(&name.snake().as_str()) {
        return Some("every client has a method of that name".to_owned());
    }
    if is(RUST_TYPES) {
        return Some("Rust has one of that name in every file".to_owned());
    }
    if is(OWN_TYPES) {
        return Some("the generated code has one of that name in every crate".to_owned());
    }
    if MODULES.contains(&module.as_str()) {
        return Some(format!("its module would be `{module}.rs`, which the generated crates have already"));
    }
    DEVICES.contains(&module.as_str()).then(|| format!("its file would be `{module}.rs`, which Windows cannot hold"))
}

fn error(name: &str) -> Option<String> {
    let rust = TypeName::new(name).rust();
    (rust == "Self").then(|| "Rust keeps it for itself".to_owned())
}

fn value(name: &str) -> Option<String> {
    if ["true", "false", "null"].contains(&name) {
        return Some("GraphQL reads it as a value of its own".to_owned());
    }
    match TypeName::new(name).rust().as_str() {
        "Self" => Some("Rust keeps it for itself".to_owned()),
        "Unspecified" => Some("protobuf has it for a value that was not sent".to_owned()),
        _ => None,
    }
}
