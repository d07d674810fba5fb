//! A project of any size, as the tool's input: services of the same shape, with types, events and slices that differ in names.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// How big.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Services.
    pub services: usize,
    /// Types of the schema, each service's.
    pub types: usize,
    /// Slices, each service's: a command with its event.
    pub slices: usize,
}

/// 200 types, 500 events, 500 slices.
pub const BIG: Size = Size { services: 10, types: 20, slices: 50 };

/// Writes the inputs into a folder.
///
/// # Errors
/// If the disk fails.
pub fn write(folder: &Path, size: Size) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("scaffold.yaml"), "name: synthetic\n")?;
    for service in 0..size.services {
        let (schema, model) =
            (folder.join(format!("schema/area{service}")), folder.join(format!("model/area{service}")));
        std::fs::create_dir_all(&schema)?;
        std::fs::create_dir_all(&model)?;
        let text = "\"Who may do what.\"\nenum Permission {\n  \"Keeps the lists.\"\n  EDITOR\n}\n";
        std::fs::write(schema.join("permissions.graphql"), text)?;
        for number in 0..size.types {
            // Every fourth is kept by hand, the others follow events.
            let text = if number % 4 == 3 { crud(service, number) } else { projection(service, number, size.slices) };
            std::fs::write(schema.join(format!("type{number}.graphql")), text)?;
        }
        for number in 0..size.slices {
            std::fs::write(model.join(format!("slice{number}.yaml")), slice(service, number))?;
        }
    }
    Ok(())
}

/// The schema alone as plain GraphQL, for tools that know nothing of our directives.
pub fn plain_schema(size: Size) -> String {
    let mut text = String::from("scalar DateTime\n\ntype Query {\n");
    let names: Vec<String> = (0..size.services)
        .flat_map(|service| (0..size.types).map(move |number| format!("Area{service}Type{number}")))
        .collect();
    for name in &names {
        let _ = writeln!(text, "  get{name}(id: ID!): {name}\n  get{name}List: [{name}!]!");
    }
    text.push_str("}\n");
    for name in &names {
        let _ = write!(
            text,
            "\ntype {name} {{\n  id: ID!\n  title: String!\n  amount: Int!\n  rate: Float\n  open: Boolean!\n  since: DateTime\n}}\n"
        );
    }
    text
}

fn crud(service: usize, number: usize) -> String {
    format!(
        "\"Kept by hand: number {number} of area {service}.\"\n\
         type Area{service}Type{number}\n  @crudType\n  @permission(create: [EDITOR], update: [EDITOR], delete: [EDITOR])\n{{\n  id: ID!\n  \"What it is called.\"\n  title: String! @index\n  \
         \"How many there are.\"\n  amount: Int!\n  \"Its share, if it has one.\"\n  rate: Float\n  \
         \"Whether it can be used.\"\n  open: Boolean! @index\n  \"Since when.\"\n  since: DateTime\n}}\n"
    )
}

fn projection(service: usize, number: usize, slices: usize) -> String {
    let (one, other) = (number * 2 % slices, (number * 2 + 1) % slices);
    format!(
        "\"Follows two events: number {number} of area {service}.\"\n\
         type Area{service}Type{number}\n  @upsertOn(\n    on: {{ topic: \"area{service}\", eventTypes: \
         [\"Area{service}Moved{one}\", \"Area{service}Moved{other}\"] }}\n    identifyBy: {{ payload: [\"itemId\"] }}\n  ) {{\n  \
         id: ID!\n  \"What it is called.\"\n  title: String! @index\n  \"How much has come in.\"\n  amount: Int!\n    @index\n    \
         @from(events: [\"Area{service}Moved{one}\"], value: \"projection.amount + payload.amount\")\n    \
         @from(events: [\"Area{service}Moved{other}\"], value: \"projection.amount - payload.amount\")\n  \
         \"When it last changed.\"\n  since: DateTime! @from(events: [\"Area{service}Moved{one}\"], value: \"metadata.raisedAt\")\n}}\n"
    )
}

fn slice(service: usize, number: usize) -> String {
    let (event, command) = (format!("Area{service}Moved{number}"), format!("Area{service}Move{number}"));
    format!(
        r#"# Slice {number} of area {service}.
events:
  {event}:
    doc: Something was moved, for the {number}th reason.
    fields: {{ itemId: ID!, title: String!, amount: Int! }}
    tags: ["item{number}:{{itemId}}"]

commands:
  {command}:
    doc: Move something, for the {number}th reason.
    fields: {{ itemId: ID!, title: String!, amount: Int! }}
    public: true
    state:
      moved:
        doc: How much was moved already.
        type: Int!
        initial: "0"
        tags: ["item{number}:{{itemId}}"]
        on: {{ {event}: state + event.amount }}
      known:
        doc: Whether it was ever moved.
        type: Boolean!
        initial: "false"
        tags: ["item{number}:{{itemId}}"]
        on: {{ {event}: "true" }}
    rules:
      - reject: amount < 1
        error: Area{service}NothingToMove{number}
        message: 'There is nothing to move, only {{amount}}'
      - reject: known and moved + amount > 1000
        error: Area{service}TooMuch{number}
        message: 'Item "{{itemId}}" has moved {{moved}} already'
    emit:
      - {event}: {{}}
    specs:
      - name: something is moved
        when: {{ itemId: i1, title: One, amount: 10 }}
        then: [{{ {event}: {{ itemId: i1, title: One, amount: 10 }} }}]
      - name: nothing cannot be moved
        when: {{ itemId: i1, title: One, amount: 0 }}
        then: {{ error: Area{service}NothingToMove{number} }}
      - name: there is a limit
        given: [{{ {event}: {{ itemId: i1, title: One, amount: 995 }} }}]
        when: {{ itemId: i1, title: One, amount: 10 }}
        then: {{ error: Area{service}TooMuch{number}, message: 'Item "i1" has moved 995 already' }}
"#
    )
}
