//! A real pseudo-terminal with a program on it: keys go in, bytes come out, and its modes can be looked at.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcgetpgrp, tcsetwinsize};

/// Protects against a hang; nothing takes nearly as long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What the program printed.
#[derive(Default)]
struct Printed {
    bytes: Mutex<Vec<u8>>,
    more: Condvar,
}

/// The terminal and the program on it; both are gone when dropped.
pub struct Pty {
    /// The side of the person; `None` once it is closed.
    person: Option<File>,
    /// The side of the program, kept to look at its modes.
    program: OwnedFd,
    /// The modes before the program started.
    before: String,
    pub child: Child,
    printed: Arc<Printed>,
    /// Ends the reader when it is closed.
    reading: Option<UnixStream>,
    reader: Option<std::thread::JoinHandle<()>>,
}

/// How the program is put on the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a session of its own, whose terminal it is: keys become signals, and a closed window is one.
    Own,
    /// As any other file: nothing but reading and writing tells that it is gone.
    File,
    /// As [`How::Own`], and nothing can be written to it.
    Mute,
}

impl Pty {
    /// One test of this very program, by its name, which is ignored otherwise.
    pub fn this_test(name: &str, directory: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a program"));
        command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"]);
        Self::start(command, directory, How::Own)
    }

    /// The real program in a folder that is also its home.
    pub fn ralph(directory: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
        command.args(args).env("XDG_STATE_HOME", directory.join("state"));
        Self::start(command, directory, How::Own)
    }

    /// Any program.
    pub fn start(wanted: Command, directory: &Path, how: How) -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
        grantpt(&person).expect("granted");
        unlockpt(&person).expect("unlocked");
        let name = ptsname(&person, Vec::new()).expect("a name");
        let open = |how| {
            let flags = how | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
            rustix::fs::open(&name, flags, rustix::fs::Mode::empty()).expect("the other side")
        };
        let program = open(rustix::fs::OFlags::RDWR);
        tcsetwinsize(&program, size(120, 40)).expect("a size");
        let before = format!("{:?}", tcgetattr(&program).expect("its modes"));
        let side = || program.try_clone().expect("a copy");
        let stdout = if how == How::Mute { open(rustix::fs::OFlags::RDONLY) } else { side() };
        let mut command = prepared(&wanted, directory, how);
        let child = command.stdin(side()).stdout(Stdio::from(stdout)).stderr(side()).spawn().expect("it starts");
        let person = File::from(person);
        let printed = Arc::new(Printed::default());
        let (reading, ended) = UnixStream::pair().expect("a pair");
        let (from, shared) = (person.try_clone().expect("a copy"), Arc::clone(&printed));
        let reader = std::thread::spawn(move || read(from, &ended, &shared));
        let (person, reading, reader) = (Some(person), Some(reading), Some(reader));
        Self { person, program, before, child, printed, reading, reader }
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
            assert!(!left.is_zero(), "{text:?} never came after {from} of {}: {}", bytes.len(), newest(&bytes));
            bytes = self.printed.more.wait_timeout(bytes, left).expect("a lock").0;
        }
    }

    /// All that was printed after `from`.
    pub fn printed(&self, from: usize) -> String {
        String::from_utf8_lossy(&self.printed.bytes.lock().expect("a lock")[from..]).into_owned()
    }

    /// What was printed after `from`; waits for a moment until there is something.
    pub fn printed_soon(&self, from: usize, patience: Duration) -> Vec<u8> {
        let bytes = self.printed.bytes.lock().expect("a lock");
        let nothing = |bytes: &mut Vec<u8>| bytes.len() <= from;
        let (bytes, _) = self.printed.more.wait_timeout_while(bytes, patience, nothing).expect("a lock");
        bytes[from..].to_vec()
    }

    /// How much was printed.
    pub fn len(&self) -> usize {
        self.printed.bytes.lock().expect("a lock").len()
    }

    /// Keys, or whatever else a terminal sends.
    pub fn press(&mut self, keys: &[u8]) {
        self.person.as_mut().expect("a person").write_all(keys).expect("keys arrive");
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        tcsetwinsize(self.person.as_ref().expect("a person"), size(columns, rows)).expect("a size");
    }

    /// Closes the window.
    pub fn close(&mut self) {
        self.reading = None;
        self.reader.take().expect("a reader").join().expect("it ends");
        self.person = None;
    }

    /// The modes now.
    pub fn modes(&self) -> String {
        format!("{:?}", tcgetattr(&self.program).expect("its modes"))
    }

    /// Whether the modes are what they were before the program started, bit by bit.
    pub fn is_cooked(&self) -> bool {
        self.modes() == self.before
    }

    /// The process group in the terminal's foreground.
    pub fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(self.person.as_ref().expect("a person")).ok()
    }

    /// Whether a program of this name has the terminal.
    pub fn runs(&self, name: &str) -> bool {
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let foreground = self.foreground();
        processes.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).any(|pid: i32| {
            let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            let group = || rustix::process::getpgid(Pid::from_raw(pid)).ok();
            comm.trim() == name && foreground.is_some() && group() == foreground
        })
    }

    /// Waits for the end of the program.
    pub fn status(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < end, "it does not end: {}", newest(&self.printed.bytes.lock().expect("a lock")));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal).expect("it is there");
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        self.status().code()
    }

    pub fn ended_by(&mut self) -> Option<i32> {
        self.status().signal()
    }

    /// Everything that was changed of the terminal is as it was: its modes bit by bit, and what escape sequences switch.
    pub fn assert_modes_are_back(&self) {
        assert_eq!(self.modes(), self.before);
        // What was printed last may still be on its way through the terminal when the program is gone already.
        let end = Instant::now() + Duration::from_secs(5);
        while switches(&self.printed(0)).iter().any(|(switch, on)| *on != (*switch == 25)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        let printed = self.printed(0);
        let switches = switches(&printed);
        assert!(switches.contains_key(&1049), "the alternate screen was taken once");
        for (switch, on) in switches {
            // The cursor is there unless it is switched off; everything else is there only when it is switched on.
            assert_eq!(on, switch == 25, "switch {switch} is left {}", if on { "on" } else { "off" });
        }
        let count = |sequence: &str| printed.matches(sequence).count();
        assert_eq!(count("\u{1B}[?1049h"), count("\u{1B}[?1049l"), "it is left as often as it is taken");
    }
}

/// What is switched on and off by `ESC [ ? n h` and `ESC [ ? n l`, as it stands in the end.
fn switches(printed: &str) -> BTreeMap<u32, bool> {
    let mut switches = BTreeMap::new();
    for piece in printed.split("\u{1B}[?").skip(1) {
        let Some(end) = piece.find(|c: char| !c.is_ascii_digit() && c != ';') else { continue };
        let on = match &piece[end..=end] {
            "h" => true,
            "l" => false,
            _ => continue,
        };
        for switch in piece[..end].split(';') {
            switches.insert(switch.parse().expect("a number"), on);
        }
    }
    switches
}

/// What was printed last.
fn newest(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(1_500)..]))
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }
}

/// The program in a plain environment, and in a session of its own if it is to have one.
fn prepared(wanted: &Command, directory: &Path, how: How) -> Command {
    let mut command = if how == How::File {
        Command::new(wanted.get_program())
    } else {
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(wanted.get_program());
        command
    };
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if ["GIT_", "RALPH_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&key);
        }
    }
    for name in ["NO_COLOR", "CI", "COLORFGBG", "TMUX", "PAGER", "LESS", "SHELL"] {
        command.env_remove(name);
    }
    command
        .args(wanted.get_args())
        .current_dir(directory)
        .env("TERM", "xterm-256color")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", directory);
    for (name, value) in wanted.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn read(mut from: File, ended: &UnixStream, printed: &Printed) {
    let mut chunk = [0; 65_536];
    loop {
        let (mut fds, n) = ([PollFd::new(&from, PollFlags::IN), PollFd::new(ended, PollFlags::IN)], 1);
        let polled = poll(&mut fds, None);
        if polled.is_err() || !fds[n].revents().is_empty() {
            return;
        }
        let Ok(n @ 1..) = from.read(&mut chunk) else { return };
        printed.bytes.lock().expect("a lock").extend_from_slice(&chunk[..n]);
        printed.more.notify_all();
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Only after a failed assertion is it still there.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.reading = None;
    }
}

/// Waits for something that another process does.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
}
