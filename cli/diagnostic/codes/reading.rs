//! E01xx: reading the project, YAML and GraphQL.

super::codes! {
    UNKNOWN_KEY = "E0101", "unknown key", r#"
A key stands where the language knows none of that name. It is refused rather than ignored, since a misspelt key would silently do nothing.

```yaml
commands:
  Open:
    feilds: { id: ID! }   # wrong
    fields: { id: ID! }   # right
```
"#;
    DOUBLED_KEY = "E0102", "doubled key", r#"
The same key is given twice; one of the values would be lost.

```yaml
events:
  Opened: { fields: { id: ID! } }
  Opened: { fields: { name: String } }             # wrong

events:
  Opened: { fields: { id: ID!, name: String } }    # right: merged, or named apart
```
"#;
    INVALID_YAML = "E0103", "not YAML", r#"
The text is not YAML 1.2. Nothing of this file is read.

```yaml
fields: { id: ID!      # wrong: the brace is never closed
fields: { id: ID! }    # right
```
"#;
    WRONG_SHAPE = "E0104", "unexpected kind of value", r#"
A map, a list or a plain value was expected and something else stands there.

```yaml
fields: [id, name]                  # wrong: a map is expected
fields: { id: ID!, name: String }   # right
```
"#;
    NOT_PLAIN_EXPRESSION = "E0105", "an expression that YAML reads as something else", r#"
Where an expression is expected, YAML takes some characters for its own: `!x` is a tag, `&x` an anchor, `{` starts a map, `[` a list, ` #` a comment. Quote the expression.

```yaml
reject: !open                        # wrong: a YAML tag
reject: "!open"                      # right
initial: count(filter(xs, # > 1))    # wrong: cut off by a comment
initial: "count(filter(xs, # > 1))"  # right
```
"#;
    MISSING_KEY = "E0106", "missing key", r#"
A key that must be there is not.

```yaml
rules:
  - error: Closed                      # wrong: when does it reject?
  - { reject: closed, error: Closed }  # right
```
"#;
    UNSUPPORTED_YAML = "E0107", "YAML feature that the language does not use", r#"
Anchors, aliases, merge keys, tags and several documents in one file are not part of the event-model language.

```yaml
A: &base { id: ID! }   # wrong
B: *base
B: { id: ID! }         # right: say it again
```
"#;
    TOO_DEEP = "E0108", "nested too deep", r#"
Brackets nest deeper than the reader goes. No real model comes near; a generated or damaged file does.

```yaml
tags: [[[[[[[[ … ]]]]]]]]     # wrong, when it goes on for long
tags: ["course:{courseId}"]   # right
```
"#;
    UNREADABLE_FILE = "E0109", "file that cannot be read", r#"
The file is missing, may not be read, is too large (4 MiB at most) or is not UTF-8 text.

```text
schema/campus.graphql   40 MiB, in Latin-1   # wrong
schema/course.graphql   2 KiB, in UTF-8      # right: `iconv -f latin1 -t utf-8` makes UTF-8 of it
```
"#;
    OUTSIDE_PROJECT = "E0110", "path outside the project", r#"
A path leaves the project's folder, by `..`, by a leading `/`, or by a symbolic link. Inputs stand inside the project, so that the output is the same everywhere.

```yaml
services: { billing: { schema: [../other/*.graphql] } }     # wrong
services: { billing: { schema: [schema/bill/*.graphql] } }  # right
```
"#;
    NO_PROJECT = "E0111", "no project here", r#"
There is no `scaffold.yaml` in the folder. `scaffold new <name>` makes one.

```text
campus/schema $ scaffold gen         # wrong: scaffold.yaml stands one folder up
campus $ scaffold gen                # right
campus/schema $ scaffold -C .. gen   # right
```
"#;
    INVALID_GRAPHQL = "E0112", "not GraphQL", r#"
The text is not a GraphQL schema (SDL). The rest of the file is read from the next definition on.

```graphql
type Course { id ID! }    # wrong
type Course { id: ID! }   # right
```
"#;
    INVALID_TYPE = "E0113", "not a type", r#"
Types are written as in GraphQL: a name, `!` for never null, `[...]` for lists.

```yaml
fields: { ids: "[ID!!]" }   # wrong
fields: { ids: "[ID!]!" }   # right
```
"#;
    NOT_A_SCHEMA = "E0114", "operation in a schema", r#"
Queries, mutations, subscriptions and fragments are sent to an API; a schema declares types.

```graphql
query { courses { id } }    # wrong
type Course { id: ID! }     # right
```
"#;
    INVALID_VALUE = "E0115", "value that does not fit here", r#"
A plain value was read, but it is none of those that are possible here.

```yaml
version: two   # wrong
version: 2     # right
```
"#;
    NO_INPUTS = "E0116", "nothing matches", r#"
A pattern of `scaffold.yaml` matches no file, or a service has neither schema nor model.

```yaml
services: { billing: { schema: [schema/biling/*.graphql] } }    # wrong: misspelt
services: { billing: { schema: [schema/billing/*.graphql] } }   # right
```
"#;
    INVALID_EXPRESSION = "E0117", "not an expression", r#"
The text does not follow the grammar of expressions.

```yaml
reject: seatsTaken >=            # wrong
reject: seatsTaken >= capacity   # right
```
"#;
    AMBIGUOUS_EXPRESSION = "E0118", "expression that asks for parentheses", r#"
Comparisons do not chain; `not a == b`, and another operator after `a ?? b`, can be read in two ways. Say which with parentheses.

```yaml
reject: not status == 'OPEN'      # wrong
reject: not (status == 'OPEN')    # right
reject: note ?? 'none' + '!'      # wrong
reject: (note ?? 'none') + '!'    # right
```
"#;
    INVALID_TEMPLATE = "E0119", "not a template", r#"
A tag or a message is text with `{expression}` holes; each `{` needs its `}`, and no hole is empty.

```yaml
tags: ["course:{courseId"]    # wrong
tags: ["course:{courseId}"]   # right
```
"#;
    EXTENDS_NOTHING = "E0120", "extension of nothing", r#"
`extend` adds to a type, input or enum that is declared with the same keyword elsewhere in the service.

```graphql
extend type Cuorse { note: String }   # wrong, if there is a type Course
extend type Course { note: String }   # right
```
"#;
}
