//! E056x: rows by the token's data.

super::codes! {
    ROWS_ELSEWHERE = "E0563", "row filter that leads to another service", r##"
Row filters are answered by the database of the service that keeps the entries. What an entry of another service holds lies in that service's database. Keep a copy of the value here, as `@from` does, or compare the id of the reference.

```graphql
type Order @crudType @filterByJwtData(jwtDataKey: "region", path: "customer.region") { customer: Customer }             # wrong, if `Customer` is of another service
type Order @crudType @filterByJwtData(jwtDataKey: "region", path: "region") { customer: Customer  region: String! }     # right
```
"##;
    ROW_VALUE = "E0564", "row filter by a value that cannot be compared", r##"
The path of a row filter ends at one value, or at a list of values: a text, an id, an enum, a number, a boolean, a moment, a day, or a reference, whose id is compared. It does not end at a nested type, a file or `JSON`, and not at a list of lists. Inside a nested type or a list only texts, ids, enums, references, `Int` and `Boolean` can be compared, and a path does not go on behind a reference there.

```graphql
type Branch @crudType @filterByJwtData(jwtDataKey: "city", path: "address") { address: Address! }        # wrong
type Branch @crudType @filterByJwtData(jwtDataKey: "city", path: "address.city") { address: Address! }   # right
```
"##;
    CLAIM_NAME = "E0565", "name of a claim that there cannot be", r##"
A claim is named by a key of the token's `data`, or by several that are joined by dots: `school.id` is the key `id` of the object under `school`. None of them is empty or has a space around it.

```graphql
courseId: ID! @fromJwtData(key: "school.")     # wrong
courseId: ID! @fromJwtData(key: "school.id")   # right
```
"##;
    NOT_FILLED = "E0566", "field that a token cannot fill", r##"
`@fromJwtData` fills a field of a CRUD type with one value of the token's data: an `ID`, a `String`, an `Int`, a `Boolean`, an enum or the id of a reference. It cannot have a `@default` too, since an entry is not created without the claim, nor a permission to write it, since nobody does. And something of a CRUD type must be left that callers write.

```graphql
ownerId: ID! @fromJwtData(key: "userId") @default(value: "nobody")   # wrong
ownerId: ID! @fromJwtData(key: "userId")                             # right
```
"##;
}
