//! What holds for every command, found by walking the tree of them, so that a new one cannot be forgotten.

use clap::CommandFactory as _;

use crate::cli::Cli;

/// Commands that act, or speak in the form of another program, instead of stating things: they need no `--json`.
const WITHOUT_JSON: &[&str] = &[
    "setup",
    "init",
    "plan",
    "task",
    "run",
    "resume",
    "watch",
    "stop",
    "land",
    "reset",
    "logs",
    "demo",
    "completions",
    "man",
    "config set",
    "config schema",
];

/// One command.
pub(super) struct Node {
    /// The names that lead to it; empty for the program itself.
    pub path: Vec<String>,
    /// Its definition.
    pub command: clap::Command,
    /// Whether it, or one above it, is not for people.
    pub hidden: bool,
}

impl Node {
    /// Its name as a file.
    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { "ralph-teams".to_owned() } else { self.path.join("-") }
    }

    fn flags(&self) -> Vec<&str> {
        self.command.get_arguments().filter_map(|argument| argument.get_long()).collect()
    }
}

/// Every command, those that are hidden too; without the `help` that clap adds everywhere.
pub(super) fn all() -> Vec<Node> {
    fn walk(path: Vec<String>, command: &clap::Command, hidden: bool, found: &mut Vec<Node>) {
        let hidden = hidden || command.is_hide_set();
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk([path.clone(), vec![below.get_name().to_owned()]].concat(), below, hidden, found);
        }
        found.push(Node { path, command: command.clone(), hidden });
    }
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    walk(Vec::new(), &root, false, &mut found);
    assert!(found.len() > 20, "the walk must find the commands");
    found
}

fn for_people() -> Vec<Node> {
    all().into_iter().filter(|node| !node.hidden).collect()
}

#[test]
fn every_command_says_what_it_does_and_shows_examples_that_can_be_typed() {
    for node in for_people() {
        let name = node.name();
        assert!(node.command.get_about().is_some_and(|about| about.to_string().len() > 10), "{name}: no about");
        let text = node.command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples = text.strip_prefix("Examples:\n").unwrap_or_else(|| panic!("{name}: no examples"));
        let own = format!("ralph-teams {}", node.path.join(" "));
        assert!(examples.contains(own.trim_end()), "{name}: no example of its own");
        for line in examples.lines().filter_map(|line| line.strip_prefix("  ralph-teams")) {
            can_be_typed(&name, line);
        }
    }
}

/// Whether an example is taken, as far as its words go: up to a redirection or the words that explain it.
fn can_be_typed(name: &str, line: &str) {
    let typed = line.trim_start().split("  ").next().unwrap_or_default();
    let typed = typed.split(['>', '|', '\'', '$', '~']).next().unwrap_or_default();
    let is_cut = typed.len() < line.trim_start().split("  ").next().unwrap_or_default().len();
    let words = std::iter::once("ralph-teams").chain(typed.split_whitespace());
    if let Err(error) = Cli::command().try_get_matches_from(words) {
        use clap::error::ErrorKind::{InvalidSubcommand, InvalidValue, MissingRequiredArgument, UnknownArgument};
        let kind = error.kind();
        let is_wrong = [UnknownArgument, InvalidSubcommand].contains(&kind)
            || !is_cut && [InvalidValue, MissingRequiredArgument].contains(&kind);
        assert!(!is_wrong, "{name}: `ralph-teams {typed}`: {error}");
    }
}

#[test]
fn every_argument_is_explained() {
    for node in all() {
        for argument in node.command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{}: {} has no help", node.name(), argument.get_id());
        }
    }
}

#[test]
fn a_command_that_states_things_states_them_for_programs_too() {
    // One that only holds others has nothing to say itself.
    let states = |node: &&Node| !node.path.is_empty() && !node.command.is_subcommand_required_set();
    for node in for_people().iter().filter(states) {
        let name = node.path.join(" ");
        let has = node.flags().contains(&"json");
        assert_eq!(
            !has,
            WITHOUT_JSON.contains(&name.as_str()),
            "{name}: give it --json, or say here why it needs none"
        );
    }
}
