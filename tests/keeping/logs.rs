//! `ralph-teams logs`.

use std::io::Read as _;

use ralph_teams::domain::id::EpicId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::host::spec::HostExit;
use ralph_teams::effects::session_record::SessionRecord;
use ralph_teams::scheduler::{Job, Scope, Task};

use crate::scene::{Scene, eventually};

/// Puts a session of Claude Code into the newest run.
fn plant(scene: &Scene, epic: &str, log: &[u8]) -> Job {
    let run_dir = scene.run_dir();
    let job = Job { scope: Scope::Epic(EpicId::new(epic).unwrap()), task: Task::Session(Role::TeamLead), n: 7 };
    std::fs::create_dir_all(run_dir.job(&job)).unwrap();
    let record = SessionRecord {
        job: job.clone(),
        at: 1_000_000,
        role: Role::TeamLead,
        backend: "claude".to_owned(),
        model: Some("opus".to_owned()),
        program: "/bin/claude".to_owned(),
        runner: "1".to_owned(),
        continues: None,
        consumed: ralph_teams::domain::usage::Usage::default(),
    };
    record.write(&run_dir).unwrap();
    std::fs::write(run_dir.log(&job), log).unwrap();
    let exit =
        HostExit { code: Some(0), failed_to_start: None, took_ms: 61_000, ..HostExit::never_started(String::new()) };
    exit.write(&run_dir.exit(&job)).unwrap();
    job
}

#[test]
fn a_session_is_shown_with_its_tools_its_sub_agents_and_its_usage() {
    let scene = Scene::new(&["A"]);
    scene.run();
    plant(&scene, "A", include_bytes!("../fixtures/streams/claude/subagent_no_background_env.jsonl"));
    let text = scene.out(&["logs", "--job", "team-lead.7"]);
    assert!(text.starts_with("== A team-lead 7 (claude, opus) ==\n"), "{text}");
    let has = |what: &str| assert!(text.lines().any(|line| line.starts_with(what)), "no {what:?} in:\n{text}");
    ["(conversation ", "+ ", "    > ", "- ", "-- ended after 1m 1s: "].into_iter().for_each(has);
    assert!(text.contains(" tokens"), "{text}");
}

#[test]
fn every_session_of_a_run_says_how_it_ended_and_one_epic_can_be_chosen() {
    let scene = Scene::new(&["A", "B"]);
    scene.run();
    let all = scene.out(&["logs"]);
    for heading in ["== A team-lead 1 (rehearsal) ==", "== B team-lead 1 (rehearsal) =="] {
        assert!(all.contains(heading), "{all}");
    }
    assert!(all.contains("-- ended after "), "{all}");
    let one = scene.out(&["logs", "--epic", "B", "--tail", "1"]);
    assert!(one.starts_with("== B team-lead 1 (rehearsal) ==\n-- ended after ") && one.lines().count() == 2, "{one}");
    let said = scene.ralph(&["logs", "--epic", "C"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("A team-lead 1"), "{}", said.err);
}

#[test]
fn raw_is_the_log_byte_for_byte() {
    let scene = Scene::new(&["A"]);
    scene.run();
    let bytes = b"{\"type\":\"x\"}\n\xff\x1b[31m\x00 no line break";
    let job = plant(&scene, "A", bytes);
    let output = scene.command(&["logs", "--raw", "--job", &job.file_stem()]).output().unwrap();
    assert_eq!(output.stdout, bytes);
}

#[test]
fn a_log_that_would_steer_the_terminal_or_fill_the_memory_is_shown_in_bounds() {
    let scene = Scene::new(&["A"]);
    scene.run();
    let text = |text: &str| {
        let block = serde_json::json!({ "type": "text", "text": text });
        serde_json::json!({ "type": "assistant", "message": { "content": [block] } }).to_string()
    };
    let huge = text(&"x".repeat(2_200_000));
    let evil = text("\u{1b}]0;owned\u{7}\u{1b}[2Jred\u{202e}der\r");
    plant(&scene, "A", format!("{huge}\n{evil}\nnot json \u{1b}[31m\n").as_bytes());
    let shown = scene.out(&["logs", "--job", "team-lead.7"]);
    assert!(shown.len() < 4_000, "{} bytes", shown.len());
    assert!(shown.contains("xxx...\n") && shown.contains("redder"), "{shown}");
    assert!(!shown.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{shown:?}");
}

#[test]
fn the_tail_of_the_run_is_its_last_waves() {
    let scene = Scene::new(&["A", "B<A"]);
    scene.run();
    let all = scene.out(&["logs", "--tail", "9"]);
    assert!(all.contains("wave 1 of 2 begins") && all.contains("wave 2 of 2 begins"), "{all}");
    let last = scene.out(&["logs", "--tail", "1"]);
    assert!(last.lines().next().unwrap().ends_with("  run  wave 2 of 2 begins"), "{last}");
    assert!(all.ends_with(&last) && last.contains("verdict: "), "{last}");
}

#[test]
fn following_shows_sessions_as_they_come_and_ends_with_the_run() {
    let scene = Scene::new(&["A", "B<A"]);
    scene.configure("", r#"{ "pause_ms": 300 }"#);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    eventually("the run begins", || scene.state().newest());
    let follow = scene.start(&["logs", "--follow"]).wait_with_output().unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(0));
    let (out, err) = (String::from_utf8(follow.stdout).unwrap(), String::from_utf8(follow.stderr).unwrap());
    assert!(follow.status.success(), "{err}");
    assert!(out.contains("== A team-lead 1") && out.contains("== B team-lead 1"), "{out}");
    assert_eq!(out.matches("-- ended after").count(), 2 + usize::from(out.contains("final-validator")), "{out}");
    assert!(err.contains("is over: verdict: pass"), "{err}");
}

#[test]
fn following_a_runner_that_dies_ends_and_says_so() {
    let scene = Scene::new(&["A"]);
    scene.configure("", r#"{ "pause_ms": 600000 }"#);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    eventually("a session", || {
        let run_dir = scene.state().run(&scene.state().newest()?);
        SessionRecord::all(&run_dir).pop()
    });
    let mut follow = scene.start(&["logs", "--follow"]);
    let mut first = [0; 4];
    follow.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    let ended = follow.wait_with_output().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && err.contains("gone without a last word"), "{err}");
    assert!(err.contains("ralph-teams resume "), "{err}");
}

#[test]
fn a_log_that_is_begun_again_is_followed_under_its_name() {
    let scene = Scene::new(&["A"]);
    scene.configure("", r#"{ "pause_ms": 600000 }"#);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    let record = eventually("a session", || {
        let run_dir = scene.state().run(&scene.state().newest()?);
        SessionRecord::all(&run_dir).pop()
    });
    let log = scene.run_dir().log(&record.job);
    let mut follow = scene.start(&["logs", "--follow", "--raw"]);
    let mut stdout = follow.stdout.take().unwrap();
    eventually("a first word", || std::fs::metadata(&log).ok().filter(|data| data.len() > 0));
    let mut first = vec![0; usize::try_from(std::fs::metadata(&log).unwrap().len()).unwrap()];
    stdout.read_exact(&mut first).unwrap();
    std::fs::rename(&log, log.with_extension("earlier-1.log")).unwrap();
    std::fs::write(&log, "anew\n").unwrap();
    let mut second = [0; 5];
    stdout.read_exact(&mut second).unwrap();
    assert_eq!(&second, b"anew\n");
    follow.kill().unwrap();
    follow.wait().unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
}
