//! The command line as people meet it: what is taken, what is refused, and how the help reads.

mod help;
mod tree;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::{Cli, Command};
use crate::config::{BackendFlag, Overrides, Parallel};
use crate::domain::id::EpicId;
use crate::domain::policy::Schedule;

fn parse(line: &str) -> Result<Command, clap::Error> {
    Cli::try_parse_from(["ralph-teams"].into_iter().chain(line.split_whitespace())).map(|cli| cli.command)
}

fn overrides(line: &str) -> Overrides {
    match parse(line).unwrap_or_else(|error| panic!("{line}: {error}")) {
        Command::Run(args) => (&args).into(),
        Command::Resume(args) => (&args).into(),
        other => panic!("{other:?} has no overrides"),
    }
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn flags_become_overrides() {
    let parallel = |parallel| Overrides { parallel: Some(parallel), ..Overrides::default() };
    let backend = |flag| Overrides { backend: Some(flag), ..Overrides::default() };
    let epic = |id| EpicId::new(id).expect("an id");
    let table = [
        ("run", Overrides::default()),
        ("run --parallel", parallel(Parallel::Configured)),
        ("run --parallel 3", parallel(Parallel::Slots(3))),
        ("run --parallel=3 p.json", parallel(Parallel::Slots(3))),
        ("run p.json --parallel", parallel(Parallel::Configured)),
        ("resume --parallel 2", parallel(Parallel::Slots(2))),
        ("resume", Overrides::default()),
        ("run --backend claude", backend(BackendFlag::Named("claude".to_owned()))),
        ("run --rehearse", backend(BackendFlag::Rehearse)),
        ("run --model opus", Overrides { model: Some("opus".to_owned()), ..Overrides::default() }),
        ("run --schedule waves", Overrides { schedule: Some(Schedule::Waves), ..Overrides::default() }),
        ("run --max-epics 2", Overrides { max_epics: Some(2), ..Overrides::default() }),
        ("run --only A --only B", Overrides { only: vec![epic("A"), epic("B")], ..Overrides::default() }),
    ];
    for (line, expected) in table {
        assert_eq!(overrides(line), expected, "{line}");
    }
}

#[test]
fn wrong_usage_is_refused_with_exit_code_2() {
    let lines = [
        "",
        "runn",
        "run --parallel 0",
        "run --parallel abc",
        "run --parallel 65",
        "run --parallel prd.json",
        "run --max-epics 0",
        "run --schedule someday",
        "run --rehearse --backend claude",
        "run --no-such-flag",
        "run a.json b.json",
        "resume --parallel -1",
        "validate --dirty ignore",
        "host",
    ];
    for line in lines {
        assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
    }
}

#[test]
fn a_parallel_flag_that_swallows_the_prd_says_so() {
    let error = parse("run --parallel prd.json").expect_err("an error").to_string();
    insta::assert_snapshot!(error.lines().next().unwrap_or_default(), @"error: invalid value 'prd.json' for '--parallel [<N>]': expected a number from 1 to 64; a PRD goes before a `--parallel` that has no number");
    let error = parse("run --parallel 0").expect_err("an error").to_string();
    insta::assert_snapshot!(error.lines().next().unwrap_or_default(), @"error: invalid value '0' for '--parallel [<N>]': expected a number from 1 to 64");
}

#[test]
fn a_command_or_flag_that_was_meant_is_named() {
    let table = [
        ("runn", "some similar subcommands exist: 'runs', 'run'"),
        ("docter", "a similar subcommand exists: 'doctor'"),
        ("run --paralel 3", "a similar argument exists: '--parallel'"),
        ("config shwo", "a similar subcommand exists: 'show'"),
        ("run --ui plan", "a similar value exists: 'plain'"),
    ];
    for (line, guess) in table {
        let error = parse(line).expect_err(line).to_string();
        assert!(error.contains(guess), "{line}: {error}");
    }
}

#[test]
fn the_short_version_is_plain_and_the_long_one_names_what_it_was_built_for() {
    let version = |flag: &str| parse(flag).expect_err(flag).to_string();
    assert_eq!(version("-V"), format!("ralph-teams {}\n", env!("CARGO_PKG_VERSION")));
    let long = version("--version");
    assert!(long.starts_with(&format!("ralph-teams {} (", env!("CARGO_PKG_VERSION"))), "{long}");
    assert!(long.contains(std::env::consts::ARCH), "{long}");
}

#[test]
fn without_a_command_the_help_is_shown() {
    let error = parse("").expect_err("help");
    assert_eq!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
}
