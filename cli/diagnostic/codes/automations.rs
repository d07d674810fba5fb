//! E044x: automations.

super::codes! {
    NO_TRIGGER = "E0440", "automation that nothing starts, or two things", r##"
An automation is started by events (`on`), or by the entries that a view holds (`view`). `every` runs again while an entry stays, so it belongs to `view`.

```yaml
WelcomeStudent: { on: [StudentRegistered], view: PendingWelcomes, command: SendWelcome }   # wrong
WelcomeStudent: { on: [StudentRegistered], every: 5s, command: SendWelcome }               # wrong
WelcomeStudent: { on: [StudentRegistered], command: SendWelcome }                          # right
```
"##;
    NO_ACTION = "E0441", "automation whose action is not whole", r##"
An automation sends a `command` (filled by `with`), or runs Rust of your own (`effect: custom`). It does both if the Rust returns a list of `result`s: a command is sent for each.

```yaml
FillOrders: { view: OpenOrder, effect: custom, command: FillOrder }                  # wrong: one command for what?
FillOrders: { view: OpenOrder, effect: custom, result: Fill!, command: FillOrder }   # right
```
"##;
    UNKNOWN_COMMAND = "E0442", "unknown command or service", r##"
`command` names one of the service's own commands, or `service.Command` one of another service of the project.

```yaml
command: SendWelcome          # wrong, if the service mailer has it
command: mailer.SendWelcome   # right
```
"##;
    COMMAND_LACKS_FIELD = "E0443", "command that lacks a field", r##"
`with` gives each required field of the command a value, but for those that its service makes (`generate`). What may be null may be left out.

```yaml
command: SendWelcome            # to: String!, key: String!
with: { to: event.email }                   # wrong
with: { to: event.email, key: meta.id }     # right
```
"##;
    SPEC_OF_CUSTOM = "E0444", "example of an automation that runs Rust of your own", r##"
A spec says which commands follow from which events. Where your Rust stands between, nobody can tell without running it, and it works on the world outside.

```yaml
PushToPhone: { on: [NotificationAdded], effect: custom, specs: [ … ] }   # wrong
PushToPhone: { on: [NotificationAdded], effect: custom }                 # right
```
"##;
    TIMES = "E0445", "waits that do not fit", r##"
`every` and the waits of `retry` are longer than nothing, and the longest wait is not shorter than the first.

```yaml
retry: { attempts: 5, from: 1m, to: 1s }   # wrong
retry: { attempts: 5, from: 1s, to: 1m }   # right
```
"##;
}
