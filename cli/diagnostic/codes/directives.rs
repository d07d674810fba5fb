//! E05xx: directives of the schema.

super::codes! {
    UNKNOWN_DIRECTIVE = "E0501", "unknown directive", r##"
The schema language knows no directive of that name.

```graphql
type Course @crudtype { title: String! }   # wrong
type Course @crudType { title: String! }   # right
```
"##;
    UNKNOWN_ARGUMENT = "E0502", "unknown argument", r##"
The directive, or an input object in it, has no argument of that name.

```graphql
@upsertOn(on: { topic: "a", events: ["B"] })       # wrong
@upsertOn(on: { topic: "a", eventTypes: ["B"] })   # right
```
"##;
    MISSING_ARGUMENT = "E0503", "missing argument", r##"
The directive needs an argument that is not there.

```graphql
@upsertOn(identifyBy: { payload: ["id"] })                       # wrong
@upsertOn(on: { topic: "a" }, identifyBy: { payload: ["id"] })   # right
```
"##;
    WRONG_ARGUMENT = "E0504", "argument of the wrong type", r##"
An argument's value is not of the kind that the directive expects.

```graphql
@from(events: CourseDefined, value: "payload.title")       # wrong
@from(events: ["CourseDefined"], value: "payload.title")   # right
```
"##;
    DOUBLED_DIRECTIVE = "E0505", "directive or argument given twice", r##"
The directive stands there twice and may stand only once, or an argument is given twice.

```graphql
title: String! @default(value: "a") @default(value: "b")   # wrong
title: String! @default(value: "a")                        # right
```
"##;
    MISPLACED_DIRECTIVE = "E0506", "directive in the wrong place", r##"
Some directives belong on types, others on fields, and some only on types of one kind.

```graphql
title: String! @crudType                   # wrong
type Course @crudType { title: String! }   # right
```
"##;
    PAYLOAD_DOES_NOT_FIT = "E0507", "payload field that does not fit", r##"
A field of a projection takes the payload field of its name. Here the two have types that do not go together; say with `@from` what the value is, or rename one.

```graphql
capacity: String!                                           # wrong, if the event has capacity: Int!
capacity: String! @from(value: "string(payload.capacity)")  # right
```
"##;
    EVENT_NOT_REACHED = "E0508", "event that does not reach the type", r##"
`@from` names an event that no `@upsertOn` of the type listens to; it would never have an effect.

```graphql
type Course @upsertOn(on: { topic: "a", eventTypes: ["CourseDefined"] }) {                     # wrong
type Course @upsertOn(on: { topic: "a", eventTypes: ["CourseDefined", "CourseRenamed"] }) {    # right
  title: String! @from(events: ["CourseRenamed"], value: "payload.title")
}
```
"##;
    WRONG_IDENTITY = "E0509", "value that cannot identify an entry", r##"
Ids are made of texts and whole numbers that are always there; the last payload part may be a list of ids.

```graphql
identifyBy: { payload: ["note"] }       # wrong, if note may be null
identifyBy: { payload: ["courseId"] }   # right
```
"##;
    BUILT_IN_FIELD = "E0510", "built-in field with another type", r##"
Every entry has `id: ID!`, `createdAt: DateTime!` and `changedAt: DateTime!`; declaring them is optional, declaring them otherwise is an error.

```graphql
id: String   # wrong
id: ID!      # right
```
"##;
    GENERATED_TYPE = "E0511", "type that is generated", r##"
`Query`, `Mutation` and `Subscription` are generated from the other types and the commands.

```graphql
type Query { course(id: ID!): Course }       # wrong: leave it out
type Course @crudType { title: String! }     # right: gives getCourse, getCourseList
```
"##;
    CONFLICTING_KINDS = "E0512", "type of two kinds", r##"
A type is written through the API (`@crudType`) or made from events (`@upsertOn`), not both.

```graphql
type Course @crudType @upsertOn(on: { topic: "a" }) { title: String! }   # wrong
type Course @crudType { title: String! }                                 # right
```
"##;
    NESTED_DIRECTIVE = "E0513", "directive on a nested type", r##"
A type without `@crudType` or `@upsertOn` is stored inside its owner and has no rows of its own, so that this directive has nothing to work on.

```graphql
type Address { city: String! @index }                            # wrong
type Person @crudType { city: String! @index, address: Address }  # right
```
"##;
    TARGET_WITHOUT_EVENTS = "E0540", "directive that no event reaches", r##"
`eventTypes` is empty, which means all events of the topic, and the topic has none.

```graphql
type Course @upsertOn(on: { topic: "enrolment" }) { title: String! }    # wrong: the topic is misspelt
type Course @upsertOn(on: { topic: "enrollment" }) { title: String! }   # right
```
"##;
    ENDLESS_TYPE = "E0541", "type that holds itself without an end", r##"
A required field that leads back to its own type needs a value, which needs a value, and so on.

```graphql
type Category { parent: Category! }   # wrong
type Category { parent: Category }    # right: null ends it
```
"##;
    EMPTY_TYPE = "E0542", "type with nothing in it", r##"
GraphQL and protobuf have no type without fields and no enum without values; a CRUD type needs a field that can be written.

```graphql
enum Level                          # wrong
enum Level { BEGINNER ADVANCED }    # right

type Room @crudType { id: ID! }                  # wrong
type Room @crudType { id: ID! name: String! }    # right
```
"##;
    NOT_INDEXABLE = "E0543", "field that cannot be indexed", r##"
Filters and orders compare single values, and lists of references by their elements. Nested types, JSON and other lists are stored whole.

```graphql
tags: [String!]! @index   # wrong
label: String! @index     # right
```
"##;
    NOT_UNIQUE = "E0550", "field that cannot be unique", r##"
A unique constraint compares single values. Nested types, files, JSON and lists are stored whole. `id` is unique by itself, and the service sets `createdAt` and `changedAt`.

```graphql
emails: [String!]! @unique   # wrong
email: String! @unique       # right
```
"##;
    UNIQUE_FIELDS = "E0551", "fields of a unique constraint", r##"
`fields` names the fields whose values belong together, at least one and each once.

```graphql
type Room @crudType @unique(fields: []) { floor: Int!, number: Int! }                    # wrong
type Room @crudType @unique(fields: ["floor", "floor"]) { floor: Int!, number: Int! }    # wrong
type Room @crudType @unique(fields: ["floor", "number"]) { floor: Int!, number: Int! }   # right
```
"##;
    UNIQUE_NAME = "E0552", "name of a unique constraint", r##"
Whoever breaks a constraint is told its name. It has up to 100 letters, digits, `_`, `-` and `.`; without one it is made of the names of the type and the fields.

```graphql
email: String! @unique(name: "is it taken?")   # wrong
email: String! @unique(name: "one_account")    # right
email: String! @unique                         # right: student_email
```
"##;
    DOUBLED_UNIQUE = "E0553", "unique constraint that is there twice", r##"
The name says which constraint was broken, so each name stands once in a service. Two constraints over the same fields say the same.

```graphql
type Student @crudType @unique(fields: ["email"]) { email: String! @unique }   # wrong
type Student @crudType { email: String! @unique }                              # right
```
"##;
    UNIQUE_BY_COMMAND = "E0554", "command that gives a unique value", r##"
A CRUD type's unique constraints are held where its entries are created and changed. A command decides by other events, so it would give values that others have.

```yaml
# schema: type Student @crudType { email: String! @unique, name: String }
emit: [{ StudentUpdated: { id: studentId, email } }]   # wrong
emit: [{ StudentUpdated: { id: studentId, name } }]    # right: not in a constraint
```
"##;
}
