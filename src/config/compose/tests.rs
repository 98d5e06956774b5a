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
            GateAnswer { name: "test".to_owned(), run: "make test".to_owned(), from: "Makefile:12".to_owned() },
            GateAnswer { name: "no".to_owned(), run: "echo \"a: b\" # c".to_owned(), from: String::new() },
        ],
        setup: Some(CommandAnswer { run: "npm ci".to_owned(), from: "package-lock.json:2".to_owned() }),
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
fn every_part_and_role_that_can_be_chosen_has_an_effect() {
    assert!(phases().contains(&"finalValidation") && roles().contains(&"teamLead"));
    let by_hand = phases().into_iter().map(|key| (key, true, 2)).collect();
    let models = roles().into_iter().map(|role| (role.to_owned(), "m".to_owned())).collect();
    let all = Answers { workflow: Workflow::ByHand(by_hand), models, ..answers() };
    let text = compose(&all).expect("no key of these is one without effect");
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
    assert!(problem("hooks.runEnd", "./x").contains("no effect yet"), "a warning keeps a file from being written");
}

proptest! {
    #[test]
    fn whatever_a_command_is_it_is_read_back_as_it_was(run in "[ -~äß]{0,30}[!-~]", path in "[a-zA-Z.*{}\\[\\]#:&-]{1,10}") {
        let gate = GateAnswer { name: "g".to_owned(), run: run.clone(), from: "a\nb".to_owned() };
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
