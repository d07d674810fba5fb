//! What an automation sends.

use serde::Serialize;

use super::same;
use crate::expr::EvalError;
use crate::value::Json;

/// Checks that these commands and no others are sent, in this order; only the fields named count.
#[track_caller]
#[allow(clippy::panic)]
pub(super) fn check<C: Serialize>(commands: impl Iterator<Item = Result<Option<C>, EvalError>>, expected: &Json) {
    let sent: Result<Vec<Option<C>>, EvalError> = commands.collect();
    let sent = match sent {
        Ok(sent) => sent.into_iter().flatten().map(|command| serde_json::to_value(command)).collect(),
        Err(error) => panic!("failed: {error}"),
    };
    let sent: Result<Vec<Json>, serde_json::Error> = sent;
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) => panic!("a command cannot be written as JSON: {error}"),
    };
    let expected_list = expected.as_array().map_or(&[][..], Vec::as_slice);
    let same = expected_list.len() == sent.len()
        && expected_list.iter().zip(&sent).all(|(expected, sent)| match (expected.as_object(), sent.as_object()) {
            (Some(expected), Some(sent)) => same::names(expected, sent),
            _ => false,
        });
    if !same {
        panic!("expected {expected:#}\nsent {:#}", Json::Array(sent));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(expected: &Json) -> bool {
        let commands = [Some(json!({"to": "a", "key": 1})), None, Some(json!({"to": "b", "key": 2}))];
        std::panic::catch_unwind(|| check(commands.into_iter().map(Ok), expected)).is_ok()
    }

    #[test]
    fn all_commands_count_and_of_each_the_fields_that_are_named() {
        assert!(sent(&json!([{"to": "a"}, {"key": 2}])));
        assert!(!sent(&json!([{"to": "a"}])));
        assert!(!sent(&json!([{"to": "b"}, {"to": "a"}])));
        assert!(!sent(&json!([{"to": "a"}, {"key": 3}])));
    }
}
