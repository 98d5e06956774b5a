//! Leads that wait for sessions that they delegated to: each call has a number, and gets one answer.
//!
//! A session that works for a lead leaves here what was found of its work; the scheduler says when the lead is told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::oneshot;

use crate::scheduler::Job;
use crate::scheduler::delegation::Told;

/// What a lead is told, and what was found of the work of its session.
#[derive(Debug)]
pub struct Word {
    /// What became of the call.
    pub told: Told,
    /// What was found, if a session ran.
    pub found: Option<Map<String, Value>>,
}

/// All calls of one life of a run.
#[derive(Debug, Default)]
pub struct Delegations(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    last: u32,
    waiting: BTreeMap<(Job, u32), oneshot::Sender<Word>>,
    found: BTreeMap<Job, Map<String, Value>>,
}

/// A lead that waits; dropped, it waits no longer.
pub struct Waiting<'a> {
    all: &'a Delegations,
    lead: Job,
    /// The number of the call: no other of this life has it.
    pub call: u32,
    word: oneshot::Receiver<Word>,
}

impl Delegations {
    /// A lead begins to wait.
    pub fn begin(&self, lead: &Job) -> Waiting<'_> {
        let (sender, word) = oneshot::channel();
        let mut calls = self.locked();
        calls.last += 1;
        let call = calls.last;
        calls.waiting.insert((lead.clone(), call), sender);
        Waiting { all: self, lead: lead.clone(), call, word }
    }

    /// Keeps what was found of the work of a session until its lead is told.
    pub fn keep(&self, session: &Job, found: Map<String, Value>) {
        self.locked().found.insert(session.clone(), found);
    }

    /// Tells a lead. One that does not wait any longer is told nothing.
    pub fn tell(&self, lead: &Job, call: u32, told: Told) {
        let mut calls = self.locked();
        let found = match &told {
            Told::Refused(_) => None,
            Told::Ended { session, .. } => calls.found.remove(session),
        };
        if let Some(waiting) = calls.waiting.remove(&(lead.clone(), call)) {
            // Gone only when nobody waits any more.
            let _ = waiting.send(Word { told, found });
        }
    }

    fn locked(&self) -> MutexGuard<'_, Calls> {
        // Nothing in here can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    /// Waits for the answer; `None`: there will be none.
    pub async fn word(&mut self) -> Option<Word> {
        (&mut self.word).await.ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.locked().waiting.remove(&(self.lead.clone(), self.call));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::EpicId;
    use crate::scheduler::delegation::{Ending, Refusal};
    use crate::scheduler::{Role, Scope, Task};

    fn job(role: Role) -> Job {
        Job { scope: Scope::Epic(EpicId::new("a").expect("an id")), task: Task::Session(role), n: 1 }
    }

    #[tokio::test]
    async fn each_call_gets_its_own_answer_with_what_was_found() {
        let (all, lead, builder) = (Delegations::default(), job(Role::TeamLead), job(Role::Builder));
        let (mut first, mut second) = (all.begin(&lead), all.begin(&lead));
        assert_ne!(first.call, second.call);
        all.keep(&builder, Map::from_iter([("tip".to_owned(), "abc".into())]));
        all.tell(&lead, second.call, Told::Refused(Refusal::Budget));
        all.tell(&lead, first.call, Told::Ended { session: builder, how: Ending::Done });
        assert!(second.word().await.expect("an answer").found.is_none());
        assert_eq!(first.word().await.expect("an answer").found.expect("found")["tip"], "abc");
    }

    #[tokio::test]
    async fn who_does_not_wait_any_longer_is_forgotten() {
        let (all, lead) = (Delegations::default(), job(Role::TeamLead));
        let call = all.begin(&lead).call;
        all.tell(&lead, call, Told::Refused(Refusal::Budget));
        assert!(all.locked().waiting.is_empty());
    }
}
