//! E06xx: what is read and checked, but not generated yet.

super::codes! {
    DIRECTIVE_LATER = "E0601", "directive that is not generated yet", r##"
The directive belongs to the language, but this version of the tool does not generate what it says. It is refused rather than ignored.

```graphql
type Course @crudType { code: String! @unique }   # not yet
type Course @crudType { code: String! }           # works
```
"##;
    MODEL_LATER = "E0603", "part of the event model that is not generated yet", r##"
The key belongs to the language, but this version of the tool does not generate what it says. It is refused rather than ignored.

```yaml
note: { type: String, gdpr: { subject: studentId, default: "" } }   # not yet
note: String                                                        # works
```
"##;
    OTHER_SERVICE_LATER = "E0604", "type of another service that is not generated yet", r##"
A field of an event, a command, a type or a state cannot have a type that another service declares. Expressions over another service's events know that service's types, and an automation fills a command of another service with them; but here a field keeps a built-in type, or one of this service.

```yaml
fields: { kind: billing.Kind! }   # not yet
fields: { kind: String! }         # works; `string(event.kind)` makes one of another service's value
```
"##;
    SCHEMA_LATER = "E0605", "part of a schema that is not generated yet", r##"
Interfaces, unions and scalars of your own are not generated.

```graphql
union Pet = Cat | Dog                 # not yet
type Pet { cat: Cat, dog: Dog }      # works
```
"##;
}
