//! The tool on a big project: cold, when nothing is to do, after one field; and a generator of GraphQL types beside it.

pub mod process;
pub mod synthetic;

use crate::report::{Report, median, thousands};
use crate::run::Run;
use process::{Ended, run_measured};
use serde_json::json;
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
    let scaffold = run.target.join("scaffold");
    let (mut cold, mut idle, mut field) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = 0;
    let mut files = 0;
    for round in 0..TIMES {
        let folder = run.folder(&format!("synthetic-{round}"))?;
        let folder = Path::new(&folder);
        synthetic::write(folder, BIG).map_err(|error| error.to_string())?;
        // As in a project that was built before.
        std::fs::create_dir(folder.join("target")).map_err(|error| error.to_string())?;
        let generate = || {
            let mut command = Command::new(&scaffold);
            command.arg("-C").arg(folder).arg("gen").arg("--quiet");
            run_measured(command)
        };
        cold.push(generate()?);
        idle.push(generate()?);
        add_field(folder).map_err(|error| error.to_string())?;
        field.push(generate()?);
        (files, lines) = written(folder).map_err(|error| error.to_string())?;
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let seconds = |some: &[Ended]| median(some.iter().map(|one| one.seconds).collect());
    let memory = |some: &[Ended]| median(some.iter().map(|one| one.peak_mib).collect());
    let rate = |some: &[Ended]| lines as f64 / seconds(some);
    let line = |what: &str, some: &[Ended]| {
        vec![
            what.to_owned(),
            format!("{:.0} ms", seconds(some) * 1000.0),
            format!("{:.0} ms", median(some.iter().map(|one| one.cpu_seconds).collect()) * 1000.0),
            thousands(rate(some)),
            format!("{:.0} MiB", memory(some)),
        ]
    };
    let title =
        format!("`scaffold gen`: 200 types, 500 events, 500 slices → {files} files, {} lines", thousands(lines as f64));
    let head = ["", "time", "processor time", "lines/s", "peak memory"].map(str::to_owned).to_vec();
    let table =
        [head, line("from nothing", &cold), line("again, nothing to do", &idle), line("after one more field", &field)];
    let raw = json!({ "files": files, "lines": lines, "cold": cold, "idle": idle, "field": field });
    report.table("gen", &title, &table, raw);
    codegen(run, report, seconds(&cold))
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
