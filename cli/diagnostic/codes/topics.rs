//! E049x: topics whose events are deleted after they were consumed.

super::codes! {
    UNKNOWN_TOPIC = "E0495", "topic that no event has", r##"
`topics` in `scaffold.yaml` names a topic of the service's events: the service's name, or what `topic:` of an event says.

```yaml
services: { plant: { topics: { raedings: { deleteAfter: consumed } } } }   # wrong
services: { plant: { topics: { readings: { deleteAfter: consumed } } } }   # right, with
# events: { TemperatureRead: { topic: readings, … } }
```
"##;
    UNKNOWN_CONSUMER = "E0496", "consumer that is not there", r##"
`deleteAfter` names automations of the service that are started by events of the topic; `consumers` names consumer groups that are written in Rust. Whoever is named and does not exist, or never has an event of the topic, would be waited for in vain.

```yaml
readings: { deleteAfter: [archive] }                           # wrong, if `archive` is Rust
readings: { deleteAfter: [RaiseAlarm], consumers: [archive] }   # right
```
"##;
    HISTORY_NEEDED = "E0497", "deleted topic whose history is needed", r##"
A command's state, a projection, a view and a CRUD type are made of all events from the first one on: a decision would miss what was deleted, and a projection that is built anew would be another one. So their events are kept.

```yaml
# services: { plant: { topics: { plant: { deleteAfter: consumed } } } }
state: { machineExists: { on: { MachineInstalled: "true" }, … } }   # wrong: MachineInstalled has the topic plant
# services: { plant: { topics: { readings: { deleteAfter: consumed } } } }
events: { TemperatureRead: { topic: readings, … } }                 # right: read by automations alone
```
"##;
    NOT_WAITED_FOR = "E0498", "follower of a deleted topic that nobody waits for", r##"
An automation that follows the topic would miss events that are deleted before it has had them. Of the service itself it is named in `deleteAfter`, or all of them are by `consumed`. How far another service has come is known there alone, so none can be waited for: an automation of the service itself follows the topic and sends a command to the other one.

```yaml
readings: { deleteAfter: [RaiseAlarm] }                # wrong, if ShowTrend follows it too
readings: { deleteAfter: [RaiseAlarm, ShowTrend] }     # right
readings: { deleteAfter: consumed }                    # right
```
"##;
    NOBODY_CONSUMES = "E0499", "deleted topic that nobody consumes", r##"
Events are deleted once somebody has had them. If no automation follows the topic and no consumer in Rust is named, they would go unseen.

```yaml
readings: { deleteAfter: consumed }                          # wrong, if no automation follows it
readings: { deleteAfter: consumed, consumers: [archive] }    # right
```
"##;
}
