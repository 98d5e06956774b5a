//! `ralph-teams config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  ralph-teams config show --origin                 every value, and who set it
  ralph-teams config set execution.parallel 3
  ralph-teams config schema > config.schema.json";

const SHOW_EXAMPLES: &str = "\
Examples:
  ralph-teams config show
  ralph-teams config show --origin
  ralph-teams config show --origin -- --backend codex --parallel 3    as `run` takes it
  ralph-teams config show --json

Variables of backends whose names speak of secrets are not shown.";

const SET_EXAMPLES: &str = "\
Examples:
  ralph-teams config set execution.backend codex
  ralph-teams config set execution.fallback '[gemini, opencode]'
  ralph-teams config set gates '[{name: test, run: npm test}]'
  ralph-teams config set 'gates[0].timeout' 900
  ralph-teams config set execution.model null          as if it were not given

Comments, order and form of everything else stay. The result is checked before anything is written.";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  ralph-teams config schema > config.schema.json

Editors check and complete the file when its first line is
  # yaml-language-server: $schema=config.schema.json";

/// Show the merged configuration, change the file, print its schema
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ConfigArgs {
    /// What to do
    #[command(subcommand)]
    pub what: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ConfigCommand {
    /// Show the merged result of flags, environment, file, preset and defaults
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Say of each value where it comes from
        #[arg(long)]
        origin: bool,
        /// Print JSON, for other programs
        #[arg(long)]
        json: bool,
        /// The configuration file [default: ralph.config.yml in the root of the repository]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Flags as for `run`, behind `--`
        #[arg(last = true, value_name = "FLAGS OF RUN")]
        flags: Vec<String>,
    },
    /// Set a key in the file, and leave everything else in it as it is
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The path of the key, like execution.parallel
        key: String,
        /// The value, as in the file
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// The configuration file [default: ralph.config.yml in the root of the repository]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Print the JSON schema of the file
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
}
