//! What is to be done, and by whom: a PRD, gates, and a script for the agent whose result does not depend on how often
//! a session is cut short and begun again.

use std::path::Path;

use serde_json::{Value, json};

/// One repository's task.
#[derive(Debug, Clone)]
pub struct Story {
    pub prd: Value,
    pub script: Value,
    /// Name and command.
    pub gates: Vec<(String, String)>,
    /// More lines of `ralph.config.yml`.
    pub config: String,
    /// Epics side by side.
    pub parallel: u32,
    /// The agent's command line; without it the fake agent with the script.
    pub argv: Option<Value>,
    /// The head of `ralph.config.yml`; empty: the command backend with that command line.
    pub backend: String,
}

fn story(id: &str) -> Value {
    json!({ "id": id, "title": format!("Do {id}"), "description": "As a person I want it.",
            "acceptanceCriteria": ["It is there"], "priority": 1, "passes": false, "failureReason": null })
}

fn epic(id: &str, depends_on: &[&str], stories: &[&str]) -> Value {
    let stories: Vec<Value> = stories.iter().map(|id| story(id)).collect();
    json!({ "id": id, "title": format!("Epic {id}"), "description": "Needed.", "status": "pending", "planned": false,
            "dependsOn": depends_on, "userStories": stories })
}

/// A PRD of these epics.
pub fn prd(epics: &[Value]) -> Value {
    json!({ "project": "Soak", "description": "A small thing.", "epics": epics })
}

impl Story {
    /// Six epics: two that conflict, one whose gate is red at first, one whose first session dies, one that leaves
    /// work uncommitted; and for `with_failure` one that ends half done, with one that waits for it in vain.
    ///
    /// `beside` is a folder for what the agent must remember.
    pub fn rich(beside: &Path, with_failure: bool) -> Self {
        let mut epics = vec![
            epic("EPIC-001", &[], &["US-001", "US-002"]),
            epic("EPIC-002", &[], &["US-003"]),
            epic("EPIC-003", &[], &["US-004"]),
            epic("EPIC-004", &["EPIC-001"], &["US-005"]),
            epic("EPIC-005", &["EPIC-002"], &["US-006"]),
            epic("EPIC-006", &["EPIC-004", "EPIC-005"], &["US-007"]),
        ];
        if with_failure {
            epics.push(epic("EPIC-007", &["EPIC-001"], &["US-008", "US-009"]));
            epics.push(epic("EPIC-008", &["EPIC-007"], &["US-010"]));
        }
        // On a busy machine one of the two may begin when the other one is merged: then it finds that one's line.
        let notes = |line: &str| json!([{ "append": { "path": "NOTES.md", "line": line } }, "honest"]);
        let first_time = json!({ "fail_first": { "counter": beside.join("mended"), "times": 1, "code": 0 } });
        let script = json!({
            "EPIC-002/team-lead/*": notes("alpha"),
            "EPIC-003/team-lead/*": notes("beta"),
            "EPIC-004/team-lead/*": ["honest", first_time, { "write": { "path": "mended.txt", "text": "mended\n" } },
                                     { "commit": "Mend it" }, { "report": "honest" }],
            "EPIC-005/team-lead/1": [{ "print": "about to die" }, { "die": 9 }],
            "EPIC-006/team-lead/*": ["honest", { "write": { "path": "left.txt", "text": "left\n" } }],
            "EPIC-007/team-lead/*": ["work", { "report": { "failing": { "US-009": "it cannot be done" } } }],
        });
        let gates =
            [("no markers", "! grep -q '^<<<<<<<' NOTES.md"), ("mended", "! test -e US-005.txt || test -e mended.txt")];
        Self {
            prd: prd(&epics),
            script,
            gates: gates.map(|(name, run)| (name.to_owned(), run.to_owned())).to_vec(),
            // Watchers that are killed cost attempts, by design; here they must not decide the outcome.
            config: "policy:\n  maxAttempts: 100\n  maxFixCycles: 2\n  maxMergeRounds: 10\n".to_owned(),
            parallel: 3,
            argv: None,
            backend: String::new(),
        }
    }

    /// One epic with one story, and these steps for its lead.
    pub fn small(steps: Value) -> Self {
        Self {
            prd: prd(&[epic("EPIC-001", &[], &["US-001"])]),
            script: json!({ "EPIC-001/team-lead/*": steps }),
            gates: Vec::new(),
            config: String::new(),
            parallel: 1,
            argv: None,
            backend: String::new(),
        }
    }

    /// Two epics, one after the other; these are the steps of the second one's lead.
    pub fn in_a_row(steps: &Value) -> Self {
        let epics = [epic("EPIC-001", &[], &["US-001"]), epic("EPIC-002", &["EPIC-001"], &["US-002"])];
        Self { prd: prd(&epics), script: json!({ "EPIC-002/team-lead/*": steps }), ..Self::small(json!([])) }
    }

    pub fn agent(mut self, argv: Value) -> Self {
        self.argv = Some(argv);
        self
    }

    pub fn gate(mut self, name: &str, run: &str) -> Self {
        self.gates.push((name.to_owned(), run.to_owned()));
        self
    }

    pub fn config(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self
    }

    /// `ralph.config.yml`.
    pub fn config_file(&self, agent: &str, script: &Path) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        let argv = self.argv.clone().unwrap_or_else(|| json!([agent, "--script", script]));
        let gates: String = self
            .gates
            .iter()
            .map(|(name, run)| format!("  - name: {}\n    run: {}\n", quoted(name), quoted(run)))
            .collect();
        let gates = if gates.is_empty() { String::new() } else { format!("gates:\n{gates}") };
        if !self.backend.is_empty() {
            return format!("{}{gates}{}", self.backend, self.config);
        }
        format!(
            "execution:\n  epicPlanning: false\n  epicValidation: false\n  backend: command\n  parallel: {}\nbackends:\n  command:\n    argv: {argv}\n{gates}{}",
            self.parallel, self.config
        )
    }
}
