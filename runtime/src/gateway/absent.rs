//! Variables that a request declares and does not give.
//!
//! Where one stands in an input, the specification leaves that entry out: `{data: {email: $email}}` without `$email` says nothing of the
//! email. The library would take it for null, and would not look at the rest of such an argument at all, misspelt fields among it.
//! So they are taken out before, and defaults are put in.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Request, Variables};
use async_graphql_value::Value;

/// The document as the variables of the request leave it.
pub(super) fn settle(document: &mut ExecutableDocument, request: &mut Request) {
    let Some(operation) = selected(&mut document.operations, request.operation_name.as_deref()) else { return };
    let absent = absent(operation, &mut request.variables);
    if absent.is_empty() {
        return;
    }
    operation.variable_definitions.retain(|defined| !absent.contains(&defined.node.name.node));
    prune(&mut operation.selection_set.node, &absent);
    for fragment in document.fragments.values_mut() {
        prune(&mut fragment.node.selection_set.node, &absent);
    }
}

/// The operation that is asked for; none where that cannot be told, which is an error of its own.
fn selected<'a>(operations: &'a mut DocumentOperations, name: Option<&str>) -> Option<&'a mut OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(one), _) => Some(&mut one.node),
        (DocumentOperations::Multiple(many), Some(name)) => many.get_mut(name).map(|one| &mut one.node),
        (DocumentOperations::Multiple(many), None) if many.len() == 1 => {
            many.values_mut().next().map(|one| &mut one.node)
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

/// Gives variables without a value their default; those left, which may be null, are absent.
fn absent(operation: &OperationDefinition, variables: &mut Variables) -> HashSet<Name> {
    let mut absent = HashSet::new();
    for defined in &operation.variable_definitions {
        let (name, defined) = (&defined.node.name.node, &defined.node);
        if variables.contains_key(name) {
            continue;
        }
        if let Some(default) = &defined.default_value {
            variables.insert(name.clone(), default.node.clone());
        } else if defined.var_type.node.nullable {
            absent.insert(name.clone());
        }
    }
    absent
}

fn prune(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let field = &mut field.node;
                field.arguments.retain_mut(|(_, value)| keep(&mut value.node, absent));
                prune(&mut field.selection_set.node, absent);
            }
            Selection::InlineFragment(inline) => prune(&mut inline.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Takes what is absent out of a value; says whether the value itself is there.
fn keep(value: &mut Value, absent: &HashSet<Name>) -> bool {
    match value {
        Value::Variable(name) => return !absent.contains(name),
        Value::Object(fields) => fields.retain(|_, value| keep(value, absent)),
        // A list keeps its length.
        Value::List(elements) => {
            for element in elements {
                if !keep(element, absent) {
                    *element = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}
