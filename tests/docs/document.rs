//! Documents, cut into fenced blocks and tables.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A document.
pub struct Document {
    /// From the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A fenced block.
pub struct Block<'a> {
    /// What stands behind the fence.
    pub language: &'a str,
    /// The lines between the fences.
    pub text: String,
    /// The comment above it, without `<!--` and `-->`.
    pub mark: Option<&'a str>,
    /// The line of the fence, from 1.
    pub line: usize,
}

/// A row of a table.
pub struct Row {
    /// Its cells, as text.
    pub cells: Vec<String>,
    /// Its line, from 1.
    pub line: usize,
}

impl Document {
    /// A document by its path.
    pub fn open(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// `event-model` of `docs/reference/event-model.md`.
    pub fn name(&self) -> &str {
        Path::new(&self.path).file_stem().unwrap().to_str().unwrap()
    }

    /// Its fenced blocks.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        let (mut mark, mut open) = (None, false);
        for (number, line) in self.text.lines().enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                open = !open;
                if open {
                    blocks.push(Block { language, text: String::new(), mark: mark.take(), line: number + 1 });
                }
            } else if open {
                let block = blocks.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            } else if !line.trim().is_empty() {
                mark = comment(line);
            }
        }
        blocks
    }

    /// The rows of all tables below this comment, heads left out.
    pub fn rows(&self, mark: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut wanted = false;
        let mut inside = 0;
        for (number, line) in self.text.lines().enumerate() {
            if line.starts_with('|') {
                inside += 1;
                if wanted && inside > 2 {
                    rows.push(Row { cells: cells(line), line: number + 1 });
                }
            } else if !line.trim().is_empty() || inside > 0 {
                (wanted, inside) = (comment(line) == Some(mark), 0);
            }
        }
        rows
    }
}

/// `docs/**` and the README, but for what is generated.
pub fn documents() -> Vec<Document> {
    let mut paths = vec!["README.md".to_owned()];
    walk("docs", &mut paths);
    paths.sort();
    let written = |path: &String| path != "docs/reference/diagnostics.md" && root().join(path).is_file();
    paths.iter().filter(|path| written(path)).map(|path| Document::open(path)).collect()
}

/// The text between the first and the last back quote of a cell.
pub fn code(cell: &str) -> &str {
    let (start, end) = (cell.find('`'), cell.rfind('`'));
    match (start, end) {
        (Some(start), Some(end)) if end > start => cell[start + 1..end].trim_matches('`').trim(),
        _ => cell,
    }
}

fn walk(folder: &str, paths: &mut Vec<String>) {
    for entry in std::fs::read_dir(root().join(folder)).unwrap().flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            walk(&path, paths);
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
}

fn comment(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<!--")?.strip_suffix("-->").map(str::trim)
}

/// The cells of a row; `\|` is a sign inside of one.
fn cells(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{1}");
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}
