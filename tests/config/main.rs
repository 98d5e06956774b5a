//! The configuration: what wins over what, and what each layer means.

mod documents;
mod edits;
mod faults;
mod shown;

use std::collections::BTreeMap;

use ralph_teams::config::preset::Preset;
use ralph_teams::config::settings::Settings;
use ralph_teams::config::{BackendFlag, Bound, Faults, Origin, Overrides, Parallel, Source, settle};
use ralph_teams::domain::id::EpicId;
use ralph_teams::domain::policy::{Policy, Schedule, Workflow};

fn settle_with(file: &str, environment: &[(&str, &str)], overrides: &Overrides) -> Result<Settings, Faults> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    settle(Some(Source { name: "ralph.config.yml", bytes: file.as_bytes() }), &environment, overrides)
}

fn from_file(file: &str) -> Settings {
    settle_with(file, &[], &Overrides::default()).unwrap_or_else(|faults| panic!("{file}\n{faults}"))
}

#[test]
fn without_any_layer_the_policy_is_the_built_in_one() {
    let settings = settle(None, &BTreeMap::new(), &Overrides::default()).expect("settings");
    assert_eq!(settings, Settings::default());
    let workflow = Preset::Balanced.phases().workflow();
    assert_eq!(settings.policy, Policy { workflow, ..Policy::default() });
    assert_eq!(settings.backend, "claude");
    assert_eq!(settings.warnings, Vec::<String>::new());
    assert_eq!(settings.origins.iter().count(), 0);
    for nothing in ["", "# all commented out\n", "execution:\n  # parallel: 2\n", "gates:\n"] {
        assert_eq!(from_file(nothing), settings, "{nothing:?}");
    }
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let file = "execution: {backend: rehearsal, model: f}\ntimeouts: {idleTimeout: 7}\n";
    let environment = [("RALPH_BACKEND", "claude"), ("RALPH_MODEL", "e"), ("RALPH_IDLE_TIMEOUT", "8.5")];
    let flags = Overrides {
        backend: Some(BackendFlag::Named("rehearsal".to_owned())),
        model: Some("flag".to_owned()),
        ..Overrides::default()
    };
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Overrides, [&'a str; 4]);
    let table: [Row<'_>; 5] = [
        ("", &[], Overrides::default(), ["claude", "-", "900000", "default"]),
        (file, &[], Overrides::default(), ["rehearsal", "f", "7000", "ralph.config.yml:1:22"]),
        (file, &environment, Overrides::default(), ["claude", "e", "8500", "environment RALPH_BACKEND"]),
        (file, &environment, flags.clone(), ["rehearsal", "flag", "8500", "--backend"]),
        ("", &[("RALPH_MODEL", " "), ("RALPH_BACKEND", "")], flags, ["rehearsal", "flag", "900000", "--backend"]),
    ];
    for (file, environment, overrides, [backend, model, idle, origin]) in table {
        let settings = settle_with(file, environment, &overrides).expect("settings");
        let idle_timeout_ms = settings.policy.idle_timeout_ms.map(|ms| ms.to_string());
        assert_eq!(settings.backend, backend);
        assert_eq!(settings.model.as_deref().unwrap_or("-"), model);
        assert_eq!(idle_timeout_ms.as_deref(), Some(idle));
        assert_eq!(settings.origins.of("execution.backend").to_string(), origin);
    }
}

#[test]
fn slots_follow_the_parallel_flag() {
    let file = "execution: {parallel: 6}";
    let variable: &[(&str, &str)] = &[("RALPH_PARALLEL", "5")];
    let table = [
        ("", &[][..], None, 1),
        (file, variable, None, 1),
        ("", &[], Some(Parallel::Configured), 4),
        (file, &[], Some(Parallel::Configured), 6),
        (file, variable, Some(Parallel::Configured), 5),
        (file, variable, Some(Parallel::Slots(2)), 2),
    ];
    for (file, environment, parallel, slots) in table {
        let overrides = Overrides { parallel, ..Overrides::default() };
        let settings = settle_with(file, environment, &overrides).expect("settings");
        assert_eq!(settings.policy.slots, slots, "{file} {environment:?} {parallel:?}");
    }
}

#[test]
fn final_validation_is_on_unless_minimal_or_switched_off() {
    let table = [
        ("", &[][..], Some(1)),
        ("workflow: {preset: full}", &[], Some(1)),
        ("workflow: {preset: epic-focused}", &[], Some(1)),
        ("workflow: {preset: thorough}", &[], Some(1)),
        ("workflow: {preset: minimal}", &[], None),
        ("workflow: {preset: off}", &[], None),
        ("", &[("RALPH_PRESET", "minimal")], None),
        ("execution: {finalValidation: false}", &[], None),
        ("execution: {finalValidation: {enabled: false}}", &[], None),
        ("execution: {finalValidation: {maxFixCycles: 4}}", &[], Some(4)),
        ("workflow: {preset: minimal}\nexecution: {finalValidation: true}", &[], Some(1)),
        ("workflow: {preset: off}\nexecution: {finalValidation: {enabled: true, maxFixCycles: 0}}", &[], Some(0)),
    ];
    for (file, environment, cycles) in table {
        let settings = settle_with(file, environment, &Overrides::default()).expect(file);
        assert_eq!(settings.policy.final_validation.map(|judge| judge.max_fix_cycles), cycles, "{file}");
    }
    let settings = from_file("workflow: {preset: full}");
    assert_eq!(settings.origins.of("execution.finalValidation.enabled"), Origin::Preset("full"));
    // What a preset brings along is nobody's wish, so nobody is warned of it.
    assert_eq!(settings.warnings, Vec::<String>::new());
}

#[test]
fn times_are_seconds_and_zero_is_no_limit() {
    let settings =
        from_file("timeouts: {epicTimeout: 0, idleTimeout: 0.25, loopTimeout: 18000}\npolicy: {retryDelay: 0}");
    assert_eq!(settings.policy.epic_timeout_ms, None);
    assert_eq!(settings.policy.idle_timeout_ms, Some(250));
    assert_eq!(settings.policy.loop_timeout_ms, Some(18_000_000));
    assert_eq!(settings.policy.retry_delay_ms, 0);
}

#[test]
fn a_file_of_the_last_1_0_release_is_taken_as_it_is() {
    let file = "workflow:\n  preset: balanced\n\ntimeouts:\n  epicTimeout: 3600\n  idleTimeout: 600\n  loopTimeout: 0\n\n\
                execution:\n  backend: claude\n  parallel: 2\n  model: haiku\n  storyPlanning:\n    enabled: false\n  \
                storyValidation:\n    enabled: false\n    maxFixCycles: 1\n  epicPlanning:\n    enabled: false\n  \
                epicValidation:\n    enabled: false\n    maxFixCycles: 1\n  finalValidation:\n    enabled: false\n    \
                maxFixCycles: 1\nagents:\n  teamLead: opus\n  merger: sonnet\n";
    let settings = from_file(file);
    assert_eq!(settings.policy.final_validation, None);
    assert_eq!(settings.policy.loop_timeout_ms, None);
    assert_eq!(settings.model.as_deref(), Some("haiku"));
    assert_eq!(settings.roles["team-lead"].model.as_deref(), Some("opus"));
    assert_eq!(settings.roles["resolver"].model.as_deref(), Some("sonnet"));
    assert_eq!(settings.policy.workflow, Workflow::default());
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

#[test]
fn flags_without_a_key_in_the_file_reach_the_policy() {
    let only = vec![EpicId::new("EPIC-002").expect("an id")];
    let schedule = Some(Schedule::Waves);
    let overrides = Overrides { schedule, max_epics: Some(2), only: only.clone(), ..Overrides::default() };
    let settings = settle_with("", &[], &overrides).expect("settings");
    let workflow = Preset::Balanced.phases().workflow();
    assert_eq!(
        settings.policy,
        Policy { schedule: Schedule::Waves, max_epics: Some(2), only, workflow, ..Policy::default() }
    );
    assert_eq!(settings.origins.of("maxEpics"), Origin::Flag("--max-epics"));
}

#[test]
fn the_smallest_allowed_numbers_are_allowed() {
    let file = "policy: {maxAttempts: 1, maxFixCycles: 0, maxMergeRounds: 0}\nexecution: {parallel: 1}";
    let settings = from_file(file);
    let policy = Policy {
        max_attempts: 1,
        max_fix_cycles: 0,
        max_merge_rounds: 0,
        workflow: Preset::Balanced.phases().workflow(),
        ..Policy::default()
    };
    assert_eq!(settings.policy, policy);
}

#[test]
fn a_rehearsal_starts_no_real_agent_in_any_role() {
    let file = "roles: {resolver: {backend: claude, model: m, fallback: [codex]}}\nexecution: {fallback: [opencode]}";
    let overrides = Overrides { backend: Some(BackendFlag::Rehearse), ..Overrides::default() };
    let settings = settle_with(file, &[], &overrides).expect("settings");
    assert_eq!((settings.backend.as_str(), settings.fallback.len()), ("rehearsal", 0));
    let resolver = &settings.roles["resolver"];
    assert_eq!((&resolver.backend, resolver.fallback.len()), (&None, 0), "nobody stands in either");
}

#[test]
fn foreign_variables_are_left_alone_and_misspelt_ones_are_warned_of() {
    let foreign = ["RALPH_RUN_ID", "RALPH_JOB", "RALPH_ROLE", "RALPH_ATTEMPT", "RALPH_EPIC_ID", "RALPH_EPIC_FILE"];
    let more = ["RALPH_REPORT", "RALPH_LOOP_BRANCH", "RALPH_EPIC_BRANCH", "RALPH_BASE", "RALPH_LOG", "RALPH_SIM_SEEDS"];
    let old = ["RALPH_MODEL_BUILDER", "RALPH_RUNTIME_DIR", "RALPH_UPDATE_SCHEMAS", "PATH", "RALPH_SLOT"];
    let all: Vec<_> = foreign.into_iter().chain(more).chain(old).map(|name| (name, "0")).collect();
    let settings = settle_with("", &all, &Overrides::default()).expect("settings");
    assert_eq!(settings.warnings, Vec::<String>::new());
    let settings = settle_with("", &[("RALPH_PARALEL", "2")], &Overrides::default()).expect("settings");
    let expected = "environment RALPH_PARALEL: this variable is not read; did you mean RALPH_PARALLEL?";
    assert_eq!(settings.warnings, [expected]);
}

#[test]
fn the_earlier_names_of_a_budget_are_taken_and_their_new_ones_are_told() {
    let settings = from_file("budget: {cost: 2.5, tokens: 900}");
    let run = settings.policy.budget.run;
    assert_eq!((run.max_cost_microdollars, run.max_tokens), (Some(2_500_000), Some(900)));
    let expected = [
        "ralph.config.yml:1:16: budget.cost: this key is called `budget.maxCostUsd` now",
        "ralph.config.yml:1:29: budget.tokens: this key is called `budget.maxTokens` now",
    ];
    assert_eq!(settings.warnings, expected);
}

#[test]
fn a_budget_is_overridden_by_the_environment_and_that_by_flags_which_can_lift_it_too() {
    let file = "budget: {maxCostUsd: 1, maxTokens: 10}";
    let variables = &[("RALPH_MAX_COST", "2.5"), ("RALPH_MAX_TOKENS", "20")];
    let run = |flags: &Overrides| settle_with(file, variables, flags).expect("settings").policy.budget.run;
    let by_variables = run(&Overrides::default());
    assert_eq!((by_variables.max_cost_microdollars, by_variables.max_tokens), (Some(2_500_000), Some(20)));
    let flags = Overrides { max_cost: Some(Bound::At(7)), max_tokens: Some(Bound::Lifted), ..Overrides::default() };
    assert_eq!((run(&flags).max_cost_microdollars, run(&flags).max_tokens), (Some(7), None));
}

#[test]
fn a_price_in_the_file_replaces_the_one_that_is_built_in_and_the_cache_costs_the_full_price_unless_it_is_named() {
    let settings = from_file("prices: {gpt-5: {input: 2, output: 20}}");
    let price = settings.prices.of("gpt-5").expect("a price");
    assert_eq!((price.input, price.cached, price.output), (2_000_000, 2_000_000, 20_000_000));
}

#[test]
fn each_preset_switches_on_its_own_parts_of_the_workflow_and_single_keys_win() {
    let on = |epics: bool, stories: bool| Workflow {
        epic_planning: epics,
        epic_validation: epics.then_some(1),
        story_planning: stories,
        story_validation: stories.then_some(1),
    };
    for (file, workflow, judges_the_whole) in [
        ("", on(true, false), true),
        ("workflow: {preset: balanced}", on(true, false), true),
        ("workflow: {preset: full}", on(true, true), true),
        ("workflow: {preset: minimal}", on(false, false), false),
        ("workflow: {preset: off}", on(false, false), false),
        (
            "workflow: {preset: minimal}\nexecution: {epicValidation: {enabled: true, maxFixCycles: 3}}",
            Workflow { epic_validation: Some(3), ..Workflow::default() },
            false,
        ),
        ("execution: {epicPlanning: false, epicValidation: false}", Workflow::default(), true),
        (
            "execution: {epicValidation: {maxFixCycles: 0}}",
            Workflow { epic_validation: Some(0), ..on(true, false) },
            true,
        ),
    ] {
        let policy = from_file(file).policy;
        assert_eq!((policy.workflow, policy.final_validation.is_some()), (workflow, judges_the_whole), "{file}");
    }
}

#[test]
fn a_key_of_earlier_versions_is_taken_with_a_note() {
    let warnings = from_file("baseline: true").warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("baseline: this key is not needed any more"), "{warnings:?}");
}
