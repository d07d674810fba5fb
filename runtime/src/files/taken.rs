//! The files that an input names, each with the place where it stands.

use super::File;

/// What a caller gives, where it may name files.
pub trait TakesFiles {
    /// Adds each of them.
    fn files<'a>(&'a mut self, found: &mut FilesFound<'a>);
}

/// Files of an input, to be filled in.
#[derive(Debug, Default)]
pub struct FilesFound<'a> {
    /// Where the search is.
    place: String,
    found: Vec<(String, &'a mut File)>,
}

impl<'a> FilesFound<'a> {
    /// None yet; their places begin with this.
    #[cfg(any(test, feature = "files"))]
    pub(super) fn within(place: &str) -> Self {
        Self { place: place.to_owned(), found: Vec::new() }
    }

    /// The files of a field, by its name in the API.
    pub fn field<T: TakesFiles>(&mut self, name: &str, held: &'a mut T) {
        let before = self.place.len();
        if before > 0 {
            self.place.push('.');
        }
        self.place.push_str(name);
        held.files(self);
        self.place.truncate(before);
    }

    /// All of them, each behind its place: `cover`, `pages[2]`, `data.meta.scan`.
    #[cfg(any(test, feature = "files"))]
    pub(super) fn into_found(self) -> Vec<(String, &'a mut File)> {
        self.found
    }
}

impl TakesFiles for File {
    fn files<'a>(&'a mut self, found: &mut FilesFound<'a>) {
        found.found.push((found.place.clone(), self));
    }
}

impl<T: TakesFiles> TakesFiles for Option<T> {
    fn files<'a>(&'a mut self, found: &mut FilesFound<'a>) {
        if let Some(held) = self {
            held.files(found);
        }
    }
}

impl<T: TakesFiles> TakesFiles for Vec<T> {
    fn files<'a>(&'a mut self, found: &mut FilesFound<'a>) {
        for (number, held) in self.iter_mut().enumerate() {
            let before = found.place.len();
            found.place.push_str(&format!("[{number}]"));
            held.files(found);
            found.place.truncate(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Meta {
        scan: Option<File>,
    }

    impl TakesFiles for Meta {
        fn files<'a>(&'a mut self, found: &mut FilesFound<'a>) {
            found.field("scan", &mut self.scan);
        }
    }

    #[test]
    fn each_is_known_by_its_place() {
        let mut pages =
            vec![Meta { scan: Some(File::default()) }, Meta { scan: None }, Meta { scan: Some(File::default()) }];
        let mut cover = Some(Some(File::default()));
        let mut found = FilesFound::within("data");
        found.field("cover", &mut cover);
        found.field("pages", &mut pages);
        let places: Vec<String> = found.into_found().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["data.cover", "data.pages[0].scan", "data.pages[2].scan"]);
    }
}
