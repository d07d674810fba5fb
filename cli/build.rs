//! Embeds templates, examples and the runtime's source into the tool.
fn main() {}
