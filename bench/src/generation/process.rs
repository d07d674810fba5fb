//! A program run to its end: how long, how much processor, how much memory.

use serde::Serialize;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What it took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Ended {
    /// From start to end.
    pub seconds: f64,
    /// Of all its threads and of the programs that it started, as the system counts it (in hundredths of a second).
    pub cpu_seconds: f64,
    /// The most memory it held.
    pub peak_mib: f64,
}

/// Runs it. Memory and processor time are looked up while it runs, every millisecond.
///
/// # Errors
/// If it cannot be started or fails.
pub fn run_measured(mut command: Command) -> Result<Ended, String> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().map_err(|error| format!("{command:?}: {error}"))?;
    let (mut peak, mut cpu) = (0.0, 0.0);
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        peak = peak_mib(child.id()).unwrap_or(peak);
        cpu = cpu_seconds(child.id()).unwrap_or(cpu);
        std::thread::sleep(Duration::from_millis(1));
    };
    let seconds = begun.elapsed().as_secs_f64();
    if status.success() {
        Ok(Ended { seconds, cpu_seconds: cpu, peak_mib: peak })
    } else {
        Err(format!("{command:?}: {status}"))
    }
}

/// The most memory that a running process has held.
pub fn peak_mib(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// The processor time of a running process; threads that have ended are part of it, and programs that it started and waited for.
pub fn cpu_seconds(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the name in brackets, which may hold blanks.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?) / 100.0)
}

/// The processor time of a running process's children, those that have ended among them.
pub fn children_cpu_seconds(process: u32) -> Option<f64> {
    let fields = |process: u32| -> Option<Vec<String>> {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
    };
    let parent = process.to_string();
    let all = std::fs::read_dir("/proc").ok()?.flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = numbers.filter(|number| fields(*number).is_some_and(|of| of.get(1) == Some(&parent)));
    let ended = fields(process)?.iter().skip(13).take(2).map(|field| field.parse::<f64>().unwrap_or(0.0)).sum::<f64>();
    Some(children.filter_map(cpu_seconds).sum::<f64>() + ended / 100.0)
}
