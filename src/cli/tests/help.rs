//! The help of every command, word for word: `snapshots/`, one file for each. `INSTA_UPDATE=always cargo test --lib cli::`
//! writes them anew.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory as _;

use super::tree::{Node, all};
use crate::cli::Cli;

/// The help of a command, without blanks at the ends of lines.
fn help(node: &Node) -> String {
    // The width of the terminal that the tests run in must not matter.
    let arguments = ["ralph-teams"].into_iter().chain(node.path.iter().map(String::as_str)).chain(["--help"]);
    let shown = Cli::command().term_width(100).try_get_matches_from(arguments).expect_err("help");
    assert_eq!(shown.exit_code(), 0);
    shown.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_help_is_as_it_was_agreed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for node in all() {
            insta::assert_snapshot!(node.name(), help(&node));
        }
    });
}

#[test]
fn no_help_is_left_over_from_a_command_that_is_gone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/tests/snapshots");
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    let kept: BTreeSet<String> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    let expected: BTreeSet<String> = all().iter().map(|node| node.name() + ".snap").collect();
    assert_eq!(kept, expected, "left: what is there, right: what there should be");
}
