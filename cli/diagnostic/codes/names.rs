//! E02xx: names that are unknown, doubled, illegal or colliding.

super::codes! {
    UNKNOWN_EVENT = "E0201", "unknown event", r##"
No event of that name is declared in this service's event model, and no CRUD type records it. An event that only a directive of the schema names can be read as JSON, but no command can record it.

```yaml
on: { CourseDefind: "true" }    # wrong
on: { CourseDefined: "true" }   # right
```
"##;
    UNKNOWN_TYPE = "E0202", "unknown type", r##"
Types are the built-in ones (`ID String Int Float Boolean DateTime Date Decimal JSON File`) and the enums, inputs and types that the service's schema declares.

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
type Course @crudType { name: String! }    # wrong
type Lecture @crudType { name: String! }   # right
```
"##;
    ILLEGAL_NAME = "E0220", "illegal name", r##"
Names end up in Rust, GraphQL, protobuf and SQL, so they are made of what all four take: a letter from a to z first, then letters, digits and `_`. Keywords are fine (`type` becomes `r#type` in Rust); other alphabets, spaces, dashes and a leading `_` are not.

```yaml
fields: { kurs-id: ID!, _note: String }   # wrong
fields: { kursId: ID!, note: String }     # right
```
"##;
    LONG_NAME = "E0221", "name too long", r##"
A name has at most 80 letters, so that what is derived from it (`PaginatedCourseList`) stays within what compilers, databases and file systems take.

```yaml
events:
  TheStudentWhoHadBeenWaitingSinceTheBeginningOfTheTermFinallyTookASeatInTheCourseThatHeWanted: {}   # wrong
  StudentSubscribed: {}                                                                              # right
```
"##;
    RESERVED_NAME = "E0222", "name that is taken", r##"
The API or the generated code holds another thing of that name, and none of the two can be spelt apart.

```graphql
type Query @crudType { text: String! }      # wrong: GraphQL's own
type Option @crudType { text: String! }     # wrong: Rust's own
type Question @crudType { text: String! }   # right
```
"##;
    COLLIDING_NAMES = "E0223", "names that become one", r##"
Two names of the same scope differ as they are written, but not in every language of the output: `userId` and `user_id` are both `user_id` in Rust and SQL. Within a service an event, a command and a type cannot share a name either.

```yaml
fields: { userId: ID!, user_id: ID! }    # wrong
fields: { userId: ID!, ownerId: ID! }    # right
```
"##;
    DERIVED_NAME = "E0224", "name that is generated for something else", r##"
An entry `Course` brings types and operations along: `CourseFilter`, `CreateCourse`, `GetCourse` … A type or command of such a name would stand in their way.

```yaml
commands:
  CreateStudent: { fields: { name: String! } }     # wrong, if Student is a @crudType
  RegisterStudent: { fields: { name: String! } }   # right
```
"##;
    NAME_IN_TWO_SERVICES = "E0225", "name in two services", r##"
The gateway joins all services into one GraphQL schema, so a type, enum or command name can stand for one thing only in the whole project.

```text
schema/shop/order.graphql:     type Order @crudType { … }
schema/kitchen/order.graphql:  type Order @crudType { … }           # wrong
schema/kitchen/order.graphql:  type KitchenOrder @crudType { … }    # right
```
"##;
    ILLEGAL_SERVICE_NAME = "E0226", "illegal name of a project or service", r##"
Projects and services become packages, folders and protobuf packages. Their names are kebab-case: letters from a to z, digits, and single dashes between words; at most 60 letters.

```yaml
name: Campus_2      # wrong
name: campus-2      # right
```
"##;
    RESERVED_SERVICE_NAME = "E0227", "name of a project or service that is taken", r##"
The name is a keyword of Rust, a crate that generated code needs, or a folder that each project has.

```text
schema/gateway/…   # wrong: the gateway has that folder
schema/portal/…    # right
```
"##;
    COLLIDING_SERVICES = "E0228", "services whose packages collide", r##"
A service `shop` has the packages `shop`, `shop-events`, `shop-commands`, `shop-projections`, `shop-crud`, `shop-grpc`, `shop-automations`, `shop-effects` and `shop-service`, and `shop-types` where other services have its types in their fields. No other service may be called like one of them.

```text
schema/shop/…  schema/shop-events/…   # wrong
schema/shop/…  schema/festivals/…     # right
```
"##;
    COLLIDING_SPECS = "E0229", "examples that share a name", r##"
Each example becomes a test that is named after it: letters and digits are kept, all else becomes `_`. The names within a command or view must differ after that.

```yaml
specs:
  - name: a seat is taken
  - name: A seat is taken!          # wrong: the same test
  - name: the last seat is taken    # right
```
"##;
    EARLIER_IS_EVENT = "E0230", "earlier name that is another event's", r##"
`renamed` lists what an event was called before. What is stored under an earlier name is this event's, so no other event of the service may have the name, those of CRUD types (`StudentCreated`) among them. It is taken for good.

```yaml
StudentSubscribed: { fields: { studentId: ID! } }
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }   # wrong beside it
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }   # right, if it stands alone
```
"##;
    DOUBLED_EARLIER = "E0231", "earlier name given twice", r##"
An earlier name belongs to one event, and stands once in its list.

```yaml
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }
StudentListed: { renamed: [StudentSubscribed], fields: { studentId: ID! } }   # wrong: of which are the stored ones?
StudentListed: { fields: { studentId: ID! } }                                 # right
```
"##;
    EARLIER_IS_TODAYS = "E0232", "earlier name that is today's", r##"
`renamed` stands with the event as it is called now, and lists the names before that.

```yaml
StudentEnrolled: { renamed: [StudentSubscribed, StudentEnrolled], fields: { studentId: ID! } }   # wrong
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }                    # right
```
"##;
    ILLEGAL_EARLIER = "E0233", "earlier name that is none", r##"
An earlier name is the name of an event of the same service, as the model declared it then.

```yaml
StudentEnrolled: { renamed: [school.StudentSubscribed], fields: { studentId: ID! } }   # wrong
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }          # right
```
"##;
    COMPARED_EARLIER = "E0234", "type compared with an earlier name", r##"
Expressions see an event by today's name, whenever it was stored. `meta.type` is never an earlier one.

```yaml
# events: { StudentEnrolled: { renamed: [StudentSubscribed], … } }
condition: meta.type == 'StudentSubscribed'   # wrong
condition: meta.type == 'StudentEnrolled'     # right
```
"##;
}
