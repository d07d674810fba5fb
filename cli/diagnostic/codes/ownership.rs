//! E07xx: who owns a file, and what is written.

super::codes! {
    LOCK_LINE = "E0710", "a line of the lock that cannot be read", r#"
A file `scaffold.lock/<service>/<Message>.fields` holds one line a field: its number, a space, its name; `-` before the name says that the field is gone. Most often such a line is the marker of a merge conflict.

```text
<<<<<<< HEAD      wrong: resolve the conflict
1 id              right
2 -title          right: number 2 is never used again
```
"#;
    NUMBER_TWICE = "E0711", "a field number given twice", r#"
Two branches numbered a field of the same message. The number of a field can never change once it was released, since clients know a field by it and not by its name.

```text
3 seats
3 teacher         wrong: two fields cannot share a number
4 teacher         right: the one that was not released yet takes the next free number
```
"#;
}
