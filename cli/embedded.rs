//! What the tool carries inside itself: templates, examples, the runtime's source.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The text of a template, by its path below `templates/`.
pub fn template(path: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// The names of the examples, sorted.
pub fn example_names() -> Vec<&'static str> {
    let mut names: Vec<_> = EXAMPLES.iter().filter_map(|(path, _)| path.split('/').next()).collect();
    names.dedup();
    names
}

/// The files of one example, by their path inside it.
pub fn example(name: &str) -> Vec<(&'static str, &'static [u8])> {
    let inside = |path: &'static str| path.strip_prefix(name)?.strip_prefix('/');
    EXAMPLES.iter().filter_map(|(path, bytes)| Some((inside(path)?, *bytes))).collect()
}
