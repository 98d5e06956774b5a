//! Every fault of a configuration, how it reads, and that no input at all makes the reader panic.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ralph_teams::config::{Overrides, Source, settle};

use super::settle_with;

/// The faults of a file, one line each, without the name of the file.
pub fn faults_of(file: &str) -> Vec<String> {
    let faults = settle_with(file, &[], &Overrides::default()).expect_err(file);
    faults.0.iter().map(|fault| fault.to_string().trim_start_matches("ralph.config.yml:").to_owned()).collect()
}

/// Files and what is said of each.
const FAULTS: &[(&str, &[&str])] = &[
    (
        "execution:\n  parallel: 0\n",
        &["2:13: execution.parallel: expected a whole number from 1 to 64, found the number 0"],
    ),
    (
        "execution: {parallel: 2.5}",
        &["1:23: execution.parallel: expected a whole number from 1 to 64, found the number 2.5"],
    ),
    (
        "execution: {parallel: \"4\"}",
        &["1:23: execution.parallel: expected a whole number from 1 to 64, found the text \"4\""],
    ),
    (
        "execution: {paralel: 4}",
        &[
            "1:13: execution.paralel: there is no such key. Did you mean `parallel`? Allowed: backend, parallel, model, fallback, tools, delegation, stagnationTurns, storyPlanning, storyValidation, epicPlanning, epicValidation, finalValidation",
        ],
    ),
    ("backends: {rehearsal: {program: x}}", &["1:24: backends.rehearsal.program: there is no such key. Allowed: env"]),
    (
        "pricing: {inputTokenCostPer1k: 1}",
        &[
            "1:1: pricing: this key of earlier versions is gone; write `prices`, where a backend does not tell its costs itself",
        ],
    ),
    (
        "execution:\n  model: a\n  model: b\n",
        &["3:3: execution.model: this key was given on line 2 already; keep one of the two"],
    ),
    (
        "execution: {backend: nobody}",
        &[
            "1:22: execution.backend: no backend is called `nobody`. Allowed: claude, codex, copilot, opencode, gemini, acp, command, rehearsal",
        ],
    ),
    (
        "execution: {backend: claud}",
        &[
            "1:22: execution.backend: no backend is called `claud`. Did you mean `claude`? Allowed: claude, codex, copilot, opencode, gemini, acp, command, rehearsal",
        ],
    ),
    (
        "roles: {resolver: {backend: aider}}",
        &[
            "1:29: roles.resolver.backend: no backend is called `aider`. Allowed: claude, codex, copilot, opencode, gemini, acp, command, rehearsal",
        ],
    ),
    (
        "roles: {resolver: {model: a}}\nagents: {merger: b}",
        &["1:27: roles.resolver.model: the model of this role is in `agents.merger` too; keep one of the two"],
    ),
    (
        "roles: {merger: {model: a}}",
        &[
            "1:9: roles.merger: there is no such key. Allowed: team-lead, story-planner, epic-planner, builder, story-validator, epic-validator, final-validator, resolver",
        ],
    ),
    (
        "execution: {backend: command}",
        &[
            "1:22: execution.backend: the backend `command` needs its program in `backends.command.argv`, for example `argv: [\"my-agent\", \"--headless\"]`",
        ],
    ),
    (
        "backends: {claude: {argv: [x]}}",
        &["1:21: backends.claude.argv: there is no such key. Did you mean `args`? Allowed: program, args, env"],
    ),
    (
        "backends: {claude: {env: {A: 1}}}",
        &["1:30: backends.claude.env.A: expected text, found the number 1; put it in quotes"],
    ),
    (
        "backends: {claude: {env: {A=B: x}}}",
        &["1:27: backends.claude.env.A=B: a name must not be empty and must not hold `=` or a NUL byte"],
    ),
    (
        "workflow: {preset: ful}",
        &[
            "1:20: workflow.preset: `ful` is not a preset. Did you mean `full`? Allowed: balanced, full, minimal, default, epic-focused, thorough, off",
        ],
    ),
    (
        "timeouts: {epicTimeout: -1}",
        &[
            "1:25: timeouts.epicTimeout: expected seconds, 0 for no limit, or from 0.001 to 31536000, found the number -1",
        ],
    ),
    (
        "timeouts: {epicTimeout: .nan}",
        &[
            "1:25: timeouts.epicTimeout: expected seconds, 0 for no limit, or from 0.001 to 31536000, found the text \".nan\"",
        ],
    ),
    ("timeouts: 5", &["1:11: timeouts: expected keys with values, found the number 5"]),
    ("[a]", &["1:1: expected keys with values, found a list"]),
    ("gates: {run: x}", &["1:8: gates: expected a list of gates, found keys with values"]),
    ("gates: [{run: \"a\\0b\"}]", &["1:15: gates[0].run: a text must not hold a NUL byte"]),
    (
        "backends: {claude: {env: {A: x, A: y}}}",
        &["1:33: backends.claude.env.A: this key was given on line 1 already; keep one of the two"],
    ),
    ("budget: {tokens: 0}", &["1:18: budget.tokens: expected a whole number from 1 to 4294967295, found the number 0"]),
    (
        "policy: {maxFixCycles: 101, maxMergeRounds: -1, retryDelay: x}",
        &[
            "1:24: policy.maxFixCycles: expected a whole number from 0 to 100, found the number 101",
            "1:45: policy.maxMergeRounds: expected a whole number from 0 to 100, found the number -1",
            "1:61: policy.retryDelay: expected seconds, from 0 to 31536000, found the text \"x\"",
        ],
    ),
    ("gates: [x]", &["1:9: gates[0]: expected keys with values, found the text \"x\""]),
    ("gates: [{name: a}]", &["1:9: gates[0].run: the command to run is missing"]),
    (
        "gates: [{run: a, command: b}]",
        &["1:27: gates[0].command: the command is in `run` already; keep one of the two"],
    ),
    ("gates: [{run: true}]", &["1:15: gates[0].run: expected text, found `true`; put it in quotes"]),
    (
        "gates: [{run: a, timeout: 0}]",
        &["1:27: gates[0].timeout: expected seconds, from 0.001 to 31536000, found the number 0"],
    ),
    ("gates: [{run: a}, {run: a}]", &["1:19: gates[1].name: two gates are called `a`; give each its own name"]),
    ("worktrees: {setup: ' '}", &["1:20: worktrees.setup: expected text, found only blanks"]),
    ("worktrees: {setup: {timeout: 3}}", &["1:20: worktrees.setup.run: the command to run is missing"]),
    (
        "worktrees: {include: [../x]}",
        &[
            "1:23: worktrees.include[0]: `../x` leads out of the repository; write it relative to the root, without `..`",
        ],
    ),
    ("policy: {allowedPaths: src}", &["1:24: policy.allowedPaths: expected a list, found the text \"src\""]),
    (
        "policy: {maxAttempts: 0}",
        &["1:23: policy.maxAttempts: expected a whole number from 1 to 100, found the number 0"],
    ),
    (
        "execution: {finalValidation: yes}",
        &["1:30: execution.finalValidation.enabled: expected true, false, or keys with values, found the text \"yes\""],
    ),
    (
        "execution: {finalValidation: {enabled: 1}}",
        &["1:40: execution.finalValidation.enabled: expected true or false, found the number 1"],
    ),
    ("baseline: 1", &["1:11: baseline: expected true or false, found the number 1"]),
    (
        "budget: {cost: -2}",
        &[
            "1:16: budget.cost: expected US dollars, more than 0 and at most 1000000000, found the number -2; for no limit leave the key out",
        ],
    ),
    (
        "budget: {maxCostUsd: 0}",
        &[
            "1:22: budget.maxCostUsd: expected US dollars, more than 0 and at most 1000000000, found the number 0; for no limit leave the key out",
        ],
    ),
    (
        "budget: {cost: 2, maxCostUsd: 3}",
        &["1:16: budget.cost: this is the earlier name of `maxCostUsd`, which is there too; remove it"],
    ),
    (
        "budget: {maxcost: 2, warnAtPercent: 101, epic: {maxTokens: 1.5}}",
        &[
            "1:10: budget.maxcost: there is no such key. Did you mean `maxCostUsd`? Allowed: maxCostUsd, maxTokens, warnAtPercent, epic, cost, tokens",
            "1:37: budget.warnAtPercent: expected a whole number from 1 to 100, found the number 101",
            "1:60: budget.epic.maxTokens: expected a whole number from 1 to 4294967295, found the number 1.5",
        ],
    ),
    (
        "prices: {m: {input: 1, ouput: 2}}",
        &[
            "1:13: prices.m.output: this price is missing; write US dollars for a million tokens",
            "1:24: prices.m.ouput: there is no such key. Did you mean `output`? Allowed: input, cached, output",
        ],
    ),
    (
        "prices: {m: {input: -1, output: cheap}}",
        &[
            "1:21: prices.m.input: expected US dollars for a million tokens, from 0 to 100000, found the number -1",
            "1:33: prices.m.output: expected US dollars for a million tokens, from 0 to 100000, found the text \"cheap\"",
        ],
    ),
    ("prices: [m]", &["1:9: prices: expected names with keys below them, found a list"]),
    ("hooks: {runEnd: [a]}", &["1:17: hooks.runEnd: expected text, found a list"]),
    (
        "<<: {a: 1}",
        &[
            "1:1: <<: there is no such key. Allowed: workflow, timeouts, execution, agents, roles, gates, worktrees, policy, backends, baseline, budget, prices, models, hooks",
        ],
    ),
];

#[test]
fn every_fault_names_place_field_problem_and_what_is_allowed() {
    for (file, expected) in FAULTS {
        assert_eq!(faults_of(file), *expected, "{file}");
    }
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_the_file() {
    let environment = [("RALPH_PARALLEL", "many"), ("RALPH_LOOP_TIMEOUT", "-5"), ("RALPH_BACKEND", "nobody")];
    let file = "gates:\n  - nam: x\ntimeouts: {idleTimeout: soon}\ngate: []\n";
    let faults = settle_with(file, &environment, &Overrides::default()).expect_err("faults");
    insta::assert_snapshot!(faults, @r#"
    the configuration has 7 faults; mend and start again
      ralph.config.yml:2:5: gates[0].nam: there is no such key. Did you mean `name`? Allowed: name, run, command, timeout
      ralph.config.yml:2:5: gates[0].run: the command to run is missing
      ralph.config.yml:3:25: timeouts.idleTimeout: expected seconds, 0 for no limit, or from 0.001 to 31536000, found the text "soon"
      ralph.config.yml:4:1: gate: there is no such key. Did you mean `gates`? Allowed: workflow, timeouts, execution, agents, roles, gates, worktrees, policy, backends, baseline, budget, prices, models, hooks
      environment RALPH_BACKEND: execution.backend: no backend is called `nobody`. Allowed: claude, codex, copilot, opencode, gemini, acp, command, rehearsal
      environment RALPH_LOOP_TIMEOUT: timeouts.loopTimeout: expected seconds, 0 for no limit, or from 0.001 to 31536000, found the number -5
      environment RALPH_PARALLEL: execution.parallel: expected a whole number from 1 to 64, found the text "many"
    "#);
}

#[test]
fn a_file_that_is_not_yaml_is_one_fault_with_its_place() {
    let deep = "[".repeat(3_000);
    let table: &[(&[u8], &str)] = &[
        (b"a: [1\nb: 2\n", "2:2: NOT: illegal placement of ':' indicator"),
        (b"a: &x [*x]\n", "1:8: NOT: Recursive reference not allowed here"),
        (b"a: *x\n", "1:4: NOT: reference to unknown value"),
        (b"a: 1\n---\nb: 2\n", "3:1: NOT: only single YAML document expected but multiple found"),
        (deep.as_bytes(), "1:25: NOT: recursion limit exceeded"),
        (b"a: 1\nb: \xff", "2:4: this byte is not UTF-8 text"),
    ];
    for (bytes, expected) in table {
        let source = Source { name: "c.yml", bytes };
        let faults = settle(Some(source), &BTreeMap::new(), &Overrides::default()).expect_err(expected);
        let expected = expected.replace("NOT", "this is not YAML that a configuration can hold");
        assert_eq!(
            faults.to_string(),
            format!("the configuration has 1 fault; mend and start again\n  c.yml:{expected}")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let source = Source { name: "c.yml", bytes: &bytes };
        let _ = settle(Some(source), &BTreeMap::new(), &Overrides::default());
    }

    #[test]
    fn text_that_looks_like_a_configuration_never_panics(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("execution:"), Just("parallel:"), Just("gates:"), Just("- "), Just("\n"), Just("\n  "), Just("&a "),
                Just("*a"), Just("{"), Just("}"), Just("["), Just("]"), Just("1e999"), Just("-0"), Just("run: x"),
                Just(": "), Just("<<: "), Just("!!str "), Just("\"\\0\""), Just("|"), Just("? "), Just("---"), Just("~"),
                Just("finalValidation: "), Just("env: "), Just("99999999999999999999999999"), Just("ä"), Just("!!int "),
            ],
            0..40,
        ),
        variable in ".*",
    ) {
        let text = parts.concat();
        let environment = BTreeMap::from([("RALPH_PARALLEL".to_owned(), variable.clone()), (variable, "1".to_owned())]);
        let source = Source { name: "c.yml", bytes: text.as_bytes() };
        let _ = settle(Some(source), &environment, &Overrides::default());
    }
}
