//! E048x: personal data, and who may be erased.

super::codes! {
    PERSONAL_SUBJECT = "E0480", "subject that cannot name a person", r##"
`subject` of a personal field names the field of the same event that holds the person's id. It must be there in every event and stay when the person is erased: an `ID!` or a `String!` that is not personal itself.

```yaml
fields:
  email: { type: String!, gdpr: { subject: email, default: "" } }       # wrong: nothing else says whose it is
  studentId: ID!
  email: { type: String!, gdpr: { subject: studentId, default: "" } }   # right
```
"##;
    PERSONAL_DEFAULT = "E0481", "default that is an expression", r##"
`default` of a personal field is what stands for its value once the person is erased. It is a value, written as in an example, and is never computed.

```yaml
name: { type: String!, gdpr: { subject: studentId, default: "'unknown'" } }   # wrong: the quotes would be part of it
name: { type: String!, gdpr: { subject: studentId, default: unknown } }       # right
```
"##;
    PERSONAL_TAG = "E0482", "tag that cannot be erased", r##"
A tag over a personal field is stored as a keyed hash and goes with the person. Which tags are personal is told by the word before the colon, so a personal tag has one, it holds the data of one person, and no other tag of its event begins with the same word (unless over data of the same person).

```yaml
tags: ["{email}"]                                # wrong: no word before it
tags: ["email:{email}"]                          # right
tags: ["contact:{email}", "contact:{courseId}"]  # wrong: which of them goes with the person?
tags: ["email:{email}", "course:{courseId}"]     # right
```
"##;
    PERSONAL_COMMAND = "E0483", "personal field of a command", r##"
`gdpr` says how a field of an event is stored. What a command is sent is not stored, so it has nothing to erase.

```yaml
commands:
  Register: { fields: { email: { type: String!, gdpr: { subject: studentId, default: "" } } } }   # wrong
events:
  Registered: { fields: { studentId: ID!, email: { type: String!, gdpr: { subject: studentId, default: "" } } } }   # right
```
"##;
    RECORDED_ERASURE = "E0484", "erasure that a command would record", r##"
`SubjectErased` is recorded when a person's key is deleted, and by nothing else: a command that recorded it would erase nothing.

```yaml
emit: [{ SubjectErased: { subjectId: studentId } }]   # wrong
emit: [{ AccountClosed: {} }]                         # right, and an effect on AccountClosed erases the person
```
"##;
    PERSONAL_ID = "E0485", "entry whose id is personal", r##"
The id of an entry is made of personal data. Once the person is erased nobody can tell any more which entry the event had reached, so what it left there could not be taken back.

```graphql
identifyBy: { payload: ["email"] }    # wrong, if `email` is personal
identifyBy: { payload: ["userId"] }   # right
```
"##;
    PERSONAL_FILE = "E0486", "personal field that holds a file", r##"
Erasing a person makes the personal fields of events unreadable. The bytes of a file lie beside the events, and are kept as long as an event holds the file: they would stay. So a field that holds files cannot be personal yet.

```yaml
fields: { studentId: ID!, portrait: { type: File, gdpr: { subject: studentId } } }   # not yet
fields: { studentId: ID!, portrait: File }                                           # works, and is not erased
```
"##;
}
