//! How much a request selects once its fragments are spread. A few that name each other several times grow without end, and
//! whoever walks what they grow into never comes back: so it is counted beforehand, each fragment once.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::nesting::DEEPEST;

/// Says what is wrong with a document that grows beyond `most` selections, or nests too deeply through its fragments.
pub(super) fn problem(document: &ExecutableDocument, most: usize) -> Option<String> {
    let mut growth = Growth { document, known: HashMap::new() };
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let mut selected = 0usize;
    let counted = operations.map(|set| growth.of(set, 0)).try_for_each(|size| {
        selected = selected.saturating_add(size?.selections);
        if selected > most { Err(format!("the request selects more than {most} fields and fragments")) } else { Ok(()) }
    });
    // Those that no operation uses are walked by the validation too.
    counted.and_then(|()| document.fragments.keys().try_for_each(|name| growth.fragment(name, 0).map(drop))).err()
}

/// What a selection set grows into.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: usize,
    levels: usize,
}

struct Growth<'a> {
    document: &'a ExecutableDocument,
    /// The fragments counted so far; none while one is being counted.
    known: HashMap<&'a Name, Option<Size>>,
}

impl<'a> Growth<'a> {
    fn of(&mut self, set: &'a SelectionSet, depth: usize) -> Result<Size, String> {
        let too_deep = || format!("the request nests more than {DEEPEST} levels deep");
        if depth > DEEPEST {
            return Err(too_deep());
        }
        let mut size = Size::default();
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => self.of(&field.node.selection_set.node, depth + 1)?,
                Selection::InlineFragment(inline) => self.of(&inline.node.selection_set.node, depth + 1)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, depth + 1)?,
            };
            size.selections = size.selections.saturating_add(below.selections).saturating_add(1);
            size.levels = size.levels.max(below.levels + 1);
        }
        if size.levels > DEEPEST { Err(too_deep()) } else { Ok(size) }
    }

    /// One that does not exist has nothing in it; the validation names it.
    fn fragment(&mut self, name: &Name, depth: usize) -> Result<Size, String> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(Size::default()) };
        match self.known.insert(name, None) {
            Some(None) => return Err(format!("the fragment `{name}` spreads itself")),
            Some(Some(size)) => {
                self.known.insert(name, Some(size));
                return Ok(size);
            }
            None => {}
        }
        let size = self.of(&fragment.node.selection_set.node, depth)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}
