//! What is written reads well, and the reader reads the same out of it.

use proptest::prelude::*;

use super::*;

fn answers() -> Answers {
    Answers {
        head: "# the schema\n".to_owned(),
        backend: "codex".to_owned(),
        parallel: 3,
        loop_timeout: 3600,
        models: vec![("teamLead".to_owned(), "gpt-5".to_owned())],
        gates: vec![
            GateAnswer {
                name: "test".to_owned(),
                run: "make test".to_owned(),
                from: "Makefile:12".to_owned(),
                timeout: None,
            },
            GateAnswer {
                name: "no".to_owned(),
                run: "echo \"a: b\" # c".to_owned(),
                from: String::new(),
                timeout: Some("1.5".to_owned()),
            },
        ],
        setup: Some(CommandAnswer { run: "npm ci".to_owned(), from: "package-lock.json:2".to_owned(), timeout: None }),
        include: vec![(".env".to_owned(), ".gitignore:3".to_owned())],
        ..Answers::default()
    }
}

#[test]
fn the_file_reads_well() {
    insta::assert_snapshot!(compose(&answers()).expect("a configuration"), @r#"
    # the schema
    # How `ralph-teams` works in this repository. Written by `ralph-teams setup`; it is yours to edit.

    workflow:
      # epics are planned and validated, and a validator judges the whole at the end
      preset: balanced

    execution:
      # the agent program behind every session
      backend: codex
      # epics side by side, when a run is started with `--parallel`
      parallel: 3

    timeouts:
      # longest running time of a run, in seconds; then it stops and can be resumed. 0: no limit
      loopTimeout: 3600

    # the models of single roles; all others take the backend's own for their tier
    agents:
      teamLead: gpt-5

    # what proves work: run on every epic and on every merge, in this order
    gates:
      - name: test
        # from Makefile:12
        run: make test
      - name: no
        run: "echo \"a: b\" # c"
        timeout: 1.5

    worktrees:
      # makes a fresh worktree ready for work
      # from package-lock.json:2
      setup: npm ci
      # ignored files that each worktree gets a copy of
      include:
        # from .gitignore:3
        - .env
    "#);
}

#[test]
fn the_least_that_can_be_answered_is_a_configuration() {
    let least = Answers { backend: "claude".to_owned(), parallel: 1, ..Answers::default() };
    assert!(compose(&least).expect("a configuration").contains("gates: []\n"));
}

#[test]
fn every_part_and_role_can_be_chosen() {
    assert!(phases().contains(&"finalValidation") && roles().contains(&"teamLead"));
    let by_hand = phases().into_iter().map(|key| (key, true, 2)).collect();
    let models = roles().into_iter().map(|role| (role.to_owned(), "m".to_owned())).collect();
    let all = Answers { workflow: Workflow::ByHand(by_hand), models, ..answers() };
    let text = compose(&all).expect("no key of these is warned of");
    assert!(text.contains(
        "  finalValidation:\n    enabled: true\n    # how often findings go back to be fixed\n    maxFixCycles: 2\n"
    ));
}

#[test]
fn keys_can_be_set_by_path() {
    let set = |key: &str, value: &str| Answers { set: vec![(key.to_owned(), value.to_owned())], ..answers() };
    let text = |key, value| compose(&set(key, value)).unwrap_or_else(|unfit| panic!("{key}: {unfit}"));
    assert!(text("execution.parallel", "7").contains("  backend: codex\n  parallel: 7\n"));
    assert!(text("budget.epic.maxCostUsd", "1.5").ends_with("\nbudget:\n  epic:\n    maxCostUsd: 1.5\n"));
    assert!(text("gates", "[{name: a, run: b}]").contains("gates:\n  - name: a\n    run: b\n"));
    assert!(text("execution.finalValidation", "{enabled: false}").contains("finalValidation:\n    enabled: false\n"));
    let problem = |key, value| compose(&set(key, value)).expect_err(key).to_string();
    assert!(
        problem("execution.paralell", "7").contains("Did you mean `parallel`"),
        "{}",
        problem("execution.paralell", "7")
    );
    assert!(problem("execution.parallel", "[").contains("--set execution.parallel"));
    assert!(problem("", "7").contains("the path of a key"));
    assert!(problem("baseline", "true").contains("not needed any more"), "a warning keeps a file from being written");
}

/// A file with a bit of everything that is asked, and of what is not.
const MINE: &str = "\
# mine
workflow: { preset: thorough }
execution: { backend: command, parallel: 7, stagnationTurns: 5, fallback: [codex], epicValidation: { enabled: true, maxFixCycles: 3 } }
timeouts: { loopTimeout: 90, idleTimeout: 60 }
agents: { teamLead: big }
roles: { resolver: { model: small, effort: high } }
gates: [{ name: unit, command: make unit, timeout: 60 }, { run: make e2e }]
worktrees: { dir: ../w, setup: { run: make deps, timeout: 30 }, include: [.env.test] }
backends: { command: { argv: [my agent, --x], env: { A: \"1\" } }, claude: { args: [--verbose] } }
budget: { cost: 5, epic: { maxTokens: 10 } }
prices: { gpt-4.1: { input: 1.5, output: 6 } }
baseline: true
";

fn settled(text: &str) -> crate::config::Settings {
    let overrides = Overrides { parallel: Some(crate::config::Parallel::Configured), ..Overrides::default() };
    let source = Source { name: FILE_NAME, bytes: text.as_bytes() };
    let settings = settle(Some(source), &BTreeMap::new(), &overrides).expect("no fault");
    crate::config::Settings { warnings: Vec::new(), origins: crate::config::Origins::default(), ..settings }
}

#[test]
fn what_a_file_says_already_is_proposed_again_and_means_the_same() {
    let known = take_known(MINE.as_bytes(), answers()).expect("no fault");
    assert_eq!((known.backend.as_str(), known.parallel, known.loop_timeout), ("command", 7, 90));
    assert_eq!(known.argv, ["my agent", "--x"]);
    assert_eq!(known.models, [("teamLead".to_owned(), "big".to_owned()), ("merger".to_owned(), "small".to_owned())]);
    let text = compose(&known).expect("a clean configuration");
    let (mut was, is) = (settled(MINE), settled(&text));
    // By hand everything is said, so that no preset fills a gap any more.
    was.preset = is.preset;
    assert_eq!(is, was, "{text}");
}

#[test]
fn what_a_file_does_not_speak_of_stays_as_it_was_proposed() {
    for nothing in ["", "# mine\n", "execution:\n  backend:\n", "policy: { maxAttempts: 2 }\n"] {
        let known = take_known(nothing.as_bytes(), answers()).expect("no fault");
        assert_eq!(Answers { kept: Kept::default(), ..known.clone() }, answers(), "{nothing}");
        assert_eq!(compose(&known).expect("clean").contains("maxAttempts: 2"), nothing.contains("maxAttempts"));
    }
    assert!(take_known(b"execution: { paralel: 2 }", answers()).is_err());
    let other = Answers {
        backend: "claude".to_owned(),
        argv: Vec::new(),
        ..take_known(MINE.as_bytes(), answers()).expect("no fault")
    };
    assert!(compose(&other).expect("clean").contains("my agent"), "a command line that is not used now is kept");
}

proptest! {
    #[test]
    fn whatever_a_command_is_it_is_read_back_as_it_was(run in "[ -~äß]{0,30}[!-~]", path in "[a-zA-Z.*{}\\[\\]#:&-]{1,10}") {
        let gate = GateAnswer { name: "g".to_owned(), run: run.clone(), from: "a\nb".to_owned(), timeout: None };
        let include = vec![(path.clone(), String::new())];
        let all = Answers { gates: vec![gate], include, setup: None, ..answers() };
        // What no configuration may hold, such as a path that leads out, is refused and not written otherwise.
        if let Ok(text) = compose(&all) {
            let source = Source { name: FILE_NAME, bytes: text.as_bytes() };
            let settings = settle(Some(source), &BTreeMap::new(), &Overrides::default()).expect("no fault");
            prop_assert_eq!(&settings.policy.gates[0].command, &run);
            prop_assert_eq!(&settings.include, &[path]);
        }
    }
}
