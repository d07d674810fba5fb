//! E047x: between services.

super::codes! {
    OTHERS_EVENT = "E0470", "event of another service in a command", r##"
A command's state reads its own service only, and its `emit` records there. What a command decides is guarded by the store that it is written to: the append fails if an event that the decision read has come in meanwhile. No store can guard the database of another service, so a decision over its events could be out of date at once.

Let an automation follow the other service's event and send a command of this service, which records what this one has to know; or send a command of the other service, which decides there.

```yaml
# model/school.yaml
state: { paid: { type: Boolean!, initial: "false", on: { billing.InvoicePaid: "true" } } }   # wrong
state: { paid: { type: Boolean!, initial: "false", on: { FeeNoted: "true" } } }              # right, with
automations:
  NoteFee: { on: [billing.InvoicePaid], command: NoteFee, with: { courseId: event.courseId } }
```
"##;
    TWO_SERVICES = "E0471", "events of two services together", r##"
A projection follows the events of one service, its own or another; so does an automation. Two services' events have no order in common: an entry that is made of both would depend on which came in first, and a rebuild could give another one.

Make a projection of each. Where one needs what the other service knows, let an automation follow that service and record it here.

```graphql
type Bill                                                                              # wrong
  @upsertOn(on: { topic: "billing", eventTypes: ["InvoiceSent"] }, identifyBy: { payload: ["studentId"] })
  @upsertOn(on: { topic: "school", eventTypes: ["StudentLeft"] }, identifyBy: { payload: ["studentId"] }) {
type Bill                                                                              # right
  @upsertOn(on: { topic: "billing", eventTypes: ["InvoiceSent"] }, identifyBy: { payload: ["studentId"] }) {
```
"##;
    TYPES_IN_A_CIRCLE = "E0472", "types of services that are made of each other", r##"
Each service whose types others have gets a crate for them, and crates cannot stand on each other. So a nested type of one service may have fields with types of a second one, but then no nested type of the second has fields with types of the first, whichever types these are. Fields of events, commands, states, projections and CRUD types are free to.

Declare what they share in one of the two, or in a service that has nothing but types.

```graphql
# schema/billing.graphql
enum Kind { PAPER MAIL }
type Address { street: String!, level: Level! }   # of `school`
# schema/school.graphql
enum Level { BEGINNER ADVANCED }
type Contact { name: String!, kind: Kind! }       # wrong: of `billing`, whose types stand on these
type Contact { name: String!, kind: String! }     # right
```
"##;
}
