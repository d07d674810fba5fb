//! The typing of expressions, by tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::diagnostic::Sink;
use crate::model::{EnumType, EnumValue, EventField, FieldName, ObjectField, ObjectType, Var};
use crate::source::{Text, parse_expression};

fn list(ty: Type) -> Type {
    Type::List(Box::new(FieldType::required(ty)))
}

fn types() -> Types {
    let mut types = Types::default();
    let value = |name: &str| EnumValue { name: name.into(), doc: None, place: Place::default() };
    let name = TypeName::new("Status");
    let values = vec![value("OPEN"), value("CLOSED")];
    types.enums.insert(name.clone(), EnumType { name, doc: None, values, place: Place::default() });
    let name = TypeName::new("Item");
    let field = |name: &str, ty| ObjectField { name: FieldName::new(name), doc: None, ty, place: Place::default() };
    let fields = vec![
        field("sku", FieldType::required(Type::Id)),
        field("price", FieldType::required(Type::Int)),
        field("note", FieldType::nullable(Type::String)),
    ];
    types.objects.insert(name.clone(), ObjectType { name, doc: None, fields, place: Place::default() });
    types
}

/// A command's fields bare, a declared `event`, an untyped `json`, `projection`, `meta`, `now`, and `state` of Int.
fn scope() -> Scope {
    let field = |name: &str, ty| EventField {
        name: FieldName::new(name),
        doc: None,
        ty,
        may_be_absent: false,
        personal: None,
        place: Place::default(),
    };
    let status = Type::Enum(TypeName::new("Status"));
    let item = Type::Object(TypeName::new("Item"));
    let fields = [
        field("n", FieldType::required(Type::Int)),
        field("f", FieldType::required(Type::Float)),
        field("s", FieldType::required(Type::String)),
        field("id", FieldType::required(Type::Id)),
        field("b", FieldType::required(Type::Boolean)),
        field("at", FieldType::required(Type::DateTime)),
        field("on", FieldType::required(Type::Date)),
        field("maybe", FieldType::nullable(Type::String)),
        field("count", FieldType::nullable(Type::Int)),
        field("status", FieldType::required(status)),
        field("item", FieldType::required(item.clone())),
        field("gift", FieldType::nullable(item.clone())),
        field("items", FieldType::required(list(item))),
        field("tags", FieldType::required(list(Type::String))),
        field("numbers", FieldType::required(list(Type::Int))),
        field("twice", FieldType::required(Type::Int)),
        field("price", FieldType::required(Type::Decimal)),
        field("prices", FieldType::required(list(Type::Decimal))),
        field("scan", FieldType::required(Type::File)),
        field("cover", FieldType::nullable(Type::File)),
        field("files", FieldType::required(list(Type::File))),
    ];
    let entry = FieldName::new("twice");
    let projection =
        vec![("id".to_owned(), FieldType::required(Type::Id)), ("seats".to_owned(), FieldType::required(Type::Int))];
    Scope::default()
        .with_command(&fields, true)
        .with_state_entry(&entry, &FieldType::required(Type::Int), Place::default())
        .with("json", Var::Event, FieldType::required(Type::Json), None)
        .with_event(&["event"], &payload(&fields[..2]))
        .with_meta(&["meta"])
        .with_projection(projection)
        .with_state(&FieldType::required(Type::Int))
        .with_now()
        .with_caller()
}

fn typed(text: &str, expected: Option<&FieldType>) -> Result<Expr, String> {
    let (types, scope, mut sink) = (types(), scope(), Sink::default());
    let raw = parse_expression(&Text::whole(text, Place::default()), &mut sink);
    let mut typer = Typer::new(&types, &scope, &mut sink);
    let expr = match expected {
        Some(expected) => typer.typed(&raw, expected),
        None => typer.value(&raw, None),
    };
    match (expr, sink.sorted().as_slice()) {
        (Some(expr), []) => Ok(expr),
        (None, [only]) => Err(format!("{} {}", only.code, only.message)),
        (expr, all) => panic!("{text}: {} with {all:?}", if expr.is_some() { "typed" } else { "not typed" }),
    }
}

/// Text and type.
const TYPES: &[(&str, &str)] = &[
    ("1", "Int!"),
    ("1.5", "Float!"),
    ("'a'", "String!"),
    ("-n", "Int!"),
    ("n + 1", "Int!"),
    ("n + 1.5", "Float!"),
    ("n / 2", "Float!"),
    ("n ** 2", "Float!"),
    ("n % 2", "Int!"),
    ("s + id", "String!"),
    ("at + 2 * hour", "DateTime!"),
    ("now - at", "Int!"),
    ("at - 5 * minute", "DateTime!"),
    ("at > now - day", "Boolean!"),
    ("at / 1000", "Float!"),
    ("on == '2026-01-31'", "Boolean!"),
    ("at < '2026-01-31T00:00:00Z'", "Boolean!"),
    ("status == 'OPEN'", "Boolean!"),
    ("'OPEN' == status", "Boolean!"),
    ("status in ['OPEN', 'CLOSED']", "Boolean!"),
    ("id == s", "Boolean!"),
    ("n == f", "Boolean!"),
    ("maybe == s", "Boolean!"),
    ("maybe == nil or maybe contains 'x'", "Boolean!"),
    ("maybe != nil and len(maybe) > 2", "Boolean!"),
    ("maybe == 'a' and upper(maybe) == 'A'", "Boolean!"),
    ("not (maybe == nil) and maybe startsWith 'x'", "Boolean!"),
    ("maybe != nil ? maybe : 'none'", "String!"),
    ("b ? maybe : nil", "String"),
    ("b ? 1 : 1.5", "Float!"),
    ("maybe ?? 'none'", "String!"),
    ("count ?? 0", "Int!"),
    ("count ?? 1.5", "Float!"),
    ("gift?.sku", "ID"),
    ("gift != nil and gift.price > 1", "Boolean!"),
    ("gift?.note != nil and gift.note contains 'x'", "Boolean!"),
    ("item.price", "Int!"),
    ("scan.size / 2", "Float!"),
    ("scan['contentType']", "String!"),
    ("cover?.id", "ID"),
    ("cover ?? scan", "File!"),
    ("cover != nil and cover.size > 1", "Boolean!"),
    ("scan == cover or scan in files", "Boolean!"),
    ("first(files)?.name", "String"),
    ("append(filter(files, #.size > 0), scan)", "[File!]!"),
    ("sum(files, #.size)", "Int!"),
    ("item['price']", "Int!"),
    ("items[0].sku", "ID!"),
    ("'x' in tags", "Boolean!"),
    ("s matches '^[a-z]+$'", "Boolean!"),
    ("len(tags) + len(s)", "Int!"),
    ("append(tags, s)", "[String!]!"),
    ("concat(tags, ['a'])", "[String!]!"),
    ("filter(items, #.price > 1)", "[Item!]!"),
    ("map(items, #.price)", "[Int!]!"),
    ("any(items, #.note != nil and #.note contains 'x')", "Boolean!"),
    ("all(numbers, # > 0) and none(numbers, # > 9)", "Boolean!"),
    ("count(items, #.price > 1)", "Int!"),
    ("sum(numbers)", "Int!"),
    ("sum(items, #.price * 1.5)", "Float!"),
    ("intSum(items, #.price)", "Int!"),
    ("min(numbers)", "Int"),
    ("max(n, 5, f)", "Float!"),
    ("first(items)?.sku", "ID"),
    ("last(tags)", "String"),
    ("find(items, #.sku == id)", "Item"),
    ("unique(sort(numbers))", "[Int!]!"),
    ("tags | join(', ')", "String!"),
    ("s | trim() | lower() | split(',')", "[String!]!"),
    ("replace(s, 'a', 'b')", "String!"),
    ("int(s) + int(f)", "Int!"),
    ("float(n)", "Float!"),
    ("string(status) + string(n)", "String!"),
    ("abs(n)", "Int!"),
    ("floor(f) + ceil(f) + round(n)", "Float!"),
    ("week + month + year + second", "Int!"),
    ("json.a.b", "JSON"),
    ("json.a == 'x'", "Boolean!"),
    ("state + json.amount", "Int!"),
    ("json.comment ?? ''", "String!"),
    ("int(json.a) + 1", "Int!"),
    ("sum(json.items, int(#.price))", "Int!"),
    ("json.at == nil", "Boolean!"),
    ("projection.seats + 1", "Int!"),
    ("projection.seats == nil", "Boolean!"),
    ("(projection.seats ?? 5) + 1", "Int!"),
    ("meta.raisedAt", "DateTime!"),
    ("meta.userId", "String"),
    ("'ADMIN' in caller.permissions", "Boolean!"),
    ("command.twice", "Int!"),
    ("[1, 2.5]", "[Float!]!"),
];

#[test]
fn every_operator_and_function_has_its_type() {
    for (text, ty) in TYPES {
        let expr = typed(text, None).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(type_name(&expr.ty), *ty, "{text}");
    }
}

#[test]
fn mistakes_are_named() {
    for (text, problem) in [
        ("nothing", "E0301 nothing here is called `nothing`"),
        ("sku", "E0301 nothing here is called `sku`"),
        ("twice", "E0302 `twice` could mean two things here"),
        ("event", "E0303 `event` is not a value of its own"),
        ("n + s", "E0303 expected `String!`, found `Int!`"),
        ("n and b", "E0303 expected `Boolean!`, found `Int!`"),
        ("not n", "E0303 expected `Boolean!`, found `Int!`"),
        ("-s", "E0303 expected a number, found `String!`"),
        ("b ? 1 : 'a'", "E0303 these two must have one type: `Int!` and `String!`"),
        ("tags contains 'a'", "E0303 expected `String!`, found `[String!]!`"),
        ("n in 5", "E0303 expected a list, found `Int!`"),
        ("f % 2", "E0303 expected `Int!`, found `Float!`"),
        ("maybe contains 'x'", "E0304 `maybe` may be nil here"),
        ("maybe != nil or maybe contains 'x'", "E0304 `maybe` may be nil here"),
        ("count + 1", "E0304 `count` may be nil here"),
        ("count > 1", "E0304 `count` may be nil here"),
        ("gift.sku", "E0304 `gift` may be nil here"),
        ("event.x", "E0305 `event` has no field `x`"),
        ("item.cost", "E0305 `Item` has no field `cost`"),
        ("n.a", "E0305 `Int!` has no fields"),
        ("length(tags)", "E0306 there is no function `length`"),
        ("any(items)", "E0307 `any` takes 2 arguments, not 1"),
        ("append(tags)", "E0307 `append` takes at least 2 arguments, not 1"),
        ("n == 's'", "E0308 these two cannot be compared: `Int!` and `String!`"),
        ("status == s", "E0308 these two cannot be compared: `Status!` and `String!`"),
        ("n in tags", "E0308 these two cannot be compared: `Int!` and `String!`"),
        ("b < true", "E0308 `Boolean!` has no order"),
        ("s matches '('", "E0309"),
        ("s matches id", "E0309"),
        ("s == nil", "E0310 `s` is never nil"),
        ("n ?? 1", "E0310 `n` is never nil"),
        ("json.a + json.b", "E0311"),
        ("json.a < json.b", "E0311"),
        ("[]", "E0311"),
        ("len(json.a)", "E0311"),
        ("# > 1", "E0312"),
        ("status == 'OPNE'", "E0314 `OPNE` is not a value of `Status`"),
        ("on == '2026-02-30'", "E0314 expected a day like 2026-01-31"),
        ("price + f", "E0303 these two must have one type: `Decimal!` and `Float!`"),
        ("price > f", "E0308 these two cannot be compared: `Decimal!` and `Float!`"),
        ("price / f", "E0303 expected `Decimal!`, found `Float!`"),
        ("price * (n / 2)", "E0303 these two must have one type: `Decimal!` and `Float!`"),
        ("price % 2", "E0303 expected `Int!`, found `Decimal!`"),
        ("price == '10.10'", "E0308 these two cannot be compared: `Decimal!` and `String!`"),
        ("price > 0.00000000000000000000000000001", "E0314 expected a decimal number of at most 28 digits"),
        ("decimal('ten')", "E0314 expected a decimal number of at most 28 digits"),
        ("decimal(b)", "E0303 `decimal` takes a number or a text, found `Boolean!`"),
        ("round(price, 1.5)", "E0303 expected `Int!`, found `Float!`"),
        ("string(scan)", "E0303 `string` takes a plain value, found `File!`"),
        ("s + scan", "E0303 expected `String!`, found `File!`"),
        ("scan > 1", "E0308 these two cannot be compared: `File!` and `Int!`"),
        ("scan < scan", "E0308 `File!` has no order"),
        ("sort(files)", "E0303"),
        ("cover.size", "E0304 `cover` may be nil here"),
        ("scan.url", "E0305 `scan` has no field `url`"),
    ] {
        match typed(text, None) {
            Ok(expr) => panic!("{text} is taken for `{}`", type_name(&expr.ty)),
            Err(found) => assert!(found.starts_with(problem), "{text}: {found}"),
        }
    }
}

#[test]
fn literals_take_their_type_from_what_is_expected() {
    let status = Type::Enum(TypeName::new("Status"));
    for (text, expected) in [
        ("[]", FieldType::required(list(Type::Int))),
        ("['OPEN']", FieldType::required(list(status.clone()))),
        ("b ? 'OPEN' : 'CLOSED'", FieldType::required(status.clone())),
        ("1", FieldType::required(Type::Float)),
        ("nil", FieldType::nullable(Type::Int)),
        ("1", FieldType::nullable(Type::Float)),
        ("{sku: 'a', price: 1}", FieldType::required(Type::Object(TypeName::new("Item")))),
        ("{a: [], b: nil, c: [1, 'x']}", FieldType::required(Type::Json)),
        ("'2026-01-01T00:00:00Z'", FieldType::required(Type::DateTime)),
        ("n", FieldType::required(Type::DateTime)),
        ("json.a", FieldType::required(status)),
        ("append([], n)", FieldType::required(list(Type::Int))),
    ] {
        let expr = typed(text, Some(&expected)).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(expr.ty, expected, "{text}");
    }
    let problem = typed("{sku: 'a'}", Some(&FieldType::required(Type::Object(TypeName::new("Item")))));
    assert_eq!(problem.unwrap_err(), "E0401 `Item` needs a value for `price`");
    let problem = typed("maybe", Some(&FieldType::required(Type::String)));
    assert_eq!(problem.unwrap_err(), "E0304 `maybe` may be nil here");
}

#[test]
fn conversions_are_said_one_step_a_node() {
    let expr = typed("n", Some(&FieldType::nullable(Type::Float))).unwrap();
    let ExprKind::Widen(inner) = &expr.kind else { panic!("{expr:?}") };
    let ExprKind::Widen(innermost) = &inner.kind else { panic!("{expr:?}") };
    assert_eq!((type_name(&inner.ty), type_name(&innermost.ty)), ("Float!".into(), "Int!".into()));
    let expr = typed("maybe != nil ? maybe : ''", None).unwrap();
    let ExprKind::Conditional { then, .. } = &expr.kind else { panic!("{expr:?}") };
    assert!(matches!(then.kind, ExprKind::Narrowed(_)), "{then:?}");
    let expr = typed("json.a", Some(&FieldType::required(Type::Int))).unwrap();
    assert!(matches!(expr.kind, ExprKind::FromJson(_)), "{expr:?}");
    let expr = typed("projection.seats ?? 5", None).unwrap();
    let ExprKind::Binary(_, left, _) = &expr.kind else { panic!("{expr:?}") };
    assert!(!left.ty.required && matches!(left.kind, ExprKind::Field { .. }), "{left:?}");
}

#[test]
fn decimals_take_ints_and_the_digits_of_literals() {
    for text in [
        "price + 1",
        "n * price",
        "1.5 - price",
        "price / 3",
        "2 ** price",
        "price * (1 - 0.19)",
        "price * (b ? 0.9 : 1)",
        "-price",
        "b ? price : 0.5",
        "min(price, 10.5, n)",
        "sum(prices)",
        "sum(items, price)",
        "abs(price)",
        "floor(price)",
        "round(price, 2)",
        "decimal(f)",
        "decimal(s)",
        "decimal(n)",
        "decimal(at)",
        "decimal(json.a)",
        "json.a + price",
    ] {
        let expr = typed(text, None).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(type_name(&expr.ty), "Decimal!", "{text}");
    }
    for (text, expected) in [
        ("price > 1.5 and 2 <= price", "Boolean!"),
        ("price in [1.5, 2]", "Boolean!"),
        ("sort(prices)", "[Decimal!]!"),
        ("append(prices, 1.5)", "[Decimal!]!"),
        ("max(prices)", "Decimal"),
        ("string(price)", "String!"),
        ("int(price)", "Int!"),
        ("float(price)", "Float!"),
        ("round(f, 2)", "Float!"),
    ] {
        let expr = typed(text, None).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(type_name(&expr.ty), expected, "{text}");
    }
}

#[test]
fn a_decimal_literal_keeps_its_digits() {
    let decimal = FieldType::nullable(Type::Decimal);
    for (text, digits) in [("10.10", "10.10"), ("-0.50", "-0.50"), ("1.5e3", "1500"), ("decimal('0.1')", "0.1")] {
        let expr = typed(text, Some(&decimal)).unwrap();
        let ExprKind::Widen(inner) = &expr.kind else { panic!("{expr:?}") };
        assert_eq!(inner.kind, ExprKind::Decimal(digits.into()), "{text}");
    }
}
