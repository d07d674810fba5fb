//! Permissions: of commands and of types.

use super::context::Context;
use super::directive::texts;
use crate::diagnostic::codes::directives::MISPLACED_DIRECTIVE;
use crate::diagnostic::codes::names::UNKNOWN_PERMISSION;
use crate::diagnostic::codes::rules::PUBLIC_AND_PERMISSION;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Access, FieldAccess, TypeAccess};
use crate::place::Place;
use crate::source::{RawCommand, RawDirective};

/// Who may send a command.
pub(super) fn command_access(raw: &RawCommand, context: &Context, sink: &mut Sink) -> Access {
    let public = raw.public.as_ref().filter(|public| public.value);
    if let (Some(public), Some(permission)) = (public, &raw.permission) {
        let message = "a command is public or asks for a permission, not both";
        let diagnostic = Diagnostic::error(PUBLIC_AND_PERMISSION, permission.place, message);
        sink.push(diagnostic.related(public.place, "public here").help("leave one of the two out"));
    }
    if public.is_some() {
        return Access::Public;
    }
    match &raw.permission {
        None => Access::SignedIn,
        Some(permission) => {
            let names = permission.value.iter().map(|name| (name.value.as_str(), name.place));
            any_of(names.collect(), context, sink)
        }
    }
}

/// Who may do what with an entry: `@permission`, or anyone without it.
pub(super) fn type_access(directive: Option<&RawDirective>, context: &Context, sink: &mut Sink) -> TypeAccess {
    let mut access = |operation: &str| operation_access(directive, operation, context, sink);
    TypeAccess {
        read: access("read"),
        read_by_id: access("readById"),
        create: access("create"),
        update: access("update"),
        delete: access("delete"),
    }
}

/// Who may see and write a field, beside being allowed to do so with the entry.
pub(super) fn field_access(directive: Option<&RawDirective>, context: &Context, sink: &mut Sink) -> FieldAccess {
    let delete = directive.and_then(|directive| directive.argument("delete"));
    if let Some(delete) = delete {
        let message = "a field is not deleted by itself; `delete` belongs into the `@permission` of the type";
        sink.push(Diagnostic::error(MISPLACED_DIRECTIVE, delete.place, message));
    }
    let mut access = |operation: &str| operation_access(directive, operation, context, sink);
    FieldAccess {
        read: access("read"),
        read_by_id: access("readById"),
        create: access("create"),
        update: access("update"),
    }
}

/// Without arguments: nobody; an operation that is not named: anyone, unless `all` is.
fn operation_access(directive: Option<&RawDirective>, operation: &str, context: &Context, sink: &mut Sink) -> Access {
    let Some(directive) = directive else { return Access::Public };
    if directive.arguments.is_empty() {
        return Access::Nobody;
    }
    let [own, all] = [operation, "all"].map(|name| directive.argument(name).map(|value| texts(Some(value))));
    match (own, all) {
        (None, None) => Access::Public,
        (own, all) => any_of(own.into_iter().chain(all).flatten().collect(), context, sink),
    }
}

/// Permissions of the service by name, unknown ones reported.
fn any_of(names: Vec<(&str, Place)>, context: &Context, sink: &mut Sink) -> Access {
    any_of_these(names, &context.permissions, sink)
}

/// Permissions by name, of those that there are; unknown ones are reported.
pub(super) fn any_of_these(names: Vec<(&str, Place)>, permissions: &[String], sink: &mut Sink) -> Access {
    if names.is_empty() {
        return Access::Nobody;
    }
    let mut known: Vec<String> = Vec::new();
    for (name, place) in names {
        if !permissions.iter().any(|permission| permission == name) {
            let message = format!("there is no permission `{name}`");
            let diagnostic = Diagnostic::error(UNKNOWN_PERMISSION, place, message);
            let diagnostic = if permissions.is_empty() {
                diagnostic.help("permissions are the values of the schema's `enum Permission`")
            } else {
                diagnostic.suggest(name, permissions)
            };
            sink.push(diagnostic);
        } else if !known.iter().any(|permission| permission == name) {
            known.push(name.to_owned());
        }
    }
    Access::AnyOf(known)
}
