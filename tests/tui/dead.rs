//! A terminal that dies: the screen is over, costs nothing any more, and the run comes to its end without it.

use std::time::{Duration, Instant};

use super::pty::{How, Pty, eventually};
use super::slow::{RALPH, Slow};

/// The goal is a second; a machine that is busy with other tests gets more, and one that hangs does not pass.
const PROMPT: Duration = Duration::from_secs(4);

/// The processor time that the process itself used so far.
fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
    let behind = stat.rsplit_once(')').expect("a name").1;
    let ticks = behind.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
    Duration::from_millis(ticks.sum::<u64>() * 1_000 / rustix::param::clock_ticks_per_second())
}

fn has_screen(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it is there");
    threads
        .flatten()
        .any(|thread| std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.trim() == "screen"))
}

/// Closes the window: the screen ends within a second, the process rests, and the run passes.
fn closes(slow: &Slow, mut pty: Pty) {
    let pid = pty.child.id();
    assert!(has_screen(pid), "the thread has this name");
    let closed = Instant::now();
    pty.close();
    eventually("the screen is over", || (!has_screen(pid)).then_some(()));
    assert!(closed.elapsed() < PROMPT, "{:?}", closed.elapsed());
    let before = cpu(pid);
    std::thread::sleep(Duration::from_millis(1_500));
    let used = cpu(pid) - before;
    assert!(used < Duration::from_millis(300), "{used:?} within 1.5 s");
    assert_eq!(pty.exit_code(), Some(0));
    assert!(slow.passed());
}

#[test]
fn a_window_that_is_closed_ends_the_screen_and_not_the_run() {
    for how in [How::Own, How::File] {
        let slow = Slow::new(3_000);
        let (pty, _) = slow.run(how);
        closes(&slow, pty);
    }
}

#[test]
fn a_window_that_is_closed_in_the_middle_of_a_key_ends_the_screen() {
    let slow = Slow::new(3_000);
    let (mut pty, _) = slow.run(How::File);
    pty.press(b"\x1B[");
    closes(&slow, pty);
}

#[test]
fn a_window_that_is_closed_while_another_program_has_it_ends_the_screen() {
    for how in [How::Own, How::File] {
        let slow = Slow::new(9_000);
        let mut pty =
            slow.start_with(RALPH, &["run", "--rehearse", "--parallel", "--ui", "tui"], &[("SHELL", "/bin/sh")], how);
        let shown = pty.wait_for("team-lead starts", 0);
        pty.press(b"o");
        pty.wait_for("a shell in ", shown);
        closes(&slow, pty);
    }
}

#[test]
fn a_window_that_is_closed_while_the_end_card_stands_ends_the_process() {
    for how in [How::Own, How::File] {
        let slow = Slow::new(0);
        let mut pty = slow.start(RALPH, &["run", "--rehearse", "--parallel", "--ui", "tui"], how);
        pty.wait_for("the run is over", 0);
        let closed = Instant::now();
        pty.close();
        assert_eq!(pty.exit_code(), Some(0), "the exit code is that of the run");
        assert!(closed.elapsed() < PROMPT, "{:?}", closed.elapsed());
        assert!(slow.passed());
    }
}
