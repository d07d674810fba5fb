//! W0xxx: lints.

super::codes! {
    UNDECLARED_EVENT = "W0001", "event that nobody declares", r##"
A directive names an event that the event model does not declare. It works, but its payload is untyped JSON: nothing about it is checked before it happens. With `--strict` this is an error.

```yaml
events:
  CourseDefined: { fields: { courseId: ID!, title: String! } }   # declares it
```
"##;
}
