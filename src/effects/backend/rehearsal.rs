//! A rehearsal: this very program plays the agent, without a model, so that a run can be watched and tested for free.

mod agent;
mod git;
mod idea;
mod resolve;
mod script;

use std::path::PathBuf;

pub use self::agent::rehearsal_agent;
pub use self::script::{BROKEN_MARK, SCRIPT_VARIABLE, Script, StoryScript};
use super::command::PlainReader;
use super::{Accounts, Backend, InterviewAsk, Launch, LaunchAsk, Reader, Settings, locate};
use crate::domain::usage::Usage;

/// The hidden command under which this program plays the agent.
pub const REHEARSAL_COMMAND: &str = "rehearsal-agent";

/// The adapter for the rehearsal.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    this_program: PathBuf,
    settings: Settings,
}

impl Rehearsal {
    /// An adapter that starts `this_program`, usually `std::env::current_exe()`.
    #[must_use]
    pub fn new(this_program: PathBuf, settings: Settings) -> Self {
        Self { this_program, settings }
    }
}

impl Backend for Rehearsal {
    fn name(&self) -> &'static str {
        "rehearsal"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        locate::of_this_program(&self.this_program)
    }

    fn launch(&self, _ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?.to_string_lossy().into_owned();
        let mut argv = vec![program, REHEARSAL_COMMAND.to_owned()];
        argv.extend(self.settings.args.iter().cloned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn interview(&self, _ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?.to_string_lossy().into_owned();
        Ok(Launch { argv: vec![program, REHEARSAL_COMMAND.to_owned()], env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        variable == SCRIPT_VARIABLE
    }

    fn permission_words(&self) -> &'static str {
        "no model, nothing is asked"
    }

    fn takes_helpers(&self) -> bool {
        false
    }

    /// There is no model behind it, so it is known to cost nothing.
    fn accounts(&self) -> Accounts {
        Accounts::Money
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(PlainReader::of(Usage::default()))
    }
}
