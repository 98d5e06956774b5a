//! The agents of one epic: its session, and the sub-agents below it, in the order in which a tree is drawn.
//!
//! **Invariant:** the session is the root and stays. However many sub-agents there are, no more than [`AGENTS_MAX`] are
//! kept, and each of them below the one that started it.

use crate::domain::activity::Activity;
use crate::ui::{phrases, safe};

/// Agents that are kept of each session.
pub const AGENTS_MAX: usize = 40;

/// A session or a sub-agent. Its texts are safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// What its program calls it; empty for a session.
    pub id: String,
    /// Its role or kind, with a number where there is more than one of them.
    pub name: String,
    /// What for.
    pub summary: String,
    /// What it does now, or did last.
    pub doing: String,
    /// How deep below the session: 0 is the session itself.
    pub depth: usize,
    /// Since when.
    pub since: u64,
    /// Until when; `None`: it is at work.
    pub until: Option<u64>,
    /// Whether it failed.
    pub failed: bool,
    /// What it consumed, where that is known.
    pub tokens: Option<u64>,
}

/// What is left of sessions that are over, in sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Earlier {
    /// Sessions.
    pub n_sessions: usize,
    /// Those that failed.
    pub n_failed: usize,
    /// Their sub-agents.
    pub n_agents: usize,
    /// How long the sessions lived in all, in milliseconds.
    pub took_ms: u64,
    /// What they consumed.
    pub tokens: u64,
}

/// The tree of the newest session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The agents, each behind the one that started it.
    pub agents: Vec<Agent>,
    /// Sub-agents of this session that are over and were let go.
    pub n_gone: usize,
    /// The sessions before.
    pub earlier: Earlier,
}

impl Tree {
    /// A session starts: those before are folded.
    pub fn session_started(&mut self, at: u64, role: &str, summary: String) {
        self.end_all(at);
        let sessions = self.agents.iter().filter(|agent| agent.depth == 0);
        for session in sessions {
            self.earlier.n_sessions += 1;
            self.earlier.n_failed += usize::from(session.failed);
            self.earlier.took_ms += session.until.unwrap_or(at).saturating_sub(session.since);
            self.earlier.tokens += session.tokens.unwrap_or(0);
        }
        self.earlier.n_agents += self.n_gone + self.agents.iter().filter(|agent| agent.depth > 0).count();
        self.n_gone = 0;
        self.agents = vec![Agent { name: role.to_owned(), summary, since: at, ..Agent::default() }];
    }

    /// The session ended, and all below it with it.
    pub fn session_ended(&mut self, at: u64, failed: bool, tokens: u64) {
        if let Some(session) = self.agents.first_mut().filter(|agent| agent.depth == 0) {
            session.failed = failed;
            session.tokens = Some(tokens).filter(|tokens| *tokens > 0);
        }
        self.end_all(at);
    }

    /// Nothing is at work any more.
    pub fn end_all(&mut self, at: u64) {
        for agent in &mut self.agents {
            agent.until.get_or_insert(at);
        }
    }

    /// Takes in what an agent does.
    pub fn take(&mut self, at: u64, activity: &Activity) {
        let doing = phrases::activity(activity).unwrap_or_default();
        match activity {
            Activity::SubAgentStarted { id, parent, name, summary } => {
                let (name, summary) = (self.numbered(&safe::line(name, 40)), safe::line(summary, 120));
                let agent = Agent { id: id.clone(), name, summary, since: at, ..Agent::default() };
                self.insert(parent.as_deref(), agent);
            }
            Activity::SubAgentProgress { id, tokens, .. } => {
                if let Some(agent) = self.at_work(Some(id)) {
                    agent.doing = doing;
                    agent.tokens = tokens.or(agent.tokens);
                }
            }
            Activity::SubAgentEnded { id, failed, .. } => {
                if let Some(agent) = self.at_work(Some(id)) {
                    (agent.until, agent.failed) = (Some(at), *failed);
                }
            }
            Activity::ToolStarted { by, .. } | Activity::ToolEnded { by, failed: true, .. } => {
                if let Some(agent) = self.at_work(by.as_deref()) {
                    agent.doing = doing;
                }
            }
            Activity::Text(_) | Activity::Retrying { .. } => {
                if let Some(agent) = self.at_work(None) {
                    agent.doing = doing;
                }
            }
            Activity::Identified(_) | Activity::ToolEnded { failed: false, .. } => {}
        }
    }

    /// The sub-agent of this id, also when it is over.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().rev().find(|agent| agent.depth > 0 && agent.id == id)
    }

    /// The sub-agent of this id, or the session, while it is at work.
    fn at_work(&mut self, id: Option<&str>) -> Option<&mut Agent> {
        let is_meant = |agent: &&mut Agent| match id {
            Some(id) => agent.depth > 0 && agent.id == id,
            None => agent.depth == 0,
        };
        self.agents.iter_mut().rev().filter(is_meant).find(|agent| agent.until.is_none())
    }

    /// The name, with a number from the second one on.
    fn numbered(&self, name: &str) -> String {
        let is_same = |other: &str| {
            let rest = other.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix(' ').is_some_and(|n| n.parse::<u32>().is_ok()))
        };
        let newest = self.agents.iter().filter(|agent| agent.depth > 0 && is_same(&agent.name));
        let number = |agent: &Agent| agent.name[name.len()..].trim().parse::<u32>().unwrap_or(1);
        newest.map(number).max().map_or_else(|| name.to_owned(), |n| format!("{name} {}", n.saturating_add(1)))
    }

    /// Puts an agent below its parent, behind what is there already.
    fn insert(&mut self, parent: Option<&str>, agent: Agent) {
        if self.agents.len() >= AGENTS_MAX {
            self.make_room();
        }
        let is_parent = |other: &Agent| match parent {
            Some(id) => other.depth > 0 && other.id == id,
            None => false,
        };
        let parent = self.agents.iter().rposition(is_parent);
        // One whose parent is not known stands below the session.
        let depth = parent.map_or(1, |parent| self.agents[parent].depth + 1);
        let from = parent.map_or(0, |parent| parent + 1);
        let below = |other: &Agent| parent.is_none() || other.depth >= depth;
        let place = from + self.agents[from..].iter().take_while(|other| below(other)).count();
        self.agents.insert(place, Agent { depth, ..agent });
    }

    /// Lets the oldest sub-agent go that is over and has nobody below it; if there is none, the oldest that has nobody.
    fn make_room(&mut self) {
        let is_leaf = |n: &usize| {
            let agent = &self.agents[*n];
            agent.depth > 0 && self.agents.get(n + 1).is_none_or(|next| next.depth <= agent.depth)
        };
        let leaves: Vec<usize> = (0..self.agents.len()).filter(is_leaf).collect();
        let oldest = |over: bool| {
            let of = leaves.iter().filter(|n| !over || self.agents[**n].until.is_some());
            of.min_by_key(|n| self.agents[**n].since).copied()
        };
        if let Some(oldest) = oldest(true).or_else(|| oldest(false)) {
            self.agents.remove(oldest);
            self.n_gone += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(id: &str, parent: Option<&str>, name: &str) -> Activity {
        let (id, parent) = (id.to_owned(), parent.map(str::to_owned));
        Activity::SubAgentStarted { id, parent, name: name.to_owned(), summary: String::new() }
    }

    fn ends(id: &str) -> Activity {
        Activity::SubAgentEnded { id: id.to_owned(), name: String::new(), failed: false }
    }

    fn tool(by: Option<&str>, summary: &str) -> Activity {
        let by = by.map(str::to_owned);
        Activity::ToolStarted { by, name: "Bash".to_owned(), summary: summary.to_owned() }
    }

    fn tree() -> Tree {
        let mut tree = Tree::default();
        tree.session_started(0, "team-lead", String::new());
        tree
    }

    fn shape(tree: &Tree) -> Vec<(usize, &str)> {
        tree.agents.iter().map(|agent| (agent.depth, agent.name.as_str())).collect()
    }

    #[test]
    fn each_stands_below_the_one_that_started_it_and_same_names_are_counted() {
        let mut tree = tree();
        for activity in [
            starts("a", None, "builder"),
            starts("b", None, "builder"),
            starts("c", Some("a"), "validator"),
            starts("d", Some("c"), "reader"),
            starts("e", Some("unknown"), "builder"),
        ] {
            tree.take(1, &activity);
        }
        let expected =
            [(0, "team-lead"), (1, "builder"), (2, "validator"), (3, "reader"), (1, "builder 2"), (1, "builder 3")];
        assert_eq!(shape(&tree), expected);
    }

    #[test]
    fn what_is_done_is_noted_where_it_is_done() {
        let mut tree = tree();
        tree.take(1, &starts("a", None, "builder"));
        tree.take(2, &tool(Some("a"), "cargo test"));
        tree.take(3, &tool(None, "git log"));
        assert_eq!(tree.agents[0].doing, "Bash git log");
        assert_eq!(tree.agents[1].doing, "Bash cargo test");
        let summary = "runs the tests".to_owned();
        tree.take(4, &Activity::SubAgentProgress { id: "a".to_owned(), summary, tokens: Some(1_200) });
        assert_eq!((tree.agents[1].doing.as_str(), tree.agents[1].tokens), ("runs the tests", Some(1_200)));
        tree.take(5, &ends("a"));
        tree.take(6, &tool(Some("a"), "too late"));
        assert_eq!((tree.agents[1].until, tree.agents[1].doing.as_str()), (Some(5), "runs the tests"));
    }

    #[test]
    fn ten_thousand_sub_agents_leave_the_root_and_a_tree() {
        let mut tree = tree();
        for n in 0..10_000_u64 {
            let parent = n.checked_sub(n % 7 + 1).map(|parent| parent.to_string());
            tree.take(n, &starts(&n.to_string(), parent.as_deref().filter(|_| n % 3 > 0), "builder"));
            if n % 2 == 0 {
                tree.take(n, &ends(&n.to_string()));
            }
            assert!(tree.agents.len() <= AGENTS_MAX);
            assert_eq!((tree.agents[0].depth, tree.agents[0].name.as_str()), (0, "team-lead"));
            assert!(tree.agents.windows(2).all(|pair| pair[1].depth >= 1 && pair[1].depth <= pair[0].depth + 1));
        }
        assert_eq!(tree.agents.len() - 1 + tree.n_gone, 10_000);
    }

    #[test]
    fn sessions_before_are_folded_into_sums() {
        let mut tree = tree();
        tree.take(1, &starts("a", None, "builder"));
        tree.session_ended(1_000, true, 500);
        tree.session_started(2_000, "team-lead", "attempt 2".to_owned());
        tree.session_started(5_000, "resolver", String::new());
        let earlier = Earlier { n_sessions: 2, n_failed: 1, n_agents: 1, took_ms: 4_000, tokens: 500 };
        assert_eq!((tree.earlier, tree.agents.len()), (earlier, 1));
    }
}
