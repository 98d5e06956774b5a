//! The help texts of the commands that come before a run, word for word.

use super::help::help;

#[test]
fn the_help_of_setup() {
    insta::assert_snapshot!(help("setup"), @r#"
    Write ralph.config.yml: ask what cannot be known, propose what the repository says

    Usage: ralph-teams setup [OPTIONS]

    Options:
          --yes              Ask nothing: take the proposals
          --backend <NAME>   The agent program
          --preset <NAME>    balanced, full or minimal
          --set <KEY=VALUE>  A key of the file and its value in YAML; may be given again and again
          --overwrite        With --yes: replace a file that is there
      -h, --help             Print help

    Examples:
      ralph-teams setup                                    ask, show the file, ask once more, write it
      ralph-teams setup --yes                              take what the repository itself says
      ralph-teams setup --yes --backend codex --preset full
      ralph-teams setup --yes --set execution.parallel=2 --set 'worktrees.include=[.env]'
      ralph-teams setup --yes --overwrite                  replace a file that is there, after showing
      what changes

    What is proposed is read out of Makefile, package.json, Cargo.toml, CI workflows and the like, each
    with the line
    that backs it. Nothing of the repository is run. Ctrl-C or Esc at any question: nothing is written
    (130).
    "#);
}

#[test]
fn the_help_of_ready() {
    insta::assert_snapshot!(help("ready"), @r#"
    Look whether agents can work in this repository, and propose an AGENTS.md

    Usage: ralph-teams ready [OPTIONS]

    Options:
          --json   Print JSON, for other programs
          --write  Write the proposed AGENTS.md (or what is added to the one that is there), after a
                   question
          --yes    With --write: do not ask
      -h, --help   Print help

    Examples:
      ralph-teams ready                   look, say what is missing, show what AGENTS.md could say
      ralph-teams ready --write           the same, then ask whether to write it
      ralph-teams ready --write --yes     write it without asking
      ralph-teams ready --json            for other programs (schemas/ready.schema.json)

    Exits 0 when agents can work here, 1 when something that they need is missing, 2 on bad input.
    Without --write
    nothing is changed, and nothing of the repository is run.
    "#);
}
