//! The tool on a big project: cold, when nothing is to do, after one field; and a generator of GraphQL types beside it.

pub mod plain;
pub mod process;
pub mod synthetic;

use crate::report::{Report, median, thousands};
use crate::run::Run;
use process::{Ended, run_measured};
use serde::Serialize;
use std::path::Path;
use std::process::Command;
use synthetic::{BIG, plain_schema};

/// How often each is measured.
const TIMES: usize = 5;

/// The section `gen`.
///
/// # Errors
/// If a program fails.
pub fn section(run: &Run, report: &mut Report) -> Result<(), String> {
    let mut rounds = Rounds::default();
    for round in 0..TIMES {
        // No round is removed before the last has ended: ext4 does not use the place of a removed file again for minutes, and
        // looks past each of them whenever it makes a file.
        let folder = run.folder(&format!("synthetic-{round}"))?;
        rounds.measure(&run.target.join("scaffold"), Path::new(&folder))?;
    }
    let Rounds { cold, plain, idle, field, files, lines } = &rounds;
    let seconds = |some: &[Ended]| median(some.iter().map(|one| one.seconds).collect());
    let row = |what: &str, some: &[Ended]| {
        let peak = median(some.iter().map(|one| one.peak_mib).collect());
        vec![
            what.to_owned(),
            format!("{:.0} ms", seconds(some) * 1000.0),
            format!("{:.0} ms", median(some.iter().map(|one| one.cpu_seconds).collect()) * 1000.0),
            thousands(*lines as f64 / seconds(some)),
            if peak > 0.0 { format!("{peak:.0} MiB") } else { String::new() },
        ]
    };
    let title = format!(
        "`scaffold gen`: 200 types, 500 events, 500 slices → {files} files, {} lines",
        thousands(*lines as f64)
    );
    let table = [
        ["", "time", "processor time", "lines/s", "peak memory"].map(str::to_owned).to_vec(),
        row("from nothing", cold),
        row("of that, the least: the same files by a plain loop, one flush", plain),
        row("again, nothing to do", idle),
        row("after one more field", field),
    ];
    report.table("gen", &title, &table, &rounds);
    codegen(run, report, seconds(cold))
}

/// What was measured, round by round.
#[derive(Default, Serialize)]
struct Rounds {
    cold: Vec<Ended>,
    plain: Vec<Ended>,
    idle: Vec<Ended>,
    field: Vec<Ended>,
    files: usize,
    lines: usize,
}

impl Rounds {
    /// One round, in a folder that is empty.
    fn measure(&mut self, scaffold: &Path, folder: &Path) -> Result<(), String> {
        let disk = |error: std::io::Error| error.to_string();
        synthetic::write(folder, BIG).map_err(disk)?;
        // As in a project that was built before.
        std::fs::create_dir(folder.join("target")).map_err(disk)?;
        // The inputs were written just now; a first run's flush is to be of its own files.
        plain::flush(folder).map_err(disk)?;
        let generate = || {
            let mut command = Command::new(scaffold);
            command.arg("-C").arg(folder).arg("gen").arg("--quiet");
            run_measured(command)
        };
        self.cold.push(generate()?);
        self.plain.push(plain::write_again(folder, &folder.with_extension("plain")).map_err(disk)?);
        self.idle.push(generate()?);
        add_field(folder).map_err(disk)?;
        self.field.push(generate()?);
        (self.files, self.lines) = written(folder).map_err(disk)?;
        Ok(())
    }
}

/// A generator that many use, on the types of the same schema.
fn codegen(run: &Run, report: &mut Report, ours: f64) -> Result<(), String> {
    let program = run.target.join("codegen/node_modules/.bin/graphql-codegen");
    if !program.exists() {
        return Ok(());
    }
    let folder = run.folder("codegen")?;
    let folder = Path::new(&folder);
    let config = "schema: schema.graphql\ngenerates:\n  types.ts:\n    plugins: [typescript, typescript-resolvers]\n";
    std::fs::write(folder.join("schema.graphql"), plain_schema(BIG)).map_err(|error| error.to_string())?;
    std::fs::write(folder.join("codegen.yml"), config).map_err(|error| error.to_string())?;
    std::os::unix::fs::symlink(
        std::path::absolute(run.target.join("codegen/node_modules")).map_err(|error| error.to_string())?,
        folder.join("node_modules"),
    )
    .map_err(|error| error.to_string())?;
    let mut ended = Vec::new();
    for _ in 0..3 {
        let mut command = Command::new(std::path::absolute(&program).map_err(|error| error.to_string())?);
        command.current_dir(folder).args(["--config", "codegen.yml", "--silent"]);
        ended.push(run_measured(command)?);
    }
    let made = std::fs::read_to_string(folder.join("types.ts")).map_err(|error| error.to_string())?;
    let lines = made.lines().count();
    let seconds = median(ended.iter().map(|one| one.seconds).collect());
    let table = [
        ["", "time", "lines", "lines/s"].map(str::to_owned).to_vec(),
        vec![
            "graphql-codegen, typescript + typescript-resolvers, 200 types".to_owned(),
            format!("{:.0} ms", seconds * 1000.0),
            thousands(lines as f64),
            thousands(lines as f64 / seconds),
        ],
        vec!["its time / the whole of `scaffold gen` from nothing".to_owned(), format!("{:.2}", seconds / ours)],
    ];
    report.table("gen.codegen", "The same schema's types through @graphql-codegen/cli", &table, ended);
    Ok(())
}

fn add_field(folder: &Path) -> std::io::Result<()> {
    let path = folder.join("schema/area0/type3.graphql");
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(&path, text.replace("  since: DateTime", "  until: DateTime\n  since: DateTime"))
}

/// Files and lines below `generated/`.
fn written(folder: &Path) -> std::io::Result<(usize, usize)> {
    let (mut files, mut lines) = (0, 0);
    let mut folders = vec![folder.join("generated")];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
                lines += std::fs::read_to_string(path)?.lines().count();
            }
        }
    }
    Ok((files, lines))
}
