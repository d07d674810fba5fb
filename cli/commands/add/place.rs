//! Where something new goes: a file of its own, or the one file that a service's model is.

use super::planned::Planned;
use super::survey::Survey;
use super::{Bench, Refusal, Work};
use crate::output;
use crate::source::{Insertion, insert_entry};
use std::ops::Range;
use std::path::{Component, Path};

/// Something new before it has a place.
pub(super) struct Part {
    /// The name of a file of its own, without its ending.
    pub stem: String,
    /// What is written.
    pub content: Content,
    /// Whether a file of that name that is there already takes it, too.
    pub extends: bool,
}

/// What is written.
pub(super) enum Content {
    /// Entries of the event model, each below a key, and the comment that a file of their own begins with.
    Model { comment: String, entries: Vec<(&'static str, Vec<String>)> },
    /// Types of the schema.
    Schema { text: String },
}

impl Content {
    fn folder(&self) -> &'static str {
        match self {
            Self::Model { .. } => "model",
            Self::Schema { .. } => "schema",
        }
    }

    fn endings(&self) -> [&'static str; 2] {
        match self {
            Self::Model { .. } => ["yaml", "yml"],
            Self::Schema { .. } => ["graphql", "gql"],
        }
    }

    /// A file of its own.
    fn alone(&self) -> Option<Insertion> {
        match self {
            Self::Model { comment, .. } => self.within(&format!("# {comment}\n")).map(|found| {
                // Between the comment and what it is about stands nothing.
                let text = found.text.replacen("\n\n", "\n", 1);
                Insertion { range: 0..text.len(), text }
            }),
            Self::Schema { text } => Some(Insertion { text: text.clone(), range: 0..text.len() }),
        }
    }

    /// As part of a file that has a text already; none if its layout does not take it.
    fn within(&self, before: &str) -> Option<Insertion> {
        match self {
            Self::Schema { text } => {
                let ending = if before.contains("\r\n") { "\r\n" } else { "\n" };
                let gap = if before.is_empty() || before.ends_with('\n') { ending } else { &ending.repeat(2) };
                let added = format!("{gap}{}", text.replace('\n', ending));
                Some(Insertion { range: before.len()..before.len() + added.len(), text: format!("{before}{added}") })
            }
            Self::Model { entries, .. } => {
                let mut done = Insertion { text: before.to_owned(), range: before.len()..before.len() };
                for (section, lines) in entries {
                    let next = insert_entry(&done.text, section, lines)?;
                    let earlier = shifted(&done.range, &next.range);
                    let start = earlier.start.min(next.range.start);
                    done = Insertion { text: next.text, range: start..earlier.end.max(next.range.end) };
                }
                Some(done)
            }
        }
    }
}

/// Where a range is after something was put in.
fn shifted(range: &Range<usize>, put: &Range<usize>) -> Range<usize> {
    let by = |at: usize| if at >= put.start { at + put.len() } else { at };
    if range.is_empty() { put.clone() } else { by(range.start)..by(range.end) }
}

impl Bench<'_> {
    /// Gives each part its place, judges the project as it would be, and makes it the work to do.
    pub fn settle(self, parts: &[Part], notes: Vec<String>) -> Result<Work, Refusal> {
        let (planned, after) = self.judged(parts)?;
        Ok(Work { before: self.survey, after, planned, notes })
    }

    /// The parts at their places, and the project with them; refused if they bring an error.
    pub fn judged(&self, parts: &[Part]) -> Result<(Vec<Planned>, Survey), Refusal> {
        let mut planned = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let named = self.placing.file.as_deref().filter(|_| number == 0);
            planned.push(self.place(part, named)?);
        }
        let after = Survey::planned(self.dir, &planned);
        let errors = after.new_errors(&self.survey, &planned);
        if errors.has_errors() {
            return Err(Refusal::Judged(Box::new((errors, after.raw.sources))));
        }
        Ok((planned, after))
    }

    /// The first place where the service would read it.
    fn place(&self, part: &Part, named: Option<&str>) -> Result<Planned, Refusal> {
        let folder = part.content.folder();
        if let Some(named) = named {
            let path = inside(named, &part.content)?;
            let planned = self.plan(&path, part, true)?;
            if self.is_read(&planned) {
                return Ok(planned);
            }
            let message = format!("{path} would not be read as part of the service `{}`", self.service);
            return Err(Refusal::usage(message, format!("its {folder} stands in {folder}/{}/", self.service)));
        }
        if let Some(planned) = self.only_file(part)? {
            return Ok(planned);
        }
        for path in self.paths(part) {
            let planned = self.plan(&path, part, part.extends)?;
            if self.is_read(&planned) {
                return Ok(planned);
            }
        }
        let message =
            format!("`scaffold.yaml` says where the {folder} of `{}` stands, and no new file does", self.service);
        Err(Refusal::usage(message, "name a file with --file"))
    }

    /// The model of a service that is one file and not in a folder of its own is extended.
    fn only_file(&self, part: &Part) -> Result<Option<Planned>, Refusal> {
        let files = self.files(&part.content);
        let ([only], Content::Model { .. }) = (files.as_slice(), &part.content) else { return Ok(None) };
        if only.starts_with(&format!("model/{}/", self.service)) {
            return Ok(None);
        }
        let Some(before) = output::read_text(self.dir, only)? else { return Ok(None) };
        Ok(part.content.within(&before).map(|insertion| Planned::of(only, Some(before), insertion)))
    }

    /// Paths of a file of its own, the best first: the service's folder, else beside the files that it has.
    fn paths(&self, part: &Part) -> Vec<String> {
        let [ending, _] = part.content.endings();
        let own = format!("{}/{}", part.content.folder(), self.service);
        let files = self.files(&part.content);
        let beside = files.first().and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder.to_owned());
        let is_own = files.is_empty() || files.iter().any(|path| path.starts_with(&format!("{own}/")));
        let folders = if is_own { [Some(own), beside] } else { [beside, Some(own)] };
        folders.into_iter().flatten().map(|folder| format!("{folder}/{}.{ending}", part.stem)).collect()
    }

    /// What the service is read from.
    fn files(&self, content: &Content) -> Vec<String> {
        let inputs = self.survey.documents(&self.service).map_or(&[][..], |service| &service.inputs);
        let of_kind = |path: &&String| content.endings().iter().any(|ending| path.ends_with(&format!(".{ending}")));
        inputs.iter().filter(of_kind).cloned().collect()
    }

    fn plan(&self, path: &str, part: &Part, extends: bool) -> Result<Planned, Refusal> {
        let before = output::read_text(self.dir, path)?;
        let insertion = match &before {
            None => part.content.alone(),
            Some(text) if extends => part.content.within(text),
            Some(_) => {
                let help = format!("--file {path} extends it, another --file makes one of another name");
                return Err(Refusal::usage(format!("{path} is there already"), help));
            }
        };
        let Some(insertion) = insertion else {
            let message = format!("{path} is laid out in a way that takes no more lines");
            return Err(Refusal::usage(
                message,
                "write its keys on lines of their own, without braces, or name another file",
            ));
        };
        Ok(Planned::of(path, before, insertion))
    }

    fn is_read(&self, planned: &Planned) -> bool {
        let after = Survey::planned(self.dir, std::slice::from_ref(planned));
        after.documents(&self.service).is_some_and(|service| service.inputs.contains(&planned.path))
    }
}

/// A path that stays inside of the project and has the right ending.
fn inside(named: &str, content: &Content) -> Result<String, Refusal> {
    let path = named.strip_prefix("./").unwrap_or(named);
    let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let shown = named.escape_debug();
    if path.is_empty() || !is_inside || path.contains(['\\', '\n', '\r']) || path.ends_with('/') {
        let message = format!("`{shown}` is no path inside the project");
        return Err(Refusal::usage(message, "write it relative to `scaffold.yaml`, with `/`"));
    }
    let endings = content.endings();
    if !endings.iter().any(|ending| path.ends_with(&format!(".{ending}"))) {
        let help = format!("a file of the {} ends with .{} or .{}", content.folder(), endings[0], endings[1]);
        return Err(Refusal::usage(format!("`{shown}` has another ending"), help));
    }
    Ok(path.to_owned())
}
