//! W0xxx: lints.

super::codes! {
    UNDECLARED_EVENT = "W0001", "event that nobody declares", r##"
A directive names an event that the event model does not declare. It works, but its payload is untyped JSON: nothing about it is checked before it happens. With `--strict` this is an error.

```yaml
# schema: @upsertOn(on: { topic: "enrollment", eventTypes: ["CourseDefined"] })
events: {}                                                                 # wrong
events: { CourseDefined: { fields: { courseId: ID!, title: String! } } }   # right
```
"##;
    UNTAGGED_EVENT = "W0010", "event without tags", r##"
Without tags an event is found by its type alone: a command that reads it reads all of them, and conflicts with every other.

```yaml
CourseDefined: { fields: { courseId: ID! } }                                 # wrong
CourseDefined: { fields: { courseId: ID! }, tags: ["course:{courseId}"] }    # right
```
"##;
    UNREAD_EVENT = "W0011", "event that nothing reads", r##"
No command's state, no projection and no automation reads the event: it is recorded and never seen again. That may be what you want for now (a record for later), and often it is a forgotten `on:` or `eventTypes`.

```graphql
type Course @upsertOn(on: { topic: "enrollment", eventTypes: ["CourseDefined"] })                    # wrong: never sees CourseRenamed
type Course @upsertOn(on: { topic: "enrollment", eventTypes: ["CourseDefined", "CourseRenamed"] })   # right
```
"##;
    UNREAD_GIVEN = "W0012", "given event that is not read", r##"
An example gives an event that no state entry of its command (no directive of its view) reads, so it cannot change the outcome. Either it is too much, or something forgets to read it: then the example cannot pass.

```yaml
state:
  seatsTaken: { type: Int!, initial: "0", on: { StudentSubscribed: state + 1 } }
specs:
  - given: [{ CourseRenamed: { courseId: c1, title: Rust } }]           # wrong
  - given: [{ StudentSubscribed: { courseId: c1, studentId: s1 } }]     # right
```
"##;
    COLLIDING_IDS = "W0013", "ids that can collide", r##"
The parts of an id are joined by `-`. If one of them is free text, two different entries can come to the same id. Parts of type `ID` are taken to be of one form (as UUIDs are), so that they cannot.

```graphql
identifyBy: { payload: ["country", "city"] }      # wrong, if both are String
identifyBy: { payload: ["countryId", "cityId"] }  # right
```
"##;
    UNUSED_STATE = "W0014", "state that is never used", r##"
A state entry is read from the store, and events that match it make the command decide again. If no rule, message or emit uses it, that is for nothing.

```yaml
state:
  title: { type: String!, initial: "''", on: { CourseDefined: event.title } }     # wrong, if no rule asks for it
  courseExists: { type: Boolean!, initial: "false", on: { CourseDefined: "true" } }   # right
rules: [{ reject: not courseExists, error: CourseDoesNotExist, message: no such course }]
```
"##;
    CONSTANT_RULE = "W0015", "rule that does not depend on anything", r##"
The rule rejects always, or never.

```yaml
reject: "true"             # wrong
reject: not courseExists   # right
```
"##;
    FIELD_NEVER_FILLED = "W0016", "field that never gets a value", r##"
A field of a projection takes the payload field of its name, or what `@from` says. This one finds neither and keeps its first value for ever.

```graphql
type Course @upsertOn(on: { topic: "enrollment", eventTypes: ["CourseDefined"] }) {
  name: String!                                                            # wrong: the event calls it title
  label: String! @from(events: ["CourseDefined"], value: "payload.title")  # right
}
```

A field of a CRUD type that is `@readonly` needs something else that fills it: `@default`, `@sequence`, `@uuidV4(generate: true)`, or a command that records the type's events.

```graphql
state: String! @readonly                            # wrong
state: String! @readonly @default(value: "open")    # right
```
"##;
    OPEN_TO_ANYONE = "W0017", "type that anyone may write", r##"
Operations that `@permission` does not name are public: they need no token. For reading that is often meant; for writing hardly ever.

```graphql
type Student @crudType { name: String! }                                                                    # wrong
type Student @crudType @permission(create: [ADMIN], update: [ADMIN], delete: [ADMIN]) { name: String! }     # right
```
"##;
    CHANGED_PAYLOAD = "W0020", "payload that changed within its version", r##"
The lock knows what the event was made of when its version was first generated. A field that is gone, is new and never null, or has another type makes stored events unreadable; and while two programs run, the older one takes the newer events for its own. The same holds for the fields of the nested types that it holds, and for the values of its enums. A field that becomes personal (`gdpr`) is told too, since stored events keep their values as they are, and so is one that stops being so.

```yaml
CourseMoved: { fields: { courseId: ID!, room: String! } }     # as it was generated first
CourseMoved: { fields: { courseId: ID!, place: String! } }    # wrong
CourseMoved:
  version: 2
  fields: { courseId: ID!, place: String! }                   # right
  upcast: { place: event.room }
```

An event of which none was ever stored needs no new version: delete its file in `scaffold.lock/`.
"##;
    AUTOMATION_CYCLE = "W0025", "automations in a circle", r##"
The command of an automation records an event that starts the automation again, directly or over others. If no condition and no rule ends it, it never comes to rest.

```yaml
RenewLoan:
  on: [LoanRenewed]                       # wrong, if RenewLoan's command records LoanRenewed
  command: Renew
RenewLoan:
  on: [LoanRunOut]                        # right
  command: Renew
```
"##;
    LOST_EVENTS = "W0026", "stored events that nobody reads any more", r##"
The lock knows an event that is not declared any more, and here is a new one that is made of the same. If it was renamed, what is stored is stored under the old name: `renamed` says so, and the event stays stored under it. The same is told when a name is gone from `renamed`.

```yaml
StudentEnrolled: { fields: { studentId: ID! } }                                 # wrong, if it was StudentSubscribed
StudentEnrolled: { renamed: [StudentSubscribed], fields: { studentId: ID! } }   # right
```

If it is another event, or none was ever stored, delete the old one's file in `scaffold.lock/`.
"##;
    NOTHING_SAVED = "W0027", "snapshots that save nothing", r##"
A `lastOnly` entry reads its newest event and no other, however many there are. A state that has only such entries is read as fast without snapshots, which would be written for nothing.

A state is kept for what its first step reads. Where a tag of a later step names something of the call, each call finds the state of another one, leaves it aside and reads everything.

```yaml
# services: { bank: { snapshots: { DismissOfficer: 500 } } }
officer: { type: ID, lastOnly: true, on: { OfficerAppointed: event.officerId } }    # wrong
# services: { bank: { snapshots: { Withdraw: 500 } } }
balance: { type: Decimal!, initial: 0, on: { Deposited: state + event.amount } }    # right
# services: { school: { snapshots: { TakeSeat: 500 } } }
room: { type: ID, tags: ["course:{courseId}"], on: { RoomGiven: event.roomId } }
taken: { type: "[Int!]!", initial: [], tags: ["seat:{room}:{seat}"], on: { SeatTaken: "append(state, event.seat)" } }   # wrong: `seat` is the call's
taken: { type: "[Int!]!", initial: [], tags: ["room:{room}"], on: { SeatTaken: "append(state, event.seat)" } }          # right
```
"##;
    CHANGING_GROUP = "W0029", "numbers that can meet in a group", r##"
A counter with `group` gives each number once for each value of the group's fields, as they are when the entry is created. An entry keeps its number when such a field changes, so that it can come into a group in which another entry has that number.

```graphql
room: String!
number: Int! @sequence(group: ["room"])   # wrong, if a number is to be found once in a room

room: String! @immutable
number: Int! @sequence(group: ["room"])   # right
```
"##;
    CANNOT_PASS = "W0030", "example that cannot pass as it stands", r##"
No given event reaches what the rules read, so the outcome is certain, and it is another than the example expects. Most often an id in `given` is not the one in `when`.

```yaml
rules: [{ reject: not courseExists, error: CourseDoesNotExist }]
specs:
  - name: a seat is taken
    given: [{ CourseDefined: { courseId: c2, title: Rust, capacity: 1 } }]   # wrong: another course
    when: { studentId: s1, courseId: c1 }
    then: [{ StudentSubscribed: { courseId: c1 } }]
  - name: a seat is taken
    given: [{ CourseDefined: { courseId: c1, title: Rust, capacity: 1 } }]   # right
    when: { studentId: s1, courseId: c1 }
    then: [{ StudentSubscribed: { courseId: c1 } }]
```
"##;
    ROWS_BY_LISTS = "W0031", "row filter without an index", r##"
What a row filter compares stands in a list or in a nested type, which no index covers: each list looks at every entry of the tenant. Where there may be many, keep the value in a field of its own.

```graphql
type Branch @crudType @filterByJwtData(jwtDataKey: "city", path: "address.city") { address: Address! }             # wrong, where there are many
type Branch @crudType @filterByJwtData(jwtDataKey: "city", path: "city") { address: Address!  city: String! }      # right
```
"##;
    PLAIN_TAG = "W0040", "plain value under a personal tag", r##"
An event has a tag that begins as the tags over personal data of another event do, but its own field is not marked. The tag is stored as a hash too, so both are found alike; but the event keeps the value, and its tag stays when the person is erased. So what is to be free again after that is not.

```yaml
Registered: { fields: { userId: ID!, email: { type: String!, gdpr: { subject: userId, default: "" } } }, tags: ["email:{email}"] }
EmailChanged: { fields: { userId: ID!, email: String! }, tags: ["email:{email}"] }                                                     # wrong
EmailChanged: { fields: { userId: ID!, email: { type: String!, gdpr: { subject: userId, default: "" } } }, tags: ["email:{email}"] }   # right
```
"##;
    PERSONAL_COPY = "W0041", "personal value that stays", r##"
A command puts a value into a personal field of one event, and the same value somewhere that no erasure reaches: a field that is not marked, or the message of a rejection that records events, which is kept for whoever repeats the call.

```yaml
emit:
  - Registered: {}                       # its `email` is personal
  - MailOrdered: { to: email }           # wrong, if `to` is not
  - MailOrdered: { userId: userId }      # right: whoever sends the mail asks for the address
```
"##;
}
