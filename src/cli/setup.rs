//! `ralph-teams setup`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ralph-teams setup                                    ask, show the file, ask once more, write it
  ralph-teams setup --yes                              take what the repository itself says
  ralph-teams setup --yes --backend codex --preset full
  ralph-teams setup --yes --set execution.parallel=2 --set 'worktrees.include=[.env]'
  ralph-teams setup --yes --overwrite                  replace a file that is there, after showing what changes

What is proposed is read out of Makefile, package.json, Cargo.toml, CI workflows and the like, each with the line
that backs it. Nothing of the repository is run. Ctrl-C or Esc at any question: nothing is written (130).";

/// Write ralph.config.yml: ask what cannot be known, propose what the repository says
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct SetupArgs {
    /// Ask nothing: take the proposals
    #[arg(long)]
    pub yes: bool,
    /// The agent program
    #[arg(long, value_name = "NAME")]
    pub backend: Option<String>,
    /// balanced, full or minimal
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// A key of the file and its value in YAML; may be given again and again
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// With --yes: replace a file that is there
    #[arg(long, requires = "yes")]
    pub overwrite: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as execution.parallel=3")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
