//! A file system that is small, so that it can be full.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where a test finds out that it runs in a name space of its own.
const INSIDE: &str = "SCAFFOLD_TEST_INSIDE";

/// A file system in memory. Dropped, it is gone; if the tests are killed, too.
pub struct Small {
    folder: PathBuf,
    watchdog: Child,
}

impl Small {
    /// One of so many MiB, if this process may mount it.
    pub fn mount(mebibytes: u32) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("scaffold-small-").tempdir().unwrap().keep();
        let options = format!("size={mebibytes}m,mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        let problem = match mounted {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            std::fs::remove_dir(&folder).unwrap();
            return Err(problem);
        }
        let mut watchdog = Command::new("sh");
        watchdog.args(["-c", "cat >/dev/null; umount -l \"$0\"; rmdir \"$0\""]).arg(&folder);
        watchdog.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { watchdog: watchdog.spawn().unwrap(), folder })
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut rest = std::fs::File::create(self.folder.join("ballast")).unwrap();
        let mut part = vec![0_u8; 65_536];
        while !part.is_empty() {
            if std::io::Write::write_all(&mut rest, &part).is_err() {
                part.truncate(part.len() / 2);
            }
        }
    }

    /// Gives it back.
    pub fn free(&self) {
        std::fs::remove_file(self.folder.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// A small file system for the test of this name. Nothing where none can be had here: then the test has run as root of a name
/// space of its own, or says aloud that it was left out.
pub fn small_or_elsewhere(mebibytes: u32, test: &str, root_is_enough: bool) -> Option<Small> {
    let problem = match Small::mount(mebibytes) {
        Ok(small) => return Some(small),
        Err(problem) => problem,
    };
    assert!(std::env::var_os(INSIDE).is_none(), "no file system even as root of a name space: {problem}");
    let mut within = Command::new("unshare");
    within.args(["-rm", "true"]).stderr(Stdio::null());
    if root_is_enough && within.status().is_ok_and(|status| status.success()) {
        let mut again = Command::new("unshare");
        again.arg("-rm").arg(std::env::current_exe().unwrap()).args(["--exact", test]).env(INSIDE, "1");
        assert!(again.status().unwrap().success(), "{test}, in a name space of its own");
        return None;
    }
    let why =
        if root_is_enough { "nor a name space made" } else { "and PostgreSQL is not run by root of a name space" };
    eprintln!("LEFT OUT: {test}: no file system can be mounted here ({problem}), {why}");
    None
}
