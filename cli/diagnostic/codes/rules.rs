//! E04xx: events, commands, rules and specs.

super::codes! {
    MISSING_VALUE = "E0401", "event that lacks a field", r##"
An emitted event takes each field from what is written, else from the command's field of that name. A required field with neither has no value.

```yaml
emit: [{ CourseDefined: {} }]                    # wrong, if the command has no title
emit: [{ CourseDefined: { title: "'Untitled'" } }]   # right
```
"##;
    SPEC_MISSING_FIELD = "E0402", "example that lacks a field", r##"
What a spec gives must be whole: each required field of a given event and of the command has a value. Only `then` may name some fields and leave out the others.

```yaml
given: [{ CourseDefined: { courseId: c1 } }]                             # wrong
given: [{ CourseDefined: { courseId: c1, title: Rust, capacity: 1 } }]   # right
```
"##;
    SPEC_WRONG_VALUE = "E0403", "value of the wrong type", r##"
A value in a spec, or the default of a personal field, cannot be read as the declared type.

```yaml
when: { courseId: c1, capacity: many }   # wrong
when: { courseId: c1, capacity: 20 }     # right
```
"##;
    MESSAGES_DIFFER = "E0404", "one error with two messages", r##"
Rules that share an error share its message, so that callers see one meaning for one code.

```yaml
- { reject: full, error: Closed, message: The course is full }
- { reject: over, error: Closed, message: The course is over }         # wrong
- { reject: over, error: CourseIsOver, message: The course is over }   # right
```
"##;
    PUBLIC_AND_PERMISSION = "E0405", "public and permission together", r##"
A command is either open to anyone or asks for a permission.

```yaml
Open: { public: true, permission: [STUDENT] }   # wrong
Open: { permission: [STUDENT] }                 # right
```
"##;
    HOLES_COLLIDE = "E0406", "two values of a message share a name", r##"
Each value that a message shows becomes a field of the generated error, named after its expression. Two different values would take the same name.

```yaml
message: "{order.total} of {orderTotal}"   # wrong: both are orderTotal
message: "{order.total}"                   # right
```
"##;
    VIEW_SPEC_WITHOUT_ID = "E0407", "expected entry without an id", r##"
A view's spec names the expected entries by id.

```yaml
then: [{ title: Rust }]           # wrong
then: [{ id: c1, title: Rust }]   # right
```
"##;
    CANNOT_GENERATE = "E0408", "field that cannot be generated", r##"
`generate` fills a field that the caller leaves out: `uuid` an `ID!`, `digits(6)` a `String!` with random digits.

```yaml
fields: { courseId: ID!, seats: Int! }
generate: { seats: uuid }      # wrong
generate: { courseId: uuid }   # right
```
"##;
    IMPOSSIBLE_SPEC = "E0420", "example that cannot pass", r##"
The example expects other events than the command's `emit` records, or in another order. Whatever the state, it cannot pass.

```yaml
emit: [{ StudentSubscribed: {} }]
specs:
  - then: [{ CourseDefined: { courseId: c1 } }]        # wrong
  - then: [{ StudentSubscribed: { courseId: c1 } }]    # right
```
"##;
    QUERY_WITHOUT_EVENTS = "E0421", "state that reads no event in particular", r##"
A state entry without events below `on:` would make the command read every event there is (or all with a tag), learn nothing from them, and conflict with everybody.

```yaml
capacity: { type: Int!, initial: "0" }                                         # wrong
capacity: { type: Int!, initial: "0", on: { CourseDefined: event.capacity } }  # right
```
"##;
    RESERVED_ERROR = "E0422", "error that the API answers by itself", r##"
Errors of the API carry the codes `UNAUTHENTICATED FORBIDDEN NOT_FOUND VALIDATION CONFLICT UNAVAILABLE INTERNAL`. A rule's error of that name could not be told from them.

```yaml
error: NotFound             # wrong
error: CourseDoesNotExist   # right
```
"##;
    NOTHING_OLDER = "E0430", "upcast of a first version", r##"
`upcast` says what the fields are when an event of an older version is read. Version 1 has none before it.

```yaml
StudentSubscribed:
  fields: { studentId: ID!, note: String! }
  upcast: { note: "event.comment ?? ''" }   # wrong without a version
  version: 2                                # right: events of version 1 had a comment
```
"##;
    TWO_DECISIONS = "E0431", "decision in the model and in Rust", r##"
With `decide: custom` the decision is a function of yours. The model declares what can come of it and says nothing about how.

```yaml
SettleInterest:
  decide: custom
  rules: [{ reject: not isOpen, error: AccountNotOpen }]   # wrong: rules decide too
  errors: [AccountNotOpen]                                 # right
  emits: [InterestPaid]
```
"##;
    RESULTS_OF_RULES = "E0432", "errors or emits without a decision in Rust", r##"
`errors` and `emits` declare what a decision in Rust may give. Where rules decide, each names its error, and `emit` is what is recorded.

```yaml
CloseAccount:
  emits: [AccountClosed]        # wrong without `decide: custom`
  emit: [{ AccountClosed: {} }] # right
```
"##;
    UNKNOWN_TAG = "E0450", "tag that no event below `on` has", r##"
A state entry reads the events below `on` that have its tags. An event that never has a tag of that kind is never read, so the entry keeps its first value for ever.

```yaml
# events: { CourseDefined: { tags: ["course:{courseId}"], … } }
state:
  courseExists: { tags: ["cuorse:{courseId}"], on: { CourseDefined: "true" }, … }   # wrong
  courseExists: { tags: ["course:{courseId}"], on: { CourseDefined: "true" }, … }   # right
```
"##;
    NO_LIST = "E0460", "`each` without a list", r##"
`each` names a field of the command that is a list. What stands beside it is done for every element, which is called `item`.

```yaml
fields: { roomId: ID!, nights: "[Date!]!" }
state:
  booked: { each: roomId, … }   # wrong
  booked: { each: nights, … }   # right
```
"##;
    WITHOUT_EACH = "E0461", "state of elements where no element is meant", r##"
A state entry with `each` has a value for every element of a list. Rules, emits and tags see it only where they go over the same list.

```yaml
state: { booked: { type: Boolean!, each: nights, … } }
rules:
  - { reject: booked, error: NoRoom }                 # wrong
  - { reject: booked, each: nights, error: NoRoom }   # right
```
"##;
    CIRCLE = "E0462", "state entries that wait for each other", r##"
A state entry whose tag names another one is read behind it. Two that name each other can never be read.

```yaml
state:
  order: { tags: ["order:{account}"], … }     # wrong: account waits for order
  order: { tags: ["order:{orderId}"], … }     # right: orderId is a field of the command
  account: { tags: ["account:{order}"], … }
```
"##;
}
