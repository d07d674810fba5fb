//! E02xx: names that are unknown, doubled, illegal or colliding.

super::codes! {
    UNKNOWN_EVENT = "E0201", "unknown event", r##"
No event of that name is declared in this service's event model, and no CRUD type records it.

```yaml
on: { CourseDefind: "true" }    # wrong
on: { CourseDefined: "true" }   # right
```
"##;
    UNKNOWN_TYPE = "E0202", "unknown type", r##"
Types are the built-in ones (`ID String Int Float Boolean DateTime Date JSON`) and the enums, inputs and types that the service's schema declares.

```yaml
fields: { capacity: Integer! }   # wrong
fields: { capacity: Int! }       # right
```
"##;
    UNKNOWN_FIELD = "E0203", "unknown field", r##"
The event, command or type has no field of that name.

```yaml
- CourseDefined: { id: c1 }         # wrong
- CourseDefined: { courseId: c1 }   # right
```
"##;
    UNKNOWN_PERMISSION = "E0204", "unknown permission", r##"
Permissions are the values of the schema's `enum Permission`.

```yaml
permission: [TEECHER]   # wrong
permission: [TEACHER]   # right
```
"##;
    UNKNOWN_ERROR = "E0205", "unknown error", r##"
A spec expects an error that no rule of its command gives.

```yaml
then: { error: CourseFull }          # wrong
then: { error: CourseFullyBooked }   # right
```
"##;
    UNKNOWN_VIEW = "E0206", "unknown view", r##"
A view is a projection type of the schema (a type with `@upsertOn`); the model only adds its examples.

```yaml
views: { Courses: { specs: [] } }   # wrong
views: { Course: { specs: [] } }    # right
```
"##;
    DOUBLED_NAME = "E0207", "name given twice", r##"
Two declarations of one service share a name. Each event, command, type, field and error has a name of its own, whichever file it stands in.

```graphql
type Course @crudType { title: String! }
type Course @crudType { name: String! }   # wrong: merge the two, or name them apart
```
"##;
}
