//! The base of a run: the loop branch is made, and the gates are run on the commit that everything begins from; and what
//! gates say of the tip of the loop branch.

use std::collections::BTreeSet;

use super::command::{Command, Finding};
use super::job::{Job, Scope, Task};
use super::notice::Notice;
use super::run::{Run, Stage};
use crate::domain::gate::GateOutcome;

impl Run {
    /// Asks for the loop branch and the proof of the commit that everything begins from.
    pub(super) fn open(&mut self) {
        let job = self.name_job(&Scope::Run, Task::Open);
        self.open_again(job);
    }

    /// [`Self::open`] under a name that was given before.
    pub(super) fn open_again(&mut self, job: Job) {
        self.stage = Stage::Opening { job: job.clone() };
        self.ask(Command::Open { job, start: self.start.clone() });
    }

    /// The base is proven, or cannot be.
    pub(super) fn opened(&mut self, gates: &[GateOutcome]) {
        if let Some(gate) = gates.iter().find(|gate| gate.unrunnable()) {
            let what = format!(
                "gate `{}` cannot be run on the base: `{}` says {:?}; correct it in ralph.config.yml",
                gate.name, gate.command, gate.tail
            );
            return self.environment_broke(&what);
        }
        self.loop_gates = gates.to_vec();
        self.red_at_start = self.red_on_loop();
        self.stage = Stage::Working;
        let red = gates.iter().filter(|gate| !gate.green()).cloned().collect();
        self.tell(Notice::Opened { red, n_gates: gates.len() });
    }

    /// One finding for each gate that should have run and did not: what was not proven does not count as proven.
    pub(super) fn gates_not_run(&self, ran: &[GateOutcome]) -> Vec<Finding> {
        let missing = self.policy.gates.iter().filter(|gate| !ran.iter().any(|outcome| outcome.name == gate.name));
        missing.map(|gate| Finding::Violation(format!("gate `{}` did not run", gate.name))).collect()
    }

    /// The gates that are red on the tip of the loop branch. A gate that is red there cannot prove anything about what
    /// comes on top, so it blocks nothing until it is green.
    pub(super) fn red_on_loop(&self) -> BTreeSet<String> {
        self.loop_gates.iter().filter(|gate| !gate.green()).map(|gate| gate.name.clone()).collect()
    }
}
