//! E06xx: what is read and checked, but not generated yet.

super::codes! {
    DIRECTIVE_LATER = "E0601", "directive that is not generated yet", r##"
The directive belongs to the language, but this version of the tool does not generate what it says. It is refused rather than ignored.

```graphql
type Course @crudType { code: String! @validate(tags: ["email"]) }   # not yet
type Course @crudType { code: String! }                              # works
```
"##;
    SCHEMA_LATER = "E0605", "part of a schema that is not generated yet", r##"
Interfaces, unions and scalars of your own are not generated.

```graphql
union Pet = Cat | Dog                 # not yet
type Pet { cat: Cat, dog: Dog }      # works
```
"##;
}
