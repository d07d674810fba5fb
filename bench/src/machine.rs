//! What the numbers were measured on: nothing that names the machine or a folder on it.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// A description as names and values.
pub fn describe(folder: &Path, postgres: Option<&Path>) -> Vec<(&'static str, String)> {
    let cpu = first_line("/proc/cpuinfo", "model name").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = first_line("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kilobytes: f64 = memory.trim_end_matches(" kB").trim().parse().unwrap_or(0.0);
    vec![
        ("processor", format!("{cores} cores, {cpu}")),
        ("memory", format!("{:.0} GiB", kilobytes / 1024.0 / 1024.0)),
        ("disk", disk(folder)),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("load before the run", read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")),
        ("rustc", said("rustc", &["--version"])),
        ("SQLite", format!("{}, journal_mode=WAL, synchronous=FULL", rusqlite::version())),
        (
            "PostgreSQL",
            postgres.map_or_else(String::new, |bin| {
                format!("{}, settings as they come (fsync=on, synchronous_commit=on)", crate::postgres::version(bin))
            }),
        ),
    ]
}

/// The same for the table.
pub fn lines(described: &[(&'static str, String)]) -> (Vec<Vec<String>>, Value) {
    let mut lines = vec![vec!["machine".to_owned(), String::new()]];
    lines.extend(described.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]));
    let raw: serde_json::Map<String, Value> =
        described.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    (lines, Value::Object(raw))
}

/// The kind of file system, and how long a flush of 4 KiB takes.
fn disk(folder: &Path) -> String {
    let kind = said("stat", &["--file-system", "--format=%T", &folder.to_string_lossy()]);
    let growing = flushes(folder, false).map_or(0.0, |count| count);
    let allocated = flushes(folder, true).map_or(0.0, |count| count);
    format!(
        "{kind}; fdatasync of 4 KiB: {allocated:.0}/s in a file that was written before, {growing:.0}/s in a growing one"
    )
}

fn flushes(folder: &Path, written_before: bool) -> std::io::Result<f64> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    const BLOCKS: u32 = 500;
    let mut file = tempfile::tempfile_in(folder)?;
    if written_before {
        file.write_all(&vec![1; 4096 * BLOCKS as usize])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
    }
    let begun = std::time::Instant::now();
    for _ in 0..BLOCKS {
        file.write_all(&[2; 4096])?;
        file.sync_data()?;
    }
    Ok(f64::from(BLOCKS) / begun.elapsed().as_secs_f64())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn first_line(path: &str, key: &str) -> Option<String> {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
