//! E055x: what may be written into the fields of a CRUD type.

super::codes! {
    WRONG_SEQUENCE = "E0555", "counter of another type than `Int!`", r##"
`@sequence` gives every new entry a whole number, so that its field is an `Int` that is never null.

```graphql
number: String! @sequence   # wrong
number: Int @sequence       # wrong
number: Int! @sequence      # right
```
"##;
    SEQUENCE_OUT_OF_RANGE = "E0556", "counter that begins out of range", r##"
`offset` is the first number that a counter gives. It is not negative, and at most 2^53 − 1: beyond that GraphQL would round it.

```graphql
number: Int! @sequence(offset: -1)     # wrong
number: Int! @sequence(offset: 1000)   # right
```
"##;
    WRONG_GROUP = "E0557", "field that makes no groups", r##"
A counter runs for each value of the fields in `group`. These are other fields of the type that hold a text, an id, an `Int`, a `Boolean`, an enum, a time or a day, or a reference; not a field that every entry has, and not a number that is given at the same moment.

```graphql
tags: [String!]!
number: Int! @sequence(group: ["tags"])   # wrong
room: String! @immutable
number: Int! @sequence(group: ["room"])   # right
```
"##;
    WRONG_UUID = "E0558", "UUID in a field of another type", r##"
`@uuidV4` belongs on a field of type `ID` or `String`, null or not, that holds the UUID.

```graphql
token: Int! @uuidV4   # wrong
token: ID! @uuidV4    # right
```
"##;
    CONTRADICTING_DIRECTIVES = "E0559", "directives that contradict each other", r##"
What is never written cannot be set once, and of two things that fill a field only one can.

```graphql
code: String @immutable @readonly                                # wrong
code: String @immutable                                          # right

number: Int! @sequence @default(value: 1)                        # wrong
number: Int! @sequence                                           # right

token: ID! @uuidV4(generate: true) @default(value: "6f96…")      # wrong
token: ID! @uuidV4(generate: true)                               # right
```
"##;
    DEFAULT_IS_NO_UUID = "E0560", "default that is no UUID", r##"
The field takes UUIDs of version 4 only, so that its default is one too, in small letters.

```graphql
token: ID! @uuidV4 @default(value: "none")                                   # wrong
token: ID! @uuidV4 @default(value: "6f9619ff-8b86-4d01-b42d-00c04fc964ff")   # right
```
"##;
    WRITTEN_BY_COMMAND = "E0561", "command that writes what only the API may", r##"
A command may record the events of a CRUD type. It decides by what it has read, though, and neither counts nor asks whether a field was set: so it records no `XCreated` of a type with `@sequence`, and no `XUpdated` that gives a field with `@sequence` or `@immutable`. A decision in Rust records no `XUpdated` of a type that has such fields at all.

```yaml
emit: [{ TicketCreated: { id: ticketId, number: "7" } }]        # wrong, if `number` has `@sequence`
emit: [{ TicketWanted: { ticketId: ticketId } }]                # right: create the entry through the API
```
"##;
}
