//! E03xx: expressions and types.

super::codes! {
    UNKNOWN_NAME = "E0301", "unknown name in an expression", r##"
Nothing of that name can be used here. What is in scope depends on where the expression stands: the state entries and the command's fields in rules, `event`, `state` and `command` in a state entry, `payload` and `projection` in `@from`.

```yaml
on: { CourseDefined: capacity }         # wrong
on: { CourseDefined: event.capacity }   # right
```
"##;
    AMBIGUOUS_NAME = "E0302", "name that could mean two things", r##"
Two things in scope share the name. Rename one, or write a command's field as `command.x`.

```yaml
fields: { capacity: Int! }
state: { capacity: { type: Int!, initial: 0, on: {} } }
rules: [{ reject: capacity < 1, error: TooSmall, message: too small }]           # wrong
rules: [{ reject: command.capacity < 1, error: TooSmall, message: too small }]   # right
```
"##;
    TYPE_MISMATCH = "E0303", "wrong type", r##"
An expression has another type than its place, its operator or its function asks for.

```yaml
reject: seatsTaken             # wrong: Int, where Boolean is expected
reject: seatsTaken > 0         # right
```
"##;
    MAY_BE_NIL = "E0304", "value that may be nil", r##"
A nullable value can only be compared with `==` and `!=` or given a default with `??` until it is tested.

```yaml
reject: note contains 'x'                     # wrong, if note is String
reject: note != nil and note contains 'x'     # right
reject: (note ?? '') contains 'x'             # right
```
"##;
    NO_SUCH_FIELD = "E0305", "no such field", r##"
The value has no field of that name, or has no fields at all.

```yaml
on: { CourseDefined: event.capcity }    # wrong
on: { CourseDefined: event.capacity }   # right
```
"##;
    UNKNOWN_FUNCTION = "E0306", "unknown function", r##"
The language has a fixed set of functions.

```yaml
reject: length(items) == 0   # wrong
reject: len(items) == 0      # right
```
"##;
    WRONG_ARGUMENTS = "E0307", "wrong arguments", r##"
A function is given too many, too few or the wrong kind of arguments.

```yaml
reject: any(items)                 # wrong: which?
reject: any(items, # == itemId)    # right
```
"##;
    INCOMPARABLE = "E0308", "values that cannot be compared", r##"
Both sides of a comparison have the same type, except that Int widens to Float, and text literals are read as enum values and dates where the other side is one.

```yaml
reject: capacity == '1'   # wrong
reject: capacity == 1     # right
```
"##;
    INVALID_PATTERN = "E0309", "invalid pattern", r##"
The right side of `matches` is a text literal with a pattern that takes linear time: no back references, no look-around.

```yaml
reject: not (code matches '^[A-Z')    # wrong
reject: not (code matches '^[A-Z]')   # right
```
"##;
    NEVER_NIL = "E0310", "value that is never nil", r##"
A required value is tested for nil or given a default; the test would always come out the same.

```yaml
reject: courseId == nil   # wrong, if courseId is ID!
reject: courseId == ''    # right
```
"##;
    UNTYPED = "E0311", "type that cannot be told", r##"
The parts of an expression do not say what type it has. Compare with a typed value or convert it: `int(x)`, `float(x)`, `string(x)`.

```yaml
on: { Imported: event.a + event.b }             # wrong, if Imported is not declared
on: { Imported: int(event.a) + int(event.b) }   # right
```
"##;
    ELEMENT_OUTSIDE = "E0312", "`#` outside a predicate", r##"
`#` is the element that `filter`, `map`, `any` and their like look at.

```yaml
reject: "# > 1"              # wrong
reject: "any(items, # > 1)"  # right
```
"##;
    NOT_PRINTABLE = "E0313", "value that is no text", r##"
A tag or message shows texts, numbers, booleans, enums, instants and days; tags also take lists of them.

```yaml
message: "Bad order {order}"      # wrong, if order is an object
message: "Bad order {order.id}"   # right
```
"##;
    INVALID_LITERAL = "E0314", "literal that does not fit", r##"
A literal cannot be read as the type that its place asks for: an unknown value of an enum, a day that no calendar has, a number that is too large.

```yaml
initial: "'OPNE'"   # wrong
initial: "'OPEN'"   # right
```
"##;
}
