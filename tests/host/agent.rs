//! The stand-in agent itself: other tests rely on its honesty, and on its lies.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::scene::AGENT;

/// A repository in which the agent works.
struct Worktree {
    folder: tempfile::TempDir,
}

impl Worktree {
    fn new() -> Self {
        let worktree = Self { folder: tempfile::tempdir().unwrap() };
        worktree.git(&["init", "--quiet", "--initial-branch", "main"]);
        worktree.write(".git/info/exclude", ".ralph/\n");
        worktree.commit("shared.txt", "base\n");
        let stories = json!([{ "id": "US-001", "passes": false }, { "id": "US-002", "passes": false },
                             { "id": "US-003", "passes": true }]);
        worktree.write(".ralph/epic.json", &json!({ "id": "EPIC-001", "userStories": stories }).to_string());
        worktree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn commit(&self, name: &str, text: &str) {
        self.write(name, text);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", name]);
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.git_output(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn git_output(&self, args: &[&str]) -> std::process::Output {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@test.invalid", "-c", "commit.gpgsign=false"];
        Command::new("git").args(identity).args(args).current_dir(self.folder.path()).output().unwrap()
    }

    /// Runs the agent to its end and returns its exit code.
    fn agent(&self, role: &str, attempt: u32, script: Option<&Value>) -> Option<i32> {
        let mut agent = Command::new(AGENT);
        if let Some(script) = script {
            self.write(".ralph/script.json", &script.to_string());
            agent.arg("--script").arg(self.path(".ralph/script.json"));
        }
        let report: &Path = Path::new(".ralph/report.json");
        agent
            .current_dir(self.folder.path())
            .env("RALPH_ROLE", role)
            .env("RALPH_EPIC_ID", "EPIC-001")
            .env("RALPH_ATTEMPT", attempt.to_string())
            .env("RALPH_EPIC_FILE", ".ralph/epic.json")
            .env("RALPH_REPORT", report)
            .env_remove("FAKE_AGENT_SCRIPT")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        agent.status().unwrap().code()
    }

    fn report_text(&self) -> String {
        std::fs::read_to_string(self.path(".ralph/report.json")).unwrap()
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.report_text()).unwrap()
    }

    fn n_commits(&self) -> usize {
        self.git(&["rev-list", "--count", "HEAD"]).parse().unwrap()
    }
}

#[test]
fn an_honest_lead_commits_each_pending_story_and_reports_the_commits() {
    let worktree = Worktree::new();
    assert_eq!(worktree.agent("team-lead", 1, None), Some(0));
    assert_eq!(worktree.n_commits(), 3);
    let report = worktree.report();
    assert_eq!(report["epicId"], "EPIC-001");
    assert_eq!(report["stories"]["US-002"]["passes"], true);
    assert_eq!(report["stories"]["US-002"]["commit"], worktree.git(&["rev-parse", "HEAD"]));
    assert_eq!(report["stories"]["US-001"]["commit"], worktree.git(&["rev-parse", "HEAD~1"]));
    assert_eq!(report["stories"].get("US-003"), None);
    assert_eq!(worktree.agent("team-lead", 2, None), Some(0));
    assert_eq!((worktree.n_commits(), worktree.report()), (3, report), "a second attempt keeps the first one's work");
}

#[test]
fn an_honest_resolver_keeps_both_sides_and_commits_the_merge() {
    for commit in [true, false] {
        let worktree = Worktree::new();
        worktree.git(&["switch", "--quiet", "--create", "theirs"]);
        worktree.commit("shared.txt", "theirs\n");
        worktree.git(&["switch", "--quiet", "main"]);
        worktree.commit("shared.txt", "ours\n");
        assert!(!worktree.git_output(&["merge", "--quiet", "theirs"]).status.success());
        let script = json!({ "*/resolver/*": [{ "resolve": { "commit": commit } }] });
        assert_eq!(worktree.agent("resolver", 1, Some(&script)), Some(0));
        assert_eq!(std::fs::read_to_string(worktree.path("shared.txt")).unwrap(), "ours\ntheirs\n");
        assert_eq!(!worktree.path(".git/MERGE_HEAD").exists(), commit);
        assert_eq!(worktree.git(&["diff", "--name-only", "--diff-filter=U"]), "");
    }
}

#[test]
fn an_honest_validator_passes_and_a_scripted_one_finds_what_it_is_told() {
    let worktree = Worktree::new();
    assert_eq!(worktree.agent("final-validator", 1, None), Some(0));
    let report = worktree.report();
    assert_eq!((&report["verdict"], &report["tests"]), (&json!("pass"), &json!("pass")));
    let script = json!({ "*/*/*": [{ "validate": { "verdict": "fail", "findings": ["no door"] } }] });
    assert_eq!(worktree.agent("final-validator", 1, Some(&script)), Some(0));
    let report = worktree.report();
    assert_eq!((&report["phase"], &report["findings"]), (&json!("final-validation"), &json!(["no door"])));
    assert_eq!((&report["tests"], &report["browser_check"]), (&json!("fail"), &json!("na")));
}

#[test]
fn the_lies_of_a_lead_are_as_told() {
    let worktree = Worktree::new();
    let lie = |report: Value| {
        let script = json!({ "*/*/*": ["work", { "report": report }] });
        assert_eq!(worktree.agent("team-lead", 1, Some(&script)), Some(0));
    };
    lie(json!("wrong-commit"));
    assert_eq!(worktree.report()["stories"]["US-001"]["commit"], "f".repeat(40));
    lie(json!("unproven"));
    assert_eq!(worktree.report()["stories"]["US-001"]["commit"], Value::Null);
    lie(json!("wrong-epic"));
    assert_eq!(worktree.report()["epicId"], "not-EPIC-001");
    lie(json!("half-written"));
    assert!(serde_json::from_str::<Value>(&worktree.report_text()).is_err());
    lie(json!({ "raw": "no report at all" }));
    assert_eq!(worktree.report_text(), "no report at all");
    lie(json!({ "failing": { "US-002": "the door is locked" } }));
    let report = worktree.report();
    assert_eq!(
        (&report["stories"]["US-001"]["passes"], &report["stories"]["US-002"]["passes"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(report["stories"]["US-002"]["failureReason"], "the door is locked");
}

#[test]
fn the_first_key_that_fits_decides_and_without_one_it_is_honest() {
    let worktree = Worktree::new();
    let script = json!({ "EPIC-002/*/*": [{ "exit": 2 }], "EPIC-001/team-lead/2": [{ "exit": 3 }],
                         "*/resolver/*": [{ "exit": 4 }] });
    assert_eq!(worktree.agent("team-lead", 2, Some(&script)), Some(3));
    assert_eq!(worktree.agent("resolver", 1, Some(&script)), Some(4));
    assert_eq!(worktree.n_commits(), 1);
    assert_eq!(worktree.agent("team-lead", 1, Some(&script)), Some(0));
    assert_eq!(worktree.n_commits(), 3);
}

#[test]
fn it_can_fail_the_first_times_only() {
    let worktree = Worktree::new();
    let counter = worktree.path(".ralph/count");
    let script = json!({ "*/*/*": [{ "fail_first": { "counter": counter, "times": 2, "code": 9 } }, { "exit": 0 }] });
    let codes: Vec<_> = (1..=3).map(|attempt| worktree.agent("team-lead", attempt, Some(&script))).collect();
    assert_eq!(codes, [Some(9), Some(9), Some(0)]);
}

#[test]
fn it_can_delete_its_worktree_and_a_faulty_script_is_told() {
    let worktree = Worktree::new();
    let script = json!({ "*/*/*": ["delete_worktree"] });
    assert_eq!(worktree.agent("team-lead", 1, Some(&script)), Some(0));
    assert!(!worktree.folder.path().exists());
    let worktree = Worktree::new();
    assert_eq!(worktree.agent("team-lead", 1, Some(&json!({ "*/*/*": ["dance"] }))), Some(98));
}
