//! A plan → the steps of its journal, and where each file is staged for them.
//!
//! A file that replaces another is a step of its own. What goes into a folder that is not there yet is staged as it will lie
//! there, so that one rename puts the whole folder into place.

use super::{Change, Plan};
use std::collections::HashMap;
use std::path::Path;

/// One line of the journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// What is staged under the step's number, a file or a folder, is moved to this path.
    Put(&'a str),
    /// The file goes.
    Remove(&'a str),
}

/// The steps, and for each file that the plan writes the path below the stage, in the plan's order.
pub(super) fn steps<'a>(dir: &'a Path, plan: &'a Plan<'_>) -> (Vec<Step<'a>>, Vec<String>) {
    let mut puts = Puts { dir, steps: Vec::new(), folders: HashMap::new() };
    let staged = plan.write.iter().map(|change| puts.stage(change)).collect();
    let mut steps = puts.steps;
    steps.extend(plan.remove.iter().map(|change| Step::Remove(&change.path)));
    (steps, staged)
}

struct Puts<'a> {
    dir: &'a Path,
    steps: Vec<Step<'a>>,
    /// The number of the step that makes the folder; none if it is there.
    folders: HashMap<&'a str, Option<usize>>,
}

impl<'a> Puts<'a> {
    fn stage(&mut self, change: &'a Change<'_>) -> String {
        let path = &*change.path;
        // What was read before stands in a folder that is there.
        let mut ends = path.match_indices('/').map(|(end, _)| end);
        let made =
            if change.before.is_some() { None } else { ends.find_map(|end| Some((self.made_by(&path[..end])?, end))) };
        match made {
            Some((number, end)) => format!("{number}{}", &path[end..]),
            None => self.push(path).to_string(),
        }
    }

    /// The step that makes this folder, if it is not there yet; its parent is.
    fn made_by(&mut self, folder: &'a str) -> Option<usize> {
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let is_there = self.dir.join(folder).symlink_metadata().is_ok();
        let made = if is_there { None } else { Some(self.push(folder)) };
        self.folders.insert(folder, made);
        made
    }

    fn push(&mut self, path: &'a str) -> usize {
        self.steps.push(Step::Put(path));
        self.steps.len() - 1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_one_step() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("old")).unwrap();
        let change = |path: &str, before: Option<&str>| Change {
            path: path.to_owned().into(),
            before: before.map(str::to_owned),
            after: "".into(),
        };
        let write = vec![
            change("new/a.rs", None),
            change("new/b/c.rs", None),
            change("old/d.rs", Some("d")),
            change("old/e/f.rs", None),
            change("g.rs", None),
        ];
        let plan = Plan { write, remove: vec![change("old/h.rs", Some("h"))], ..Plan::default() };
        let (steps, staged) = steps(dir.path(), &plan);
        let puts = ["new", "old/d.rs", "old/e", "g.rs"].map(Step::Put);
        assert_eq!(steps, puts.into_iter().chain([Step::Remove("old/h.rs")]).collect::<Vec<_>>());
        assert_eq!(staged, ["0/a.rs", "0/b/c.rs", "1", "2/f.rs", "3"]);
    }
}
