//! However the screen ends, the terminal is as it was before: modes bit by bit, and everything that sequences switch.

use std::process::{Child, Command};
use std::sync::mpsc::channel;
use std::time::Duration;

use ralph_teams::clock::Clock;
use ralph_teams::domain::activity::Activity;
use ralph_teams::scheduler::Scope;
use ralph_teams::ui::Sink as _;
use ralph_teams::ui::screen::Quiet;
use ralph_teams::ui::tui::screen::{Screen, Setup};
use ralph_teams::ui::tui::theme::Theme;
use ralph_teams::ui::tui::{Ask, Facts, terminal};
use rustix::process::{Pid, Signal, kill_process};

use super::emulator::Emulator;
use super::pty::{How, Pty, eventually};
use super::slow::{RALPH, Slow};

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it is there");
}

#[test]
fn leaving_the_screen_gives_the_terminal_back_and_the_run_goes_on_in_lines() {
    let slow = Slow::new(1_500);
    let (mut pty, shown) = slow.run(How::Own);
    assert!(!pty.is_cooked(), "it is in raw mode");
    pty.press(b"q");
    let asked = pty.wait_for("leave the screen", shown);
    pty.press(b"d");
    pty.wait_for("verdict: pass", asked);
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn a_signal_that_ends_the_run_gives_the_terminal_back() {
    for (sent, code) in [(vec![Signal::TERM], 143), (vec![Signal::INT, Signal::INT], 130)] {
        let slow = Slow::new(60_000);
        let (mut pty, shown) = slow.run(How::Own);
        let (last, first) = sent.split_last().expect("one");
        for first in first {
            signal(&pty.child, *first);
            pty.wait_for("stopping", shown);
        }
        signal(&pty.child, *last);
        let ended = pty.exit_code();
        assert!(ended == Some(code) || ended == Some(130), "{ended:?}");
        pty.assert_modes_are_back();
    }
}

#[test]
fn control_c_on_the_screen_ends_the_command_that_is_waited_for_at_the_end_of_a_run() {
    let slow = Slow::new(0);
    let mark = slow.repo.dot_git("at the end");
    let config = std::fs::read_to_string(slow.repo.path().join("ralph.config.yml")).expect("a configuration");
    let command = format!("touch '{}'; sleep 1000", mark.display());
    slow.repo.write("ralph.config.yml", &format!("{config}hooks: {{ runEnd: {command:?}, timeout: 900 }}\n"));
    slow.repo.commit("a command at the end");
    let (mut pty, _) = slow.run(How::Own);
    eventually("the command at the end", || mark.exists().then_some(()));
    let (mut screen, mut seen) = (Emulator::new(120, 40), 0);
    eventually("the verdict on the screen", || {
        let printed = pty.printed_soon(seen, Duration::from_millis(50));
        seen += printed.len();
        screen.feed(&printed);
        let is_over = screen.text().lines().take(6).any(|line| line.contains("verdict: pass"));
        is_over.then_some(())
    });
    assert!(!pty.is_cooked(), "the screen stands");
    pty.press(b"\x03");
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
    let run = std::fs::canonicalize(slow.file("")).expect("a run").file_name().expect("a name").to_owned();
    eventually("the end of the command", || {
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let environ = processes.filter_map(|process| std::fs::read(process.path().join("environ")).ok());
        let of_run = format!("RALPH_RUN_ID={}", run.to_string_lossy());
        let mut of_run = environ.filter(|environ| environ.split(|byte| *byte == 0).any(|one| one == of_run.as_bytes()));
        of_run.next().is_none().then_some(())
    });
}

#[test]
fn a_signal_that_ends_the_process_at_once_gives_the_terminal_back_first() {
    let slow = Slow::new(60_000);
    let (mut pty, _) = slow.run(How::Own);
    signal(&pty.child, Signal::QUIT);
    assert_eq!(pty.ended_by(), Some(Signal::QUIT.as_raw()));
    pty.assert_modes_are_back();
    // Its sessions end by themselves, because nobody is there any more to whom they belong.
    let out = Command::new(RALPH)
        .args(["stop", "--now"])
        .current_dir(slow.repo.path())
        .envs(slow.repo.environment())
        .output();
    assert!(out.is_ok());
}

#[test]
fn a_signal_that_says_that_the_terminal_is_gone_is_not_believed_while_it_is_there() {
    let slow = Slow::new(1_000);
    let (mut pty, shown) = slow.run(How::Own);
    signal(&pty.child, Signal::HUP);
    let over = pty.wait_for("the run is over", shown);
    pty.press(b"q");
    pty.wait_for("verdict: pass", over);
    assert_eq!(pty.exit_code(), Some(0));
    pty.assert_modes_are_back();
}

#[test]
fn a_signal_ends_watching_as_it_would_end_any_program_but_gives_the_terminal_back_first() {
    let slow = Slow::new(0);
    let (mut pty, _) = slow.run(How::Own);
    let over = pty.wait_for("the run is over", 0);
    pty.press(b"q");
    pty.wait_for("verdict: pass", over);
    assert_eq!(pty.exit_code(), Some(0));
    for sent in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let mut watch = slow.start(RALPH, &["watch"], How::Own);
        watch.wait_for("replay", 0);
        signal(&watch.child, sent);
        assert_eq!(watch.ended_by(), Some(sent.as_raw()));
        watch.assert_modes_are_back();
    }
}

#[test]
fn a_terminal_that_takes_nothing_is_given_back_and_the_run_goes_on() {
    let slow = Slow::new(200);
    let mut pty = slow.start(RALPH, &["run", "--rehearse", "--parallel", "--ui", "tui"], How::Mute);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(slow.passed());
    assert!(pty.is_cooked());
}

/// The process that a shell runs as its job.
fn job(shell: &Child) -> Pid {
    let path = format!("/proc/{0}/task/{0}/children", shell.id());
    eventually("the shell has a job", || {
        let children = std::fs::read_to_string(&path).ok()?;
        Pid::from_raw(children.split_whitespace().next()?.parse().ok()?)
    })
}

fn journal_length(slow: &Slow) -> u64 {
    std::fs::metadata(slow.file("journal.jsonl")).expect("the journal of the run").len()
}

fn in_a_shell(slow: &Slow) -> (Pty, usize) {
    let mut shell = slow.start_with("sh", &["-i"], &[("PS1", "ready> ")], How::Own);
    let ready = shell.wait_for("ready> ", 0);
    assert!(shell.is_cooked());
    shell.press(format!("{RALPH} run --rehearse --parallel --ui tui\r").as_bytes());
    let shown = shell.wait_for("team-lead starts", ready);
    assert!(!shell.is_cooked());
    (shell, shown)
}

/// Ends the run and the shell.
fn end(mut shell: Pty, from: usize) {
    let over = shell.wait_for("the run is over", from);
    shell.press(b"q");
    let ready = shell.wait_for("ready> ", over);
    shell.assert_modes_are_back();
    shell.press(b"exit\r");
    shell.wait_for("exit", ready);
    shell.exit_code();
}

#[test]
fn a_job_that_is_stopped_leaves_the_terminal_to_the_shell_stands_still_and_comes_back() {
    let slow = Slow::new(2_000);
    let (mut shell, mut shown) = in_a_shell(&slow);
    for by_key in [true, false] {
        if by_key {
            shell.press(b"\x1A");
        } else {
            kill_process(job(&shell.child), Signal::TSTP).expect("it is there");
        }
        let ready = shell.wait_for("ready> ", shown);
        shell.assert_modes_are_back();
        let before = journal_length(&slow);
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(journal_length(&slow), before, "nothing happens in the run");
        shell.press(b"fg\r");
        let taken = shell.wait_for("\u{1B}[?1049h", ready);
        shown = shell.wait_for("/2 merged", taken);
        assert!(!shell.is_cooked());
    }
    end(shell, shown);
    assert!(slow.passed());
}

#[test]
fn a_job_that_was_stopped_without_being_asked_takes_the_terminal_anew() {
    let slow = Slow::new(2_000);
    let (mut shell, shown) = in_a_shell(&slow);
    kill_process(job(&shell.child), Signal::STOP).expect("it is there");
    let ready = shell.wait_for("ready> ", shown);
    shell.press(b"stty sane; fg\n");
    let taken = shell.wait_for("\u{1B}[?1049h", ready);
    let shown = shell.wait_for("/2 merged", taken);
    assert!(!shell.is_cooked());
    let over = shell.wait_for("the run is over", shown);
    shell.press(b"q");
    shell.wait_for("ready> ", over);
    assert!(slow.passed());
}

#[test]
fn a_job_in_the_background_leaves_the_terminal_alone_and_goes_on() {
    let slow = Slow::new(1_500);
    let (mut shell, shown) = in_a_shell(&slow);
    shell.press(b"\x1A");
    let ready = shell.wait_for("ready> ", shown);
    shell.press(b"bg\r");
    eventually("the run ends in the background", || slow.passed().then_some(()));
    let text = shell.printed(ready);
    assert!(!text.contains("\u{1B}[?1049h"), "{text}");
    shell.press(b"wait; exit\r");
    shell.exit_code();
    shell.assert_modes_are_back();
}

/// Opens the screen on the terminal of this process; its asks come out of the channel.
pub fn screen(asks: impl FnMut(Ask) + Send + 'static) -> Screen {
    let clock = Clock::going_on_from(0);
    let mut screen = Screen::open(Setup {
        facts: Facts::default(),
        theme: Theme::default().into(),
        now: Box::new(move || clock.running_ms()),
        now_is_running_time: false,
        asks: Box::new(asks),
        outside: Box::new(|_| String::new()),
        after: Box::new(Quiet),
    })
    .expect("a terminal");
    screen.card("9876543210").expect("it is shown");
    screen
}

fn panicking(name: &str) {
    let thread = std::thread::Builder::new().name(name.to_owned());
    let ended = thread.spawn(|| panic!("said in a panic")).expect("a thread").join();
    assert!(ended.is_err());
}

#[test]
#[ignore = "is run by other tests, on a terminal of their own"]
fn here_the_main_thread_panics() {
    if terminal::is_possible() {
        let (sender, asks) = channel();
        let _screen = screen(move |ask| drop(sender.send(ask)));
        asks.recv().expect("asked");
        panicking("main");
        // What the screen would still want to draw must not be seen.
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
#[ignore = "is run by other tests, on a terminal of their own"]
fn here_the_thread_of_the_screen_panics() {
    if terminal::is_possible() {
        let screen = screen(|_| panic!("said in a panic"));
        while !screen.is_over() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
#[ignore = "is run by other tests, on a terminal of their own"]
fn here_another_thread_panics() {
    if terminal::is_possible() {
        let (sender, asks) = channel();
        let mut screen = screen(move |ask| drop(sender.send(ask)));
        asks.recv().expect("asked");
        panicking("worker");
        screen.activity(0, &Scope::Run, &Activity::Text("still there".to_owned())).expect("it is shown");
        screen.card("0123456789").expect("it is shown");
        asks.recv().expect("asked");
        screen.close().expect("it ends");
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_read_on_it() {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["here_the_main_thread_panics", "here_the_thread_of_the_screen_panics"] {
        let mut pty = Pty::this_test(&format!("safety::{name}"), directory.path());
        let shown = pty.wait_for("9876543210", 0);
        pty.press(b"\x03");
        let said = pty.wait_for("said in a panic", shown);
        assert_eq!(pty.exit_code(), Some(0), "{name}");
        pty.assert_modes_are_back();
        assert!(
            !pty.printed(said).contains("\u{1B}[?"),
            "{name}: nothing is drawn afterwards: {:?}",
            pty.printed(said)
        );
        assert!(pty.printed(0).rfind("\u{1B}[?1049l") < pty.printed(0).find("said in a panic"), "{name}");
    }
}

#[test]
fn a_panic_that_is_not_the_end_leaves_the_screen_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::this_test("safety::here_another_thread_panics", directory.path());
    let shown = pty.wait_for("9876543210", 0);
    pty.press(b"\x03");
    let after = pty.wait_for("0123456789", shown);
    pty.press(b"\x03");
    pty.wait_for("\u{1B}[?1049l", after);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(!pty.printed(shown).contains("said in a panic"));
    pty.assert_modes_are_back();
}
