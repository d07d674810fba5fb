//! How expressions are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::model::UnaryOp;
use crate::place::{Place, Sources};
use proptest::prelude::*;

fn text(value: &str) -> Text {
    let file = Sources::default().add("test", value);
    let runs = vec![(0, 0)];
    Text::with_runs(value.to_owned(), Place { file, start: 0, end: value.len() as u32 }, runs)
}

/// The tree with all its parentheses.
fn read(value: &str) -> String {
    let mut sink = Sink::default();
    let expr = parse_expression(&text(value), &mut sink);
    assert!(sink.is_empty(), "{value}: {sink:?}");
    show(&expr)
}

fn code(value: &str) -> &'static str {
    let mut sink = Sink::default();
    let expr = parse_expression(&text(value), &mut sink);
    assert!(expr.is_invalid(), "{value} was read as {}", show(&expr));
    assert_eq!(sink.sorted().len(), 1);
    sink.sorted()[0].code.as_str()
}

fn show(expr: &RawExpr) -> String {
    let all = |list: &[RawExpr]| list.iter().map(show).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        RawExprKind::Invalid => "?".into(),
        RawExprKind::Nil => "nil".into(),
        RawExprKind::Boolean(value) => value.to_string(),
        RawExprKind::Int(value) => value.to_string(),
        RawExprKind::Float { text, .. } => text.clone(),
        RawExprKind::Text(value) => format!("'{}'", value.escape_debug()),
        RawExprKind::List(elements) => format!("[{}]", all(elements)),
        RawExprKind::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("'{}': {}", key.escape_debug(), show(value)));
            format!("({{{}}})", entries.collect::<Vec<_>>().join(", "))
        }
        RawExprKind::Name(name) => name.clone(),
        RawExprKind::Element => "#".into(),
        RawExprKind::Field { base, name, optional } => {
            format!("{}{}{}", show(base), if *optional { "?." } else { "." }, **name)
        }
        RawExprKind::Index { base, index } => format!("{}[{}]", show(base), show(index)),
        RawExprKind::Unary(UnaryOp::Not, inner) => format!("(not {})", show(inner)),
        RawExprKind::Unary(UnaryOp::Negate, inner) => format!("(-{})", show(inner)),
        RawExprKind::Binary { op, left, right, .. } => format!("({} {} {})", show(left), sign(*op), show(right)),
        RawExprKind::Conditional { condition, then, otherwise } => {
            format!("({} ? {} : {})", show(condition), show(then), show(otherwise))
        }
        RawExprKind::Call { function, arguments } => format!("{}({})", **function, all(arguments)),
    }
}

fn sign(op: crate::model::BinaryOp) -> &'static str {
    use crate::model::BinaryOp as Op;
    match op {
        Op::Or => "or",
        Op::And => "and",
        Op::Coalesce => "??",
        Op::Equal => "==",
        Op::NotEqual => "!=",
        Op::Less => "<",
        Op::LessOrEqual => "<=",
        Op::Greater => ">",
        Op::GreaterOrEqual => ">=",
        Op::In => "in",
        Op::NotIn => "not in",
        Op::Contains => "contains",
        Op::StartsWith => "startsWith",
        Op::EndsWith => "endsWith",
        Op::Matches => "matches",
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "/",
        Op::Remainder => "%",
        Op::Power => "**",
    }
}

#[test]
fn operators_bind_as_documented() {
    for (written, meant) in [
        ("a or b and c", "(a or (b and c))"),
        ("a || b && c", "(a or (b and c))"),
        ("a and b == c + d * e ** f", "(a and (b == (c + (d * (e ** f)))))"),
        ("2 ** 3 ** 2", "(2 ** (3 ** 2))"),
        ("-2 ** 2", "(-(2 ** 2))"),
        ("2 ** -1", "(2 ** (-1))"),
        ("-a.b", "(-a.b)"),
        ("- -1", "(-(-1))"),
        ("a - b - c", "((a - b) - c)"),
        ("not a and b", "((not a) and b)"),
        ("!a or !b", "((not a) or (not b))"),
        ("not a * b", "(not (a * b))"),
        ("not (a == b)", "(not (a == b))"),
        ("a ** b ?? c", "(a ** (b ?? c))"),
        ("a == b ?? c", "(a == (b ?? c))"),
        ("a ?? b ?? c", "((a ?? b) ?? c)"),
        ("(a ?? b) + c", "((a ?? b) + c)"),
        ("a ?? -1", "(a ?? (-1))"),
        ("a ?? b ? c : d", "((a ?? b) ? c : d)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a or b | f(1)", "f((a or b), 1)"),
        ("a | f() | g()", "g(f(a))"),
        ("a ? b : c | f()", "(a ? b : f(c))"),
        ("a not in [1, 2,]", "(a not in [1, 2])"),
        ("a in b or c contains 'x'", "((a in b) or (c contains 'x'))"),
        ("a?.b.c[0]['k']", "a?.b.c[0]['k']"),
        ("c ?.5 : 1", "(c ? .5 : 1)"),
        ("{a: 1, 'b c': [nil]}", "({'a': 1, 'b c': [nil]})"),
        ("a.in.not", "a.in.not"),
        ("1.5e3 + 1e-2", "(1.5e3 + 1e-2)"),
    ] {
        assert_eq!(read(written), meant, "{written}");
        assert_eq!(read(meant), meant, "{written}, read again");
    }
}

#[test]
fn predicates_may_have_braces() {
    assert_eq!(read("filter(items, # != event.itemId)"), "filter(items, (# != event.itemId))");
    assert_eq!(read("filter(items, {# > 1})"), "filter(items, (# > 1))");
    assert_eq!(read("items | map({#.price})"), "map(items, #.price)");
    assert_eq!(read("map(items, ({k: #}))"), "map(items, ({'k': #}))");
    assert_eq!(read("append(items, {k: 1})"), "append(items, ({'k': 1}))");
    assert_eq!(code("map(items, {k: #})"), "E0117");
}

#[test]
fn texts_are_unescaped() {
    assert_eq!(read(r#""a\n\"\'\\\u00e4\ud83d\ude00""#), "'a\\n\\\"\\'\\\\ä😀'");
    assert_eq!(read(r"`a\n'b'`"), r"'a\\n\'b\''");
    assert_eq!(code(r"'\q'"), "E0117");
    assert_eq!(code(r"'\ud83dx'"), "E0117");
    assert_eq!(code("'abc"), "E0117");
}

#[test]
fn what_can_be_read_in_two_ways_asks_for_parentheses() {
    for written in [
        "not a == b",
        "!a in b",
        "x and not a == b",
        "a < b < c",
        "a == b != c",
        "a ?? b + c",
        "a ?? b and c",
        "x == a ?? b and c",
        "a ?? b == c",
        "a ?? -1 * 2",
    ] {
        assert_eq!(code(written), "E0118", "{written}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    for written in [
        "",
        "  ",
        "a +",
        "a b",
        "a = b",
        "(a",
        "[1",
        "f(1",
        "a.",
        "a.f(1)",
        "a |",
        "a | f",
        "1x",
        "1_000",
        "{1: 2}",
        "a ?: b",
        "99999999999999999999",
        "1e999",
        "a ~ b",
        "a & b",
        "and",
        "a ? b",
        "{a: 1, b",
        "#x",
    ] {
        assert_eq!(code(written), "E0117", "{written}");
    }
    assert_eq!(code("{a: 1, a: 2}"), "E0102");
}

#[test]
fn deep_and_long_expressions_are_refused() {
    assert_eq!(code(&"(".repeat(10_000)), "E0108");
    assert_eq!(code(&"[".repeat(10_000)), "E0108");
    assert_eq!(code(&"-".repeat(10_000)), "E0108");
    assert_eq!(code(&"not ".repeat(10_000)), "E0108");
    assert_eq!(code(&"a ? ".repeat(10_000)), "E0108");
    assert_eq!(code(&vec!["a"; 10_000].join(" + ")), "E0108");
    assert_eq!(code(&vec!["a"; 10_000].join(" ** ")), "E0108");
    assert_eq!(code(&vec!["a"; 10_000].join(".")), "E0108");
    assert_eq!(read(&vec!["1"; 150].join(" + ")).matches('+').count(), 149);
}

#[test]
fn nodes_know_their_places() {
    let mut sink = Sink::default();
    let expr = parse_expression(&text("ä + (event.capacity)"), &mut sink);
    let RawExprKind::Binary { right, operator, .. } = &expr.kind else { panic!("{expr:?}") };
    assert_eq!((operator.start, operator.end), (3, 4));
    assert_eq!((right.place.start, right.place.end), (6, 20));
    let RawExprKind::Field { name, .. } = &right.kind else { panic!("{right:?}") };
    assert_eq!((name.place.start, name.place.end), (12, 20));
}

#[test]
fn templates_are_cut_at_their_holes() {
    let mut sink = Sink::default();
    let template = parse_template(&text("a:{x | lower()} \"{f({k: '}'})}\"!"), &mut sink);
    assert!(sink.is_empty(), "{sink:?}");
    let parts = template.parts.iter().map(|part| match part {
        RawPart::Text(text) => format!("<{text}>"),
        RawPart::Hole(expr) => show(expr),
    });
    assert_eq!(parts.collect::<Vec<_>>(), ["<a:>", "lower(x)", "< \">", "f(({'k': '}'}))", "<\"!>"]);
    for wrong in ["{", "a {b", "a}", "{}", "{ }", "{'a}"] {
        let mut sink = Sink::default();
        parse_template(&text(wrong), &mut sink);
        assert_eq!(sink.sorted()[0].code.as_str(), "E0119", "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(value in "\\PC{0,60}") {
        let mut sink = Sink::default();
        let expr = parse_expression(&text(&value), &mut sink);
        prop_assert_eq!(expr.is_invalid(), sink.has_errors());
        parse_template(&text(&value), &mut sink);
    }

    #[test]
    fn any_tokens_are_read_or_refused(tokens in prop::collection::vec(prop::sample::select(vec![
        "a", "1", "1.5", "'x'", "(", ")", "[", "]", "{", "}", "+", "-", "**", "??", "?.", "?", ":", "not", "in", "and", "or", "|",
        "f(", "#", ".", ",", "==", "nil", "`", "\\", "map("]), 0..30)) {
        let value = tokens.join(" ");
        let mut sink = Sink::default();
        let expr = parse_expression(&text(&value), &mut sink);
        prop_assert_eq!(expr.is_invalid(), sink.has_errors());
        if !sink.has_errors() {
            let shown = show(&expr);
            prop_assert_eq!(read(&shown), shown);
        }
    }
}
