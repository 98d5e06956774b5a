//! Ten ways in which a child tries to outlive its session, and three ways to end the runner: no child outlives it.

use std::path::Path;
use std::time::Duration;

use ralph_teams::scheduler::Event;
use rustix::process::Signal;
use serde_json::json;

use crate::life::{HANG, Life};
use crate::processes::{Process, naming, within};
use crate::site::Site;
use crate::story::Story;

/// Name, and the shell line that starts the child. `@` is a folder that belongs to the test and that every child has
/// in its command line; a name in it need not exist. `LONG` sleeps.
const ESCAPES: [(&str, &str); 10] = [
    ("background", "LONG </dev/null >/dev/null 2>&1 &"),
    ("nohup", "nohup LONG </dev/null >/dev/null 2>&1 &"),
    ("setsid", "setsid LONG </dev/null >/dev/null 2>&1 &"),
    ("daemon by double fork", "(setsid sh -c 'LONG & : @' </dev/null >/dev/null 2>&1 &)"),
    ("own group", "bash -c 'set -m; LONG & disown; : @' </dev/null >/dev/null 2>&1"),
    ("ignores signals", "sh -c 'trap \"\" TERM INT HUP QUIT; while :; do LONG; done; : @' &"),
    ("holds the pipe", "LONG &"),
    ("changes its environment", "env -i PATH=\"$PATH\" setsid LONG </dev/null >/dev/null 2>&1 &"),
    ("forks in a loop", "setsid sh -c 'while :; do LONG & sleep 0.02; done; : @' </dev/null >/dev/null 2>&1 &"),
    ("stops itself", "sh -c 'kill -STOP $$; : @' &"),
];

/// The one that no mark leads to: only a host that lives can hold it.
const UNMARKED: &str = "changes its environment";

/// A sleep that carries the folder in its command line.
const LONG: &str = "sh -c \"sleep 600; : @\"";

/// A site whose agent starts these children and waits. The nested quotes of a line are kept apart by files: each
/// sleeper is a script of its own.
fn site(lines: &[&str]) -> Site {
    Site::new(|beside| {
        let folder = beside.to_str().unwrap();
        std::fs::create_dir_all(beside).unwrap();
        std::fs::write(beside.join("long"), LONG.replace('@', folder).replace("sh -c \"", "").replace('"', ""))
            .unwrap();
        let long = format!("sh {folder}/long");
        let lines: String = lines.iter().map(|line| line.replace("LONG", &long).replace('@', folder) + "\n").collect();
        let agent = beside.join("agent.sh");
        std::fs::write(&agent, format!("{lines}touch {folder}/ready\nsleep 600\n: {folder}\n")).unwrap();
        Story::small(json!([])).agent(json!(["sh", agent]))
    })
}

/// Starts a run, ends it this way when the children are there, and looks who is left.
fn nobody_outlives(name: &str, lines: &[&str], end: impl FnOnce(Life)) {
    let site = site(lines);
    let folder = site.repo.beside("memory");
    let life = site.first_life(&[]);
    site.exists("memory/ready");
    let n_wanted = 1 + lines.len();
    let n_children = || alive(&folder).len();
    assert!(within(HANG, || n_children() >= n_wanted), "{name}: {:?}", alive(&folder));
    end(life);
    assert!(within(HANG, || n_children() == 0), "{name}: still alive: {:#?}", alive(&folder));
    site.all_gone();
}

fn alive(folder: &Path) -> std::collections::BTreeSet<Process> {
    naming(folder)
}

fn interrupt(life: Life) {
    life.signal(Signal::INT);
    let end = life.end();
    assert_eq!(end.code, Some(130), "{end:?}");
}

#[test]
fn no_child_outlives_a_runner_that_is_killed() {
    for (name, line) in ESCAPES {
        nobody_outlives(name, &[line], Life::kill);
    }
}

#[test]
fn no_child_outlives_a_stop() {
    std::thread::scope(|scope| {
        for (name, line) in ESCAPES {
            scope.spawn(move || nobody_outlives(name, &[line], interrupt));
        }
    });
}

#[test]
fn no_child_of_ten_outlives_a_stop_in_a_hurry_or_a_kill() {
    let all: Vec<&str> = ESCAPES.iter().map(|(_, line)| *line).collect();
    nobody_outlives("all, killed", &all, Life::kill);
    nobody_outlives("all, two signals", &all, |life| {
        life.signal(Signal::INT);
        std::thread::sleep(Duration::from_millis(50));
        interrupt(life);
    });
}

#[test]
fn what_a_runner_and_its_hosts_left_when_they_were_killed_at_once_is_ended_by_the_next_life_and_told() {
    let lines: Vec<&str> = ESCAPES.iter().filter(|(name, _)| *name != UNMARKED).map(|(_, line)| *line).collect();
    let site = site(&lines);
    let folder = site.repo.beside("memory");
    let life = site.first_life(&[]);
    site.exists("memory/ready");
    life.signal(Signal::STOP);
    site.processes().iter().filter(|process| process.is_host()).for_each(Process::kill);
    life.kill();
    let orphans = site.processes();
    assert!(orphans.len() > lines.len(), "{orphans:#?}");
    std::fs::remove_file(folder.join("ready")).unwrap();
    let next = site.next_life(&[]);
    site.exists("memory/ready");
    assert!(!orphans.iter().any(Process::is_alive), "still alive: {orphans:#?}");
    next.signal(Signal::INT);
    site.happens("the first signal", |event| matches!(event, Event::StopAsked { .. }));
    next.signal(Signal::INT);
    let end = next.end();
    assert_eq!(end.code, Some(130), "{end:?}");
    assert!(end.said.contains("was still alive and was ended"), "{}", end.said);
}
