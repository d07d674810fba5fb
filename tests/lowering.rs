//! Each rule of lowering by the diagnostic that it gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use scaffold_cli::diagnostic::{Format, Sink, render};
use scaffold_cli::lower::lower;
use scaffold_cli::model::{Access, EventOrigin, ExprKind, Model, TypeName, Way};
use scaffold_cli::source::read;
use std::path::Path;

/// A project in a folder of its own, read and lowered.
fn project(schema: &str, model: &str) -> (Model, Sink, String) {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("scaffold.yaml", "name: campus\n");
    write("schema/shop/shop.graphql", schema);
    write("model/shop/shop.yaml", model);
    lowered(dir.path())
}

fn lowered(dir: &Path) -> (Model, Sink, String) {
    let mut sink = Sink::default();
    let raw = read(dir, &mut sink);
    let model = lower(&raw, &mut sink);
    let text = render(&sink, &raw.sources, Format::Human { color: false });
    (model, sink, text)
}

#[test]
fn the_example_is_lowered_without_a_word() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses");
    let (model, sink, text) = lowered(&dir);
    assert!(sink.is_empty(), "{text}");
    let service = &model.services["enrollment"];
    assert_eq!(service.permissions, ["ADMIN", "STUDENT", "TEACHER"]);
    assert!(service.events.contains_key(&TypeName::new("StudentCreated")));
    assert_eq!(service.projections.len(), 2);
    let course = &service.projections[&TypeName::new("Course")];
    assert_eq!(course.entry.access.read, Access::Public);
    assert_eq!(course.specs.len(), 4);
    let title = &course.entry.fields[0];
    assert_eq!(title.from.len(), 1, "the payload's own title");
    let subscribe = &service.commands[&TypeName::new("SubscribeStudent")];
    assert!(!subscribe.specs.is_empty() && !subscribe.rules.is_empty());
}

#[test]
fn a_named_event_never_becomes_all() {
    let schema = SCHEMA.replace(
        "total: Int! @index",
        "total: Int! @from(events: [\"Orderd\"], value: \"payload.x.y\") @from(events: [\"Ordered\"], value: \"1\")",
    );
    let found = problems(&schema, EVENTS);
    assert_eq!(found, ["E0508 no `@upsertOn` of this type listens to `Orderd`"]);
    let (model, ..) = project(&schema, EVENTS);
    let order = &model.services["shop"].projections[&TypeName::new("Order")];
    assert_eq!(order.entry.fields[0].from.len(), 1);
}

/// Codes and messages of a project, in the order of the files.
fn problems(schema: &str, model: &str) -> Vec<String> {
    let (_, sink, _) = project(schema, model);
    sink.sorted().iter().map(|problem| format!("{} {}", problem.code, problem.message)).collect()
}

const SCHEMA: &str = "
enum Permission { SELLER }
enum Status { OPEN CLOSED }
type Address { city: String! }
type Order @upsertOn(on: { topic: \"shop\", eventTypes: [\"Ordered\"] }, identifyBy: { payload: [\"orderId\"] }) {
  total: Int! @index
  status: Status! @default(value: OPEN)
}
type Customer @crudType { name: String!, address: Address }
";

const EVENTS: &str = "
events:
  Ordered:
    fields: { orderId: ID!, total: Int!, note: String }
    tags: ['order:{orderId}']
";

/// A schema of one more type than [`SCHEMA`].
fn with_schema(more: &str) -> Vec<String> {
    problems(&format!("{SCHEMA}{more}"), EVENTS)
}

/// A model of one more command than [`EVENTS`].
fn with_command(body: &str) -> Vec<String> {
    let body: String = body.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    problems(SCHEMA, &format!("{EVENTS}commands:\n  PlaceOrder:\n{body}"))
}

#[test]
fn what_is_right_is_lowered() {
    let command = "
fields: { orderId: ID!, total: Int!, note: String }
permission: [SELLER]
state:
  exists: { type: Boolean!, initial: false, tags: ['order:{orderId}'], on: { Ordered: true } }
rules:
  - { reject: exists, error: Exists, message: 'Order {orderId} of {total} exists' }
  - { reject: note == nil, error: NoNote, message: no note }
emit: [{ Ordered: { note: trim(note) } }]
specs:
  - name: first
    when: { orderId: o1, total: 012, note: x }
    then: [{ Ordered: { orderId: o1 } }]
";
    assert_eq!(with_command(command), Vec::<String>::new());
}

#[test]
fn the_schema_is_checked() {
    for (more, problem) in [
        ("type A @crudtype { a: Int }", "E0501 there is no directive `@crudtype`"),
        ("type A @upsertOn(on: { topic: \"shop\", events: [] }) { a: Int }", "E0502 `on` has no argument `events`"),
        ("type A @upsertOn { a: Int }", "E0503 `@upsertOn` needs the argument `on`"),
        ("type A @upsertOn(on: 5) { a: Int }", "E0504 `on` takes an object like `{ … }`"),
        ("type A @crudType @crudType { a: Int }", "E0505 `@crudType` may stand here only once"),
        ("type A @crudType { a: Int @crudType }", "E0506 `@crudType` belongs on types"),
        ("type A @crudType { id: String }", "E0510 `id` is `ID!` in every entry"),
        ("type Query { a: Int }", "E0511 `Query` is generated from the types and commands; leave it out"),
        ("type A { a: Int @index }", "E0513 `@index` has nothing to work on: `A` is stored inside its owner"),
        ("type A @crudType { a: Int @safeHtml }", "E0601 `@safeHtml` is not generated yet"),
        ("type A @crudType @unique(fields: []) { a: Int }", "E0551 the list `fields` of `@unique` is empty"),
        ("type A @crudType { a: Int @permission(read: [SELER]) }", "E0204 there is no permission `SELER`"),
        ("type A { a: Int @permission }", "E0513 `@permission` has nothing to work on: `A` is stored inside its owner"),
        ("type A @crudType { a: Fil }", "E0202 there is no type `Fil`"),
        ("union A = Customer | Order", "E0605 unions are not generated"),
        ("type A @crudType { a: Strin }", "E0202 there is no type `Strin`"),
        ("type A @crudType { a: Int a: Int }", "E0207 the field `a` is given twice"),
        ("type Order @crudType { a: Int }", "E0207 the type `Order` is given twice"),
        ("type A @crudType @permission(read: [SELER]) { a: Int }", "E0204 there is no permission `SELER`"),
        ("type A @crudType { a: Status! @default(value: OPNE) }", "E0314 `OPNE` is not a value of `Status`"),
        ("type A @crudType { a: Int! @default(value: true) }", "E0303 expected `Int!`, found `Boolean!`"),
        ("type A @crudType @index(fields: [\"b\"]) { a: Int }", "E0203 there is no field `b`"),
    ] {
        assert_eq!(with_schema(more), [problem], "{more}");
    }
}

#[test]
fn projections_are_checked() {
    let on = "@upsertOn(on: { topic: \"shop\", eventTypes: [\"Ordered\"] }";
    for (more, problem) in [
        ("identifyBy: { payload: [\"id\"] }) { a: Int }", "E0203 `Ordered` has no field `id`"),
        (
            "identifyBy: { payload: [\"note\"] }) { a: Int }",
            "E0509 `note` of `Ordered` is `String`, which cannot identify an entry",
        ),
        ("identifyBy: { attributes: [\"user\"] }) { a: Int }", "E0203 `meta` has no field `user`"),
        (") { total: String! }", "E0507 `total` is `String!`, but `Ordered` has it as `Int!`"),
        (
            ") { a: Int @from(events: [\"Orderd\"], value: \"1\") }",
            "E0508 no `@upsertOn` of this type listens to `Orderd`",
        ),
        (") { a: Int @from(value: \"payload.totl\") }", "E0305 `Ordered` has no field `totl`"),
        (") { a: Int @from(value: \"payload.note\") }", "E0303 expected `Int`, found `String`"),
        (
            ") { a: String! @from(value: \"payload.note\", allowNull: true) }",
            "E0304 `a` is never null, but this value may be",
        ),
        (") { a: Int @from(value: \"1\", condition: \"payload.total\") }", "E0303 expected `Boolean!`, found `Int!`"),
        (
            "filterBy: { fields: [{ projectionField: \"a\", eventField: \"note\" }] }) { a: Int }",
            "E0308 `Int` and `String` cannot be compared so",
        ),
        (
            "filterBy: { fields: [{ projectionField: \"b\", eventField: \"note\" }] }) { a: Int }",
            "E0203 `A` has no field `b`",
        ),
    ] {
        assert_eq!(with_schema(&format!("type A {on}{more}")), [problem], "{more}");
    }
    let other = "type A @upsertOn(on: { topic: \"shop\", eventTypes: [\"Orderd\"] }) { a: Int }";
    assert_eq!(with_schema(other), ["W0001 the event `Orderd` is not declared in the event model"]);
}

#[test]
fn commands_are_checked() {
    let fields = "fields: { orderId: ID!, total: Int! }\n";
    for (body, problem) in [
        ("emit: [{ Orderd: {} }]", "E0201 there is no event `Orderd`"),
        ("emit: [{ Ordered: { totl: 1 } }]", "E0203 `Ordered` has no field `totl`"),
        ("emit: [{ Ordered: { total: orderId } }]", "E0303 expected `Int!`, found `ID!`"),
        ("emit: [{ CustomerCreated: { id: orderId } }]", "E0401 `CustomerCreated` needs a value for `name`"),
        ("emit: [{ Ordered: {}, when: total }]", "E0303 expected `Boolean!`, found `Int!`"),
        ("emit: [{ Ordered: { total: totl }, when: total > 1 }]", "E0301 nothing here is called `totl`"),
        ("public: true\npermission: [SELLER]", "E0405 a command is public or asks for a permission, not both"),
        ("permission: [SELER]", "E0204 there is no permission `SELER`"),
        ("generate: { orderID: uuid }", "E0203 `PlaceOrder` has no field `orderID`"),
        ("generate: { orderId: uuid7 }", "E0408 `uuid7` is no way to make a value"),
        ("generate: { orderId: digits(0) }", "E0408 `digits(0)` is no way to make a value"),
        ("generate: { orderId: digits(19) }", "E0408 `digits(19)` is no way to make a value"),
        ("generate: { orderId: digits(6) }", "E0408 `digits(6)` makes a `String!`"),
        ("generate: { total: uuid }", "E0408 `uuid` makes an `ID!`"),
        ("rules: [{ reject: total, error: A, message: a }]", "E0303 expected `Boolean!`, found `Int!`"),
        (
            "rules:\n- { reject: total > 1, error: A, message: a }\n- { reject: total < 1, error: A, message: b }",
            "E0404 `A` has another message already",
        ),
        ("state: { a: { type: Int!, on: { Ordered: 1 } } }", "E0106 the state entry `a` needs `initial`"),
        ("state: { a: { type: Int!, initial: 0, on: { Orderd: 1 } } }", "E0201 there is no event `Orderd`"),
        ("state: { a: { type: Int!, initial: 0, on: { Ordered: total } } }", "E0301 nothing here is called `total`"),
        (
            "state: { a: { type: ID!, initial: \"''\", tags: ['x:{a}'], on: { Ordered: event.orderId } } }",
            "E0462 a tag of `a` names the entry itself: `a` → `a`",
        ),
        ("specs: [{ name: a, when: { orderId: o1 }, then: [] }]", "E0402 `PlaceOrder` needs a value for `total`"),
        ("specs: [{ name: a, when: { orderId: o1, total: x }, then: [] }]", "E0403 expected a value of type `Int!`"),
        (
            "specs: [{ name: a, when: { orderId: o1, total: 1, b: 1 }, then: [] }]",
            "E0203 `PlaceOrder` has no field `b`",
        ),
        (
            "specs: [{ name: a, when: { orderId: o1, total: 1 }, then: { error: A } }]",
            "E0205 no rule of `PlaceOrder` gives the error `A`",
        ),
        (
            "specs: [{ name: a, given: [{ Ordered: { orderId: o1 } }], when: { orderId: o1, total: 1 }, then: [] }]",
            "E0402 `Ordered` needs a value for `total`",
        ),
    ] {
        assert_eq!(with_command(&format!("{fields}{body}")), [problem], "{body}");
    }
}

#[test]
fn a_condition_says_what_is_not_nil() {
    let emit = |when: &str| {
        format!(
            "fields: {{ orderId: ID!, total: Int }}\nemit: [{{ Ordered: {{}}{when} }}, {{ Ordered: {{ total: 1 }} }}]"
        )
    };
    assert_eq!(with_command(&emit(", when: total != nil")), Vec::<String>::new());
    let found = with_command(&emit(", when: total == nil"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("E0304"), "{found:?}");
}

#[test]
fn what_is_generated_and_what_is_newest_is_in_the_model() {
    let command = "
    fields: { orderId: ID!, total: Int!, code: String!, lineId: ID! }
    generate: { lineId: uuid, code: digits(3), orderId: uuid }
    state:
      last: { type: Int!, initial: 0, lastOnly: true, on: { Ordered: event.total } }
      all: { type: Int!, initial: 0, lastOnly: false, on: { Ordered: state + 1 } }
    emit: [{ Ordered: { total: last + all } }]
    specs: [{ name: a, when: { total: 1, lineId: l7 }, then: [{ Ordered: {} }] }]
";
    let (model, sink, text) = project(SCHEMA, &format!("{EVENTS}commands:\n  PlaceOrder:{command}"));
    assert!(sink.is_empty(), "{text}");
    let command = &model.services["shop"].commands[&TypeName::new("PlaceOrder")];
    let generated: Vec<_> = command.generated.iter().map(|made| (made.field.as_written(), made.way)).collect();
    assert_eq!(generated, [("orderId", Way::Uuid), ("code", Way::Digits(3)), ("lineId", Way::Uuid)]);
    let optional: Vec<_> =
        command.sent().into_iter().map(|field| (field.name.to_string(), !field.ty.required)).collect();
    let expected = [("orderId", true), ("total", false), ("code", true), ("lineId", true)];
    assert_eq!(optional, expected.map(|(name, optional)| (name.to_owned(), optional)));
    let when = serde_json::json!({
        "orderId": "00000000-0000-7000-8000-000000000001", "total": 1, "code": "001", "lineId": "l7",
    });
    assert_eq!(command.specs[0].when, when);
    let newest: Vec<_> = command.state.iter().map(|entry| (entry.name.as_written(), entry.last_only)).collect();
    assert_eq!(newest, [("last", true), ("all", false)]);
}

#[test]
fn one_cause_gives_one_diagnostic() {
    let command = "
fields: { orderId: IDD!, total: Int! }
state: { a: { type: Int!, initial: 0, tags: ['order:{orderId}'], on: { Ordered: 1 } } }
rules: [{ reject: a > 1 and orderId == '', error: A, message: '{orderId}' }]
emit: [{ Ordered: {} }]
";
    assert_eq!(with_command(command), ["E0202 there is no type `IDD`"]);
    let command = "
fields: { orderId: ID!, total: Int! }
state: { a: { type: Itn!, initial: 0, tags: ['order:{orderId}'], on: { Ordered: state + event.total } } }
rules: [{ reject: a > total or a >= a or len(a) > 1, error: A, message: '{a}' }]
emit: [{ Ordered: {} }]
specs: [{ name: a, given: [{ Ordered: { orderId: o1, total: 1 } }], when: { orderId: o1, total: 1 }, then: { error: A } }]
";
    assert_eq!(with_command(command), ["E0202 there is no type `Itn`"]);
    let model = EVENTS.replace("orderId: ID!", "orderId: IDD!");
    assert_eq!(problems(SCHEMA, &model), ["E0202 there is no type `IDD`"]);
    let schema = SCHEMA.replace("total: Int! @index", "total: Itn! @index");
    assert_eq!(problems(&schema, EVENTS), ["E0202 there is no type `Itn`"]);
    let model = EVENTS.replace("total: Int!", "total: Integer!");
    assert_eq!(problems(SCHEMA, &model), ["E0202 there is no type `Integer`"]);
}

#[test]
fn a_schema_without_a_model_is_lowered() {
    let (model, sink, text) = project(SCHEMA, "events: {}\n");
    assert!(!sink.has_errors(), "{text}");
    let service = &model.services["shop"];
    assert_eq!(service.events[&TypeName::new("Ordered")].origin, EventOrigin::Undeclared);
    let order = &service.projections[&TypeName::new("Order")];
    let value = &order.entry.fields[0].from[0].values[0].1;
    assert!(matches!(value.kind, ExprKind::FromJson(_)), "{value:?}");
    assert!(service.events.contains_key(&TypeName::new("CustomerUpdated")));
}

#[test]
fn an_event_that_nobody_declares_is_not_recorded() {
    let undeclared = "E0201 `Ordered` is not declared: nothing says what it is made of, so it cannot be recorded";
    for command in [
        "emit: [{ Ordered: { id: id } }]",
        "decide: custom, emits: [Ordered], errors: []",
        "rules: [{ reject: id == 'a', error: No, message: no, emit: [{ Ordered: {} }] }], emit: []",
    ] {
        let model = format!("commands:\n  Order1: {{ fields: {{ id: ID! }}, {command} }}\n");
        let found: Vec<_> = problems(SCHEMA, &model).into_iter().filter(|found| found.starts_with('E')).collect();
        assert_eq!(found, [undeclared], "{command}");
    }
}

#[test]
fn views_are_checked() {
    for (view, problem) in [
        ("Orders: { specs: [] }", "E0206 there is no projection `Orders`"),
        (
            "Order: { specs: [{ name: a, given: [], then: [{ total: 1 }] }] }",
            "E0407 an expected entry is named by its `id`",
        ),
        ("Order: { specs: [{ name: a, given: [], then: [{ id: a, sum: 1 }] }] }", "E0203 `Order` has no field `sum`"),
        (
            "Order: { specs: [{ name: a, given: [], then: [{ id: a, status: X }] }] }",
            "E0403 `X` is not a value of `Status`",
        ),
    ] {
        assert_eq!(problems(SCHEMA, &format!("{EVENTS}views:\n  {view}\n")), [problem], "{view}");
    }
}
