//! `ralph-teams completions` and `ralph-teams man`: what shells and `man` want to know of the command line.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(ralph-teams completions bash)                                          in ~/.bashrc
  ralph-teams completions zsh > ~/.zfunc/_ralph-teams                             a folder in fpath
  ralph-teams completions fish > ~/.config/fish/completions/ralph-teams.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  ralph-teams man | man -l -
  ralph-teams man --dir ~/.local/share/man/man1    one page for each command; then: man ralph-teams-run";

/// Print the completions for a shell
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Print the manual page, or write the pages of all commands
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub struct ManArgs {
    /// Write a page for each command into this folder, which is made when it is missing
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
