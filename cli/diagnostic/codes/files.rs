//! E049x: files.

super::codes! {
    FILE_ELSEWHERE = "E0490", "file outside of its service", r##"
A file belongs to the service that it was uploaded to: there lie its bytes, there it is known who may load it, and there it is kept for as long as an event names it. So a projection that follows another service keeps no file of it, no automation passes a file to a command of another service, and no field has a nested type of another service that holds files.

Keep the file's id, name or size, which are plain values, and ask its own service for the rest; or upload the file to the service that has to keep it.

```yaml
# model/school.yaml
automations:
  Archive: { on: [WorkHandedIn], command: archive.Keep, with: { work: event.work } }          # wrong: `work` is a `File!`
  Archive: { on: [WorkHandedIn], command: archive.Keep, with: { workId: event.work.id } }     # right: it is an `ID!`
```
"##;
    FILE_OUT_OF_JSON = "E0491", "file made of JSON", r##"
What a caller sends as `JSON` is free: a file made of it could be any file, also one of somebody else. A field of type `File` is looked up: it must be the caller's own.

```yaml
fields: { parts: JSON! }            # wrong, with
emit: [{ WorkHandedIn: { work: parts.work } }]
fields: { work: File! }             # right
emit: [{ WorkHandedIn: {} }]
```
"##;
}
