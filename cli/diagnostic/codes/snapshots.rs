//! E052x: commands whose state is kept.

super::codes! {
    UNKNOWN_SNAPSHOTS = "E0520", "snapshots of a command that is not there", r##"
`snapshots` in `scaffold.yaml` names commands of the service. What a CRUD type writes is decided without a state of its own.

```yaml
services: { bank: { snapshots: { Withdrawn: 500 } } }   # wrong, if that is the event
services: { bank: { snapshots: { Withdraw: 500 } } }    # right
```
"##;
    SNAPSHOTS_OUT_OF_RANGE = "E0521", "snapshots that are never taken", r##"
The number says after how many more events a state is kept again: from 1 to 1,000,000.

```yaml
services: { bank: { snapshots: { Withdraw: 0 } } }      # wrong
services: { bank: { snapshots: { Withdraw: often } } }  # wrong
services: { bank: { snapshots: { Withdraw: 500 } } }    # right
```
"##;
    NOTHING_TO_KEEP = "E0522", "snapshots without a state", r##"
A command without `state` reads no events, so that there is nothing to keep.

```yaml
# services: { bank: { snapshots: { AppointOfficer: 500 } } }
AppointOfficer: { fields: { officerId: ID! }, emit: [{ OfficerAppointed: {} }] }                          # wrong
# services: { bank: { snapshots: { Withdraw: 500 } } }
Withdraw: { state: { balance: { type: Decimal!, initial: 0, on: { Deposited: state + event.amount } } } }  # right
```
"##;
    NOT_OF_EVENTS = "E0523", "kept state that is not made of events alone", r##"
A state that is kept serves other calls of the command, so it has to be what the events say and nothing else: `initial` and `on` name neither `now`, `caller`, `command` nor `item`. In tags they may stand, since a state is found by what it reads. What depends on the call belongs into the rules.

```yaml
isOver: { type: Boolean!, initial: false, on: { Deposited: event.amount > command.limit } }   # wrong
highest: { type: Int!, initial: 0, on: { Deposited: "max([state, event.amount])" } }          # right: `reject: highest > limit`
```
"##;
    KEEPS_PERSONAL = "E0524", "kept state of personal data", r##"
An erasure makes what is stored in events unreadable. A state that was made of them before would go on telling it, so no state is kept that reads an event with `gdpr` fields.

```yaml
# services: { club: { snapshots: { Rename: 500 } } }
events: { Renamed: { fields: { id: ID!, name: { type: String!, gdpr: { subject: id, default: "" } } } } }   # wrong, if Rename's state reads it
events: { Renamed: { fields: { id: ID!, name: String! } } }                                                # right, if it is nobody's name
```
"##;
}
