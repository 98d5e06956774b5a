//! The composition root: each command as one function that puts the rooms together.

#[macro_use]
mod say;
pub mod refusal;
pub mod repository;
pub mod inputs;
pub mod history;
pub mod unfinished;
pub mod edits;
pub mod acp;
pub mod base;
pub mod preflight;
pub mod team;
pub mod launch;
mod hooks;
pub mod flags;
pub mod run;
pub mod resume;
pub mod status;
mod foreground;
mod opener;
pub mod tui;
pub mod watch;
pub mod stop;
pub mod reset;
pub mod land;
pub mod consent;
pub mod asking;
pub mod logs;
pub mod table;
pub mod runs;
pub mod worktrees;
pub mod recover;
pub mod prompts;
pub mod idea;
pub mod init;
pub mod plan;
pub mod task;
pub mod validate;
pub mod look;
pub mod difference;
pub mod editor_schema;
pub mod setup;
pub mod ready;
pub mod summary;
pub mod config;
pub mod doctor;
pub mod shell;
pub mod lint;
pub mod demo;
pub mod rehearsal;
pub mod mcp;

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{Cli, Command};
use crate::exit::ExitCode;
use refusal::Refusal;

/// Hosts a program when the command line asks for the hidden `ralph-teams host`; `None` for every other one.
///
/// To be called before anything else: before threads, runtimes and argument parsers exist.
#[must_use]
pub fn dispatch_host(args: impl Iterator<Item = OsString>) -> Option<std::process::ExitCode> {
    crate::effects::host::dispatch(args)
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run_command(cli.command).unwrap_or_else(|refusal| refusal.tell()),
        Err(error) => {
            // A terminal that is gone cannot be told anything.
            let _ = error.print();
            let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if asked_for { ExitCode::Success } else { ExitCode::BadInput }
        }
    }
}

fn run_command(command: Command) -> Result<ExitCode, Refusal> {
    match command {
        Command::Init(args) => init::init(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Run(args) => run::run(&args),
        Command::Resume(args) => resume::resume(&args),
        Command::Task(args) => task::task(&args),
        Command::Validate(args) => validate::validate(&args),
        Command::Lint(args) => lint::lint(&args),
        Command::Setup(args) => setup::setup(&args),
        Command::Ready(args) => ready::ready(&args),
        Command::Summary(args) => summary::summary(&args),
        Command::Status(args) => status::status(&args),
        Command::Watch(args) => watch::watch(&args),
        Command::Stop(args) => stop::stop(&args),
        Command::Land(args) => land::land(&args),
        Command::Reset(args) => reset::reset(&args),
        Command::Logs(args) => logs::logs(&args),
        Command::Runs(args) => runs::runs(&args),
        Command::Worktrees(args) => worktrees::worktrees(&args),
        Command::Recover(args) => recover::recover(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
        Command::Config(args) => config::config(&args),
        Command::Prompts(args) => prompts::prompts(&args),
        Command::Demo(args) => demo::demo(&args),
        // Reached only with arguments that the host does not know; it is dispatched before the command line is read.
        Command::Host(_) => Err(Refusal::input("`ralph-teams host` takes the path of one spec and is not for people")),
        Command::RehearsalAgent(_) => rehearsal::play(),
        Command::AcpClient(args) => acp::converse(&args),
        Command::Mcp(args) => mcp::mcp(&args),
    }
}
