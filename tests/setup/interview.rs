//! The interview on a real terminal.

use ralph_teams::config::{Origins, Settings};
use rustix::process::Signal;

use crate::scene::Scene;

/// The questions in their order, when every proposal is taken as it is.
const QUESTIONS: [&str; 11] = [
    "Which agent program works?",
    "How thorough?",
    "Epics side by side",
    "Longest running time",
    "Choose models for single roles?",
    "Which commands prove work?",
    "Edit these commands?",
    "Another command that proves work?",
    "What makes a fresh worktree ready?",
    "Which ignored files does each worktree get?",
    "Write ralph.config.yml?",
];

#[test]
fn whoever_only_presses_enter_gets_what_the_repository_says() {
    let scene = Scene::new();
    let mut pty = scene.terminal(&["setup"]);
    let mut shown = 0;
    for question in QUESTIONS {
        shown = pty.wait_for(question, shown);
        pty.press(b"\r");
    }
    pty.wait_for("wrote ralph.config.yml", shown);
    assert_eq!(pty.exit_code(), Some(0));
    assert!(pty.is_cooked(), "the terminal is as it was");
    let asked = scene.written();
    std::fs::remove_file(scene.repo.path().join("ralph.config.yml")).expect("removed");
    scene.run(&["setup", "--yes"]).exited_with(0);
    assert_eq!(asked, scene.written());
}

#[test]
fn control_c_and_escape_leave_everything_as_it_was_at_every_question() {
    let scene = Scene::new();
    for (place, last) in QUESTIONS.iter().enumerate() {
        let mut pty = scene.terminal(&["setup"]);
        let mut shown = 0;
        for question in &QUESTIONS[..place] {
            shown = pty.wait_for(question, shown);
            pty.press(b"\r");
        }
        pty.wait_for(last, shown);
        pty.press(if place % 2 == 0 { b"\x03" } else { b"\x1b" });
        assert_eq!(pty.exit_code(), Some(130), "{last}");
        assert!(pty.is_cooked(), "{last}");
        assert_eq!(scene.written(), None, "{last}");
        assert_eq!(scene.repo.git(&["status", "--porcelain", "--ignored"]), "!! .env", "{last}");
    }
}

#[test]
fn a_signal_at_any_question_ends_it_at_once_with_the_terminal_as_it_was() {
    let scene = Scene::new();
    for (place, last) in QUESTIONS.iter().enumerate().step_by(3).chain([(10, &QUESTIONS[10])]) {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            let mut pty = scene.terminal(&["setup"]);
            let mut shown = 0;
            for question in &QUESTIONS[..place] {
                shown = pty.wait_for(question, shown);
                pty.press(b"\r");
            }
            let at = pty.wait_for(last, shown);
            pty.signal(signal);
            assert_eq!(pty.exit_code(), Some(130), "{last} {signal:?}: {}", pty.printed(at));
            pty.wait_for("nothing was written", at);
            assert!(pty.is_cooked(), "{last} {signal:?}");
            assert_eq!(scene.repo.git(&["status", "--porcelain", "--ignored"]), "!! .env", "{last} {signal:?}");
        }
    }
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_not_replaced() {
    let scene = Scene::new();
    let mut pty = scene.terminal(&["setup"]);
    let mut shown = 0;
    for question in &QUESTIONS[..10] {
        shown = pty.wait_for(question, shown);
        pty.press(b"\r");
    }
    shown = pty.wait_for(QUESTIONS[10], shown);
    scene.repo.write("ralph.config.yml", "# theirs\n");
    pty.press(b"y\r");
    pty.wait_for("changed meanwhile", shown);
    assert_eq!(pty.exit_code(), Some(3));
    assert_eq!(scene.written().as_deref(), Some("# theirs\n"));
}

#[test]
fn everything_can_be_decided_otherwise() {
    let scene = Scene::new();
    scene.repo.write("ralph.config.yml", "# mine\n");
    let mut pty = scene.terminal(&["setup"]);
    let mut shown = 0;
    let mut answer = |question: &str, keys: &[u8]| {
        shown = pty.wait_for(question, shown);
        pty.press(keys);
    };
    answer(QUESTIONS[0], b"gemini\r");
    answer(QUESTIONS[1], b"by hand\r");
    for phase in ralph_teams::config::compose::phases() {
        answer(&format!("{phase}?"), b"y\r");
        answer(&format!("{phase}: how often"), b"3\r");
    }
    answer(QUESTIONS[2], b"99\r");
    answer("a whole number from 1 to 64", b"\x7f\x7f5\r");
    answer(QUESTIONS[3], b"600\r");
    answer(QUESTIONS[4], b"y\r");
    for role in ralph_teams::config::compose::roles() {
        answer(&format!("{role}:"), if role == "teamLead" { b"big\r" } else { b"\r" });
    }
    // The linter goes, the tests stay.
    answer(QUESTIONS[5], b" \r");
    answer(QUESTIONS[6], b"y\r");
    answer("test:", b" -j2\r");
    answer(QUESTIONS[7], b"make more\r");
    answer(QUESTIONS[7], b"\r");
    answer(QUESTIONS[8], b"\x7f\x7f\x7f\x7f\x7f\x7f\r");
    answer(QUESTIONS[9], b" \r");
    answer("-# mine", b"");
    answer("Replace ralph.config.yml by this?", b"y\r");
    answer("wrote ralph.config.yml", b"");
    assert_eq!(pty.exit_code(), Some(0));
    let settings = scene.settings();
    assert_eq!(settings.backend, "gemini");
    assert_eq!(settings.phases.final_validation.max_fix_cycles, 3);
    assert_eq!(settings.policy.loop_timeout_ms, Some(600_000));
    assert_eq!(settings.roles["team-lead"].model.as_deref(), Some("big"));
    let gates: Vec<&str> = settings.policy.gates.iter().map(|gate| gate.command.as_str()).collect();
    assert_eq!(gates, ["make test -j2", "make more"]);
    assert_eq!((settings.setup, settings.include), (None, Vec::new()));
    assert!(scene.written().expect("a file").contains("  parallel: 5\n"));
}

#[test]
fn what_the_file_says_is_offered_and_whoever_only_presses_enter_keeps_it() {
    let scene = Scene::new();
    let mine = "\
# mine
workflow: { preset: full }
execution: { backend: gemini, parallel: 7, stagnationTurns: 5 }
timeouts: { loopTimeout: 90 }
agents: { teamLead: big }
gates: [{ name: unit, run: make unit, timeout: 60 }]
worktrees: { dir: ../w, setup: make deps, include: [.env.test] }
budget: { maxTokens: 5000 }
";
    scene.repo.write("ralph.config.yml", mine);
    let before = scene.settings();
    let mut pty = scene.terminal(&["setup"]);
    let mut shown = 0;
    for question in &QUESTIONS[..5] {
        shown = pty.wait_for(question, shown);
        pty.press(b"\r");
    }
    for role in ralph_teams::config::compose::roles() {
        shown = pty.wait_for(&format!("{role}:"), shown);
        pty.press(b"\r");
    }
    for question in &QUESTIONS[5..10] {
        shown = pty.wait_for(question, shown);
        pty.press(b"\r");
    }
    pty.wait_for("Replace ralph.config.yml by this?", shown);
    pty.press(b"y\r");
    assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(shown));
    let after = scene.settings();
    assert_eq!(Settings { origins: Origins::default(), ..after }, Settings { origins: Origins::default(), ..before });
}

#[test]
fn of_a_file_with_faults_nothing_is_taken_over_and_that_is_said() {
    let scene = Scene::new();
    scene.repo.write("ralph.config.yml", "execution: { paralel: 7 }\n");
    let mut pty = scene.terminal(&["setup"]);
    let at = pty.wait_for("Did you mean `parallel`", 0);
    pty.wait_for(QUESTIONS[0], at);
    pty.press(b"\x03");
    assert_eq!(pty.exit_code(), Some(130));
}

#[test]
fn a_no_at_the_end_keeps_the_file_that_is_there() {
    let scene = Scene::new();
    scene.repo.write("ralph.config.yml", "# mine\n");
    let mut pty = scene.terminal(&["setup", "--backend", "codex", "--preset", "full"]);
    let mut shown = 0;
    for question in &QUESTIONS[2..10] {
        shown = pty.wait_for(question, shown);
        pty.press(b"\r");
    }
    pty.wait_for("Replace ralph.config.yml by this?", shown);
    pty.press(b"\r");
    assert_eq!(pty.exit_code(), Some(130));
    assert_eq!(scene.written().as_deref(), Some("# mine\n"));
}
