//! The real program on a real pseudo-terminal: keys go in, bytes come out, and the terminal's modes come back.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// Protects against a hang; nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program printed, and whether more can come.
#[derive(Default)]
struct Printed {
    bytes: Mutex<Vec<u8>>,
    more: Condvar,
    /// Tells the reader to let the person's side go.
    hang_up: AtomicBool,
}

pub struct Pty {
    /// The side of the person; `None` once it is closed.
    person: Option<File>,
    /// The side of the program, kept to look at its modes.
    program: OwnedFd,
    before: Termios,
    pub child: Child,
    printed: Arc<Printed>,
}

impl Pty {
    pub fn start(directory: &Path, args: &[&str]) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
        grantpt(&person).expect("granted");
        unlockpt(&person).expect("unlocked");
        let name = ptsname(&person, Vec::new()).expect("a name");
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let program = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).expect("the other side");
        tcsetwinsize(&program, Winsize { ws_col: 120, ws_row: 40, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
        let before = tcgetattr(&program).expect("its modes");
        let side = || program.try_clone().expect("a copy");
        let child = Command::new(env!("CARGO_BIN_EXE_ralph-teams"))
            .args(args)
            .current_dir(directory)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", directory)
            .env("XDG_STATE_HOME", directory.join("state"))
            .env_remove("NO_COLOR")
            .env_remove("CI")
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("it starts");
        let person = File::from(person);
        let printed = Arc::new(Printed::default());
        let (mut reader, shared) = (person.try_clone().expect("a copy"), Arc::clone(&printed));
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while !shared.hang_up.load(Ordering::SeqCst) {
                let Ok(n @ 1..) = reader.read(&mut chunk) else { break };
                shared.bytes.lock().expect("a lock").extend_from_slice(&chunk[..n]);
                shared.more.notify_all();
            }
        });
        Self { person: Some(person), program, before, child, printed }
    }

    /// Waits until this was printed after `from`; where it ends.
    pub fn wait_for(&self, text: &str, from: usize) -> usize {
        let end = Instant::now() + PATIENCE;
        let mut bytes = self.printed.bytes.lock().expect("a lock");
        loop {
            let found = bytes[from..].windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(found) = found {
                return from + found + text.len();
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{text:?} never came after {from}:\n{}", String::from_utf8_lossy(&bytes));
            bytes = self.printed.more.wait_timeout(bytes, left).expect("a lock").0;
        }
    }

    /// What was printed behind the first `from` bytes; waits for a moment until there is something.
    pub fn printed_after(&self, from: usize, patience: Duration) -> Vec<u8> {
        let bytes = self.printed.bytes.lock().expect("a lock");
        let nothing = |bytes: &mut Vec<u8>| bytes.len() <= from;
        let (bytes, _) = self.printed.more.wait_timeout_while(bytes, patience, nothing).expect("a lock");
        bytes[from..].to_vec()
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.person.as_mut().expect("a person").write_all(keys).expect("keys arrive");
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn assert_modes_are_back(&self) {
        let after = tcgetattr(&self.program).expect("its modes");
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
        let printed = self.printed.bytes.lock().expect("a lock");
        let printed = String::from_utf8_lossy(&printed);
        let (left, taken) = (printed.rfind("\u{1B}[?1049l"), printed.rfind("\u{1B}[?1049h"));
        assert!(left > taken, "the alternate screen is left");
        assert!(printed.rfind("\u{1B}[?25h") > printed.rfind("\u{1B}[?25l"), "the cursor is shown");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only after a failed assertion is it still there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn control_c_twice_ends_the_run_and_gives_the_terminal_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::start(directory.path(), &["demo", "demo", "--ui", "tui"]);
    let shown = pty.wait_for("wave 2", 0);
    let modes = tcgetattr(&pty.program).expect("its modes");
    assert_ne!(modes.local_modes, pty.before.local_modes, "it is in raw mode");
    pty.press(b"?");
    let helped = pty.wait_for("start nothing new; again: go on", shown);
    pty.press(b"x\x03");
    pty.wait_for("stopping", helped);
    pty.press(b"\x03");
    assert_eq!(pty.exit_code(), Some(130));
    pty.assert_modes_are_back();
}

#[test]
fn whoever_asks_for_lines_gets_no_full_screen() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::start(directory.path(), &["demo", "demo", "--ui", "plain"]);
    pty.wait_for("verdict: pass", 0);
    assert_eq!(pty.exit_code(), Some(0));
    let printed = pty.printed.bytes.lock().expect("a lock");
    assert!(!String::from_utf8_lossy(&printed).contains("\u{1B}[?1049h"), "the alternate screen is never taken");
}

#[test]
fn the_end_card_stays_until_a_key_and_the_run_can_be_watched_afterwards() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::start(directory.path(), &["demo", "demo"]);
    let over = pty.wait_for("the run is over", 0);
    assert_eq!(pty.child.try_wait().expect("a child"), None, "it waits for the person");
    pty.press(b"q");
    pty.wait_for("# the evidence, story by story", over);
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();

    let mut watch = Pty::start(&directory.path().join("demo"), &["watch"]);
    let shown = watch.wait_for("replay", 0);
    watch.press(b"{");
    let stepped = watch.wait_for("event ", shown);
    watch.press(b"3");
    watch.wait_for("time line", stepped);
    watch.press(b"q");
    assert_eq!(watch.exit_code(), Some(0));
    watch.assert_modes_are_back();
}

#[test]
fn a_run_goes_on_when_its_terminal_dies() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::start(directory.path(), &["demo", "demo", "--ui", "tui"]);
    pty.wait_for("wave 2", 0);
    // The last copy of the person's side goes with the reader: that is what a closed window looks like.
    pty.person = None;
    pty.printed.hang_up.store(true, Ordering::SeqCst);
    assert_eq!(pty.exit_code(), Some(0), "the run came to its end without a terminal");
    assert!(directory.path().join("demo/.ralph-teams/current/verdict.json").is_file());
}
