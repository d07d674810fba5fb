//! What the entries of one step read, so arranged that an event finds its entries without asking all of them.

use crate::event::{QueryItem, Tag};
use std::collections::{HashMap, HashSet};

/// The entries of one step, each with what it reads.
#[derive(Debug)]
pub(super) struct Reads<E> {
    all: Vec<(E, QueryItem)>,
    /// Where those stand that ask for tags, by the first of them: over a long list there are many.
    by_tag: HashMap<Tag, Vec<usize>>,
    /// Where those stand that ask for none.
    without_tags: Vec<usize>,
}

impl<E: Copy + PartialEq> Reads<E> {
    pub(super) fn of(all: Vec<(E, QueryItem)>) -> Self {
        let (mut by_tag, mut without_tags) = (HashMap::<Tag, Vec<usize>>::new(), Vec::new());
        for (number, (_, item)) in all.iter().enumerate() {
            match item.tags.first() {
                Some(first) => by_tag.entry(first.clone()).or_default().push(number),
                None => without_tags.push(number),
            }
        }
        Self { all, by_tag, without_tags }
    }

    /// All entries with what they read.
    pub(super) fn all(&self) -> &[(E, QueryItem)] {
        &self.all
    }

    /// The entries that read an event of this type with these tags, each once.
    pub(super) fn of_event<'a>(&'a self, event_type: &'a str, tags: &'a [Tag]) -> impl Iterator<Item = E> + 'a {
        let distinct = tags.iter().enumerate().filter(|(number, tag)| !tags[..*number].contains(tag));
        let by_tag = distinct.filter_map(|(_, tag)| self.by_tag.get(tag)).flatten();
        let candidates = by_tag.chain(&self.without_tags).map(|number| &self.all[*number]);
        candidates.filter(move |(_, item)| item.matches(event_type, tags)).map(|(entry, _)| *entry)
    }
}

/// Items without those that came before already.
pub(super) fn distinct<'a>(items: impl Iterator<Item = &'a QueryItem>) -> Vec<QueryItem> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(*item)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(names: &[&str]) -> Vec<Tag> {
        names.iter().map(|name| Tag::new(*name)).collect()
    }

    #[test]
    fn an_event_finds_each_entry_that_reads_it_once() {
        let reads = Reads::of(vec![
            (0, QueryItem::of(&["A"], tags(&["x:1", "y:1"]))),
            (1, QueryItem::of(&["A", "B"], tags(&["x:1"]))),
            (2, QueryItem::of(&["A"], [])),
            (3, QueryItem::of(&[], tags(&["x:2"]))),
        ]);
        let found = |event_type: &str, names: &[&str]| {
            let mut found: Vec<i32> = reads.of_event(event_type, &tags(names)).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(found("A", &["y:1", "x:1", "x:1"]), [0, 1, 2]);
        assert_eq!(found("B", &["x:1"]), [1]);
        assert_eq!(found("A", &[]), [2]);
        assert_eq!(found("C", &["x:1", "x:2"]), [3]);
    }

    #[test]
    fn what_two_entries_read_is_asked_once() {
        let item = QueryItem::of(&["A"], tags(&["x:1"]));
        let other = QueryItem::of(&["B"], tags(&["x:1"]));
        assert_eq!(distinct([&item, &other, &item].into_iter()), [item.clone(), other.clone()]);
    }
}
