//! A terminal of the tests' own, for what a program draws only where somebody looks.

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

/// A terminal of 100 columns, and all that was written to it.
pub struct Terminal {
    written: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Opens one; the other end is for a program's stderr.
    pub fn open() -> (Self, OwnedFd) {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal can be opened");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("its other end can be opened");
        let name = ptsname(&ours, Vec::new()).expect("its other end has a name");
        let theirs = open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("its other end opens");
        tcsetwinsize(&ours, Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).expect("it has a size");
        let written = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&written);
        std::thread::spawn(move || keep(&mut File::from(ours), &into));
        (Self { written }, theirs)
    }

    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("nobody failed with it")).into_owned()
    }
}

/// Reads until the program has closed the other end, which a terminal says by an error.
fn keep(terminal: &mut File, into: &Mutex<Vec<u8>>) {
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut part) {
        into.lock().expect("nobody failed with it").extend_from_slice(&part[..count]);
    }
}
