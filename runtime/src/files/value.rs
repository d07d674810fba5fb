//! A file as events and entries hold it, and what finds the files in them.

use serde::{Deserialize, Serialize};

use crate::event::Tag;
use crate::wire;

/// A stored file, without its bytes: those are never in an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// What it is found by, in its service and tenant.
    pub id: String,
    /// As the uploader named it: to be shown, and never a path.
    #[serde(default)]
    pub name: String,
    /// Its media type, as `image/png`.
    #[serde(default)]
    pub content_type: String,
    /// In bytes.
    #[serde(default)]
    pub size: i64,
}

impl File {
    /// What an event that holds it carries beside its own tags, so that nobody takes it for unused. No tag of a model is like it.
    #[must_use]
    pub fn tag(&self) -> Tag {
        tag(&self.id)
    }
}

pub(crate) fn tag(id: &str) -> Tag {
    Tag::new(format!("$file:{id}"))
}

/// What may hold files: a field, or a type with such fields.
pub trait HoldsFiles {
    /// Adds each of them.
    fn files<'a>(&'a self, found: &mut Vec<&'a File>);
}

impl HoldsFiles for File {
    fn files<'a>(&'a self, found: &mut Vec<&'a File>) {
        found.push(self);
    }
}

impl<T: HoldsFiles> HoldsFiles for Option<T> {
    fn files<'a>(&'a self, found: &mut Vec<&'a File>) {
        self.iter().for_each(|holder| holder.files(found));
    }
}

impl<T: HoldsFiles> HoldsFiles for Vec<T> {
    fn files<'a>(&'a self, found: &mut Vec<&'a File>) {
        self.iter().for_each(|holder| holder.files(found));
    }
}

/// The tags of all files that something holds; none for one that stands for no file.
pub fn file_tags<T: HoldsFiles + ?Sized>(holder: &T) -> Vec<Tag> {
    let mut found = Vec::new();
    holder.files(&mut found);
    found.into_iter().filter(|file| !file.id.is_empty()).map(File::tag).collect()
}

impl From<File> for wire::File {
    fn from(file: File) -> Self {
        Self { id: file.id, name: file.name, content_type: file.content_type, size: file.size }
    }
}

impl From<wire::File> for File {
    fn from(file: wire::File) -> Self {
        Self { id: file.id, name: file.name, content_type: file.content_type, size: file.size }
    }
}

impl wire::File {
    /// What stands for a file in a request: its id says all.
    pub fn of_id(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written_and_by_its_id_alone() {
        let file = File { id: "f1".into(), name: "a.png".into(), content_type: "image/png".into(), size: 7 };
        let json = serde_json::json!({ "id": "f1", "name": "a.png", "contentType": "image/png", "size": 7 });
        assert_eq!(serde_json::to_value(&file).unwrap(), json);
        assert_eq!(serde_json::from_value::<File>(json).unwrap(), file);
        let by_id = serde_json::from_value::<File>(serde_json::json!({ "id": "f1" })).unwrap();
        assert_eq!(by_id, File { id: "f1".into(), ..File::default() });
    }

    #[test]
    fn every_file_gives_a_tag() {
        let file = |id: &str| File { id: id.into(), ..File::default() };
        let held = vec![Some(vec![file("a"), file("")]), None, Some(vec![file("b")])];
        let tags: Vec<String> = file_tags(&held).iter().map(ToString::to_string).collect();
        assert_eq!(tags, ["$file:a", "$file:b"]);
    }
}
