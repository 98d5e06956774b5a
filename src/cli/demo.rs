//! `ralph-teams demo`.

use std::path::PathBuf;

use clap::Args;

use super::values::{ThemeName, UiMode};

const EXAMPLES: &str = "\
Examples:
  ralph-teams demo
  ralph-teams demo --ui tui
  ralph-teams demo /tmp/ralph-demo --ui plain

It costs nothing: a built-in agent that only pretends does the work.";

/// Make a small example repository and run it with an agent that only pretends
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Where to make it; must be empty or not exist [default: a new temporary directory]
    pub dir: Option<PathBuf>,
    /// How to show the run
    #[arg(long, value_enum, default_value_t)]
    pub ui: UiMode,
    /// The colours of the full screen
    #[arg(long, value_enum, default_value_t)]
    pub theme: ThemeName,
}
