//! A clock of the wall that jumps, for processes that are started with it: a library that is loaded before the C library.

use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::process::Command;
use tempfile::TempDir;

const SOURCE: &str = include_str!("clock.c");
pub const HOUR: i64 = 3600;

/// A clock that is right until it is moved.
pub struct Clock {
    folder: TempDir,
    moved_by: File,
}

impl Clock {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // The server may be run by somebody else.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let (source, library) = (folder.path().join("clock.c"), folder.path().join("clock.so"));
        std::fs::write(&source, SOURCE).unwrap();
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let compiled = Command::new(compiler).args(["-O1", "-shared", "-fPIC", "-o"]).arg(library).arg(source).output();
        let compiled = compiled.expect("a C compiler, which SQLite needs too: cc, or the one in CC");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let moved_by = File::create(folder.path().join("moved_by")).unwrap();
        let clock = Self { folder, moved_by };
        clock.set(0);
        clock
    }

    /// So many seconds away from what is right, at once and for every process that has this clock.
    pub fn set(&self, seconds: i64) {
        self.moved_by.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }

    /// What a process is started with.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        vec![("LD_PRELOAD", path("clock.so")), ("CLOCK_MOVED_BY", path("moved_by"))]
    }
}
