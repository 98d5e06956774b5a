//! The command line: types that hold what was typed, one file per command, and nothing that acts.

use clap::{Parser, Subcommand};

pub mod values;
pub mod init;
pub mod plan;
pub mod task;
pub mod run;
pub mod resume;
pub mod validate;
pub mod lint;
pub mod setup;
pub mod ready;
pub mod summary;
pub mod status;
pub mod watch;
pub mod stop;
pub mod reset;
pub mod land;
pub mod logs;
pub mod runs;
pub mod worktrees;
pub mod recover;
pub mod config;
pub mod doctor;
pub mod shell;
pub mod prompts;
pub mod acp;
pub mod demo;
pub mod host;
pub mod rehearsal;
pub mod mcp;

pub use acp::AcpClientArgs;
pub use config::ConfigArgs;
pub use demo::DemoArgs;
pub use doctor::DoctorArgs;
pub use host::HostArgs;
pub use init::InitArgs;
pub use land::LandArgs;
pub use lint::LintArgs;
pub use logs::LogsArgs;
pub use mcp::McpArgs;
pub use plan::PlanArgs;
pub use prompts::PromptsArgs;
pub use ready::ReadyArgs;
pub use recover::RecoverArgs;
pub use rehearsal::RehearsalAgentArgs;
pub use reset::ResetArgs;
pub use resume::ResumeArgs;
pub use run::RunArgs;
pub use runs::RunsArgs;
pub use setup::SetupArgs;
pub use shell::{CompletionsArgs, ManArgs};
pub use status::StatusArgs;
pub use stop::StopArgs;
pub use summary::SummaryArgs;
pub use task::TaskArgs;
pub use validate::ValidateArgs;
pub use watch::WatchArgs;
pub use worktrees::WorktreesArgs;

/// The PRD when none is named.
pub const DEFAULT_PRD: &str = "prd.json";

/// What `--version` tells: the version, the commit that it was built from, where that is known, and the target.
pub const LONG_VERSION: &str = env!("RALPH_TEAMS_LONG_VERSION");

const EXAMPLES: &str = "\
Examples:
  ralph-teams demo                     watch a run in a throw-away repository
  ralph-teams validate                 check prd.json
  ralph-teams run                      work through prd.json, one epic at a time
  ralph-teams run --parallel 3         three epics side by side

Exit codes:
  0 pass, 1 something failed, 2 bad input, 3 environment, 4 stopped by a limit,
  70 internal error, 130 interrupted";

/// Runs the epics of a prd.json with AI coding agents, proves each with your gates, and merges what is proven.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(name = "ralph-teams", bin_name = "ralph-teams", version, long_version = LONG_VERSION, after_help = EXAMPLES)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Setup(SetupArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Init(InitArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Plan(PlanArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Validate(ValidateArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Lint(LintArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Run(RunArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Resume(ResumeArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Task(TaskArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Summary(SummaryArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Status(StatusArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Watch(WatchArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Logs(LogsArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Stop(StopArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Reset(ResetArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Land(LandArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Runs(RunsArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Worktrees(WorktreesArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Recover(RecoverArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Doctor(DoctorArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Ready(ReadyArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Config(ConfigArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Prompts(PromptsArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Demo(DemoArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Completions(CompletionsArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Man(ManArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Host(HostArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    RehearsalAgent(RehearsalAgentArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    AcpClient(AcpClientArgs),
    #[expect(missing_docs, reason = "the help text is the first line of the arguments' type")]
    Mcp(McpArgs),
}

#[cfg(test)]
mod tests;
