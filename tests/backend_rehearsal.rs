//! The rehearsal's agent in real repositories: it does stories, breaks and mends on demand, resolves and judges.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use ralph_teams::domain::id::EpicId;
use ralph_teams::domain::report::{Check, LeadReport, ValidationReport, parse_lead, parse_validation};
use ralph_teams::effects::backend::rehearsal::{BROKEN_MARK, rehearsal_agent};

/// A repository with one commit, one level below a directory of its own: what leaves the repository is seen there, and
/// nothing that another program puts beside our temporary directories is.
struct World {
    directory: tempfile::TempDir,
    base: String,
}

impl World {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut world = Self { directory, base: String::new() };
        std::fs::create_dir(world.root()).expect("a directory");
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.git(&["config", "user.name", "Test"]);
        world.git(&["config", "user.email", "test@example.invalid"]);
        std::fs::write(world.path(".git/info/exclude"), ".ralph/\n").expect("an exclude file");
        std::fs::write(world.path("shared.txt"), "first\n").expect("a file");
        world.git(&["add", "--all"]);
        world.git(&["commit", "--quiet", "--message", "Begin"]);
        world.base = world.git(&["rev-parse", "HEAD"]);
        world
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("repository")
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).expect(relative)
    }

    fn try_git(&self, args: &[&str]) -> (bool, String) {
        let mut git = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            git.env_remove(name);
        }
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = git.args(args).current_dir(self.root()).output().expect("git");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn git(&self, args: &[&str]) -> String {
        let (good, text) = self.try_git(args);
        assert!(good, "git {args:?}");
        text
    }

    /// Plays one session; answers its exit code and what it printed.
    fn play(&self, role: &str, script: Option<&str>) -> (i32, String) {
        let mut environment = BTreeMap::from(
            [
                ("RALPH_ROLE", role),
                ("RALPH_EPIC_FILE", ".ralph/epic.json"),
                ("RALPH_REPORT", ".ralph/report.json"),
                ("RALPH_BASE", &self.base),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        if let Some(script) = script {
            let file = self.path(".ralph/script.json");
            std::fs::create_dir_all(self.path(".ralph")).expect("a directory");
            std::fs::write(&file, script).expect("a script");
            environment.insert("RALPH_REHEARSAL_SCRIPT".to_owned(), file.to_string_lossy().into_owned());
        }
        let mut output = Vec::new();
        let code = rehearsal_agent(&environment, &self.root(), &mut output);
        (code, String::from_utf8(output).expect("text"))
    }

    fn epic(&self, id: &str, stories: &[(&str, bool)]) {
        let stories: Vec<_> = stories
            .iter()
            .map(|(id, passes)| serde_json::json!({ "id": id, "title": format!("Do {id}"), "passes": passes }))
            .collect();
        std::fs::create_dir_all(self.path(".ralph")).expect("a directory");
        let epic = serde_json::json!({ "id": id, "title": "x", "userStories": stories });
        std::fs::write(self.path(".ralph/epic.json"), epic.to_string()).expect("an epic");
    }

    fn lead_report(&self, epic: &str) -> LeadReport {
        let id = EpicId::new(epic).expect("an id");
        parse_lead(self.read(".ralph/report.json").as_bytes(), &id).expect("a report")
    }

    fn judge(&self) -> ValidationReport {
        let (code, said) = self.play("final-validator", None);
        assert_eq!(code, 0, "{said}");
        parse_validation(self.read(".ralph/report.json").as_bytes()).expect("a report")
    }

    fn story_file(&self, story: &str) -> String {
        let slug = ralph_teams::domain::id::Slug::of(story);
        self.read(&format!("rehearsal/{slug}.md"))
    }
}

#[test]
fn a_lead_commits_each_pending_story_and_reports_it() {
    let world = World::new();
    world.epic("EPIC-001", &[("US-001", false), ("US-002", true), ("US-003", false)]);
    let (code, said) = world.play("team-lead", None);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("2 of 2 stories done"), "{said}");
    let report = world.lead_report("EPIC-001");
    assert_eq!(report.stories.len(), 2);
    for claim in &report.stories {
        let commit = claim.commit.as_deref().expect("a commit");
        let trailer = world.git(&["log", "-1", "--format=%(trailers:key=Ralph-Story,valueonly)", commit]);
        assert_eq!((trailer.as_str(), claim.passes), (claim.id.as_str(), true));
        assert!(world.story_file(claim.id.as_str()).contains("Status: done"));
    }
    assert_eq!(world.git(&["rev-list", "--count", &format!("{}..HEAD", world.base)]), "2");
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_session_that_is_repeated_changes_nothing_and_reports_the_same() {
    let world = World::new();
    let script = r#"{"stories": {"US-001": {"append": {"shared.txt": ["more"]}, "files": {"a/b.txt": "content"}}}}"#;
    world.epic("E", &[("US-001", false)]);
    world.play("team-lead", Some(script));
    let (tip, report) = (world.git(&["rev-parse", "HEAD"]), world.lead_report("E"));
    let (code, _) = world.play("team-lead", Some(script));
    assert_eq!((code, world.git(&["rev-parse", "HEAD"]), world.lead_report("E")), (0, tip, report));
    assert_eq!((world.read("shared.txt"), world.read("a/b.txt")), ("first\nmore\n".to_owned(), "content".to_owned()));
}

#[test]
fn a_story_that_is_broken_first_is_mended_by_the_next_session() {
    let world = World::new();
    let script = r#"{"stories": {"US-001": {"broken_first": true}}}"#;
    world.epic("E", &[("US-001", false)]);
    world.play("team-lead", Some(script));
    assert!(world.story_file("US-001").contains(BROKEN_MARK));
    assert_eq!(world.judge().findings, ["US-001: its file is broken"]);
    world.play("team-lead", Some(script));
    assert!(world.story_file("US-001").contains("Status: done"));
    assert_eq!(world.lead_report("E").stories[0].commit.as_deref(), Some(world.git(&["rev-parse", "HEAD"]).as_str()));
    assert!(world.judge().pass);
}

#[test]
fn a_round_of_fixes_for_the_whole_run_mends_what_is_broken() {
    let world = World::new();
    world.epic("E", &[("US-001", false)]);
    world.play("team-lead", Some(r#"{"stories": {"US-001": {"broken_first": true}}}"#));
    std::fs::remove_file(world.path(".ralph/epic.json")).expect("no epic");
    let (code, said) = world.play("team-lead", None);
    assert_eq!(code, 0, "{said}");
    assert!(world.judge().pass);
}

#[test]
fn a_story_can_be_given_up() {
    let world = World::new();
    world.epic("E", &[("US-001", false)]);
    world.play("team-lead", Some(r#"{"stories": {"US-001": {"gives_up": "no database"}}}"#));
    let report = world.lead_report("E");
    assert_eq!((report.stories[0].passes, report.stories[0].failure_reason.as_deref()), (false, Some("no database")));
    assert_eq!(world.git(&["rev-parse", "HEAD"]), world.base);
}

#[test]
fn a_resolver_keeps_both_sides_and_commits_the_merge() {
    let world = World::new();
    let side = |branch: &str, story: &str, line: &str, odd: &str| {
        world.git(&["switch", "--quiet", "--create", branch, &world.base]);
        world.epic("E", &[(story, false)]);
        let append = serde_json::json!({ "stories": { story: { "append": { "shared.txt": [line], "new file ä.txt": [odd] } } } });
        let (code, said) = world.play("team-lead", Some(&append.to_string()));
        assert_eq!(code, 0, "{said}");
    };
    side("one", "US-001", "from one", "new one");
    side("two", "US-002", "from two", "new two");
    let (clean, _) = world.try_git(&["merge", "--quiet", "one"]);
    assert!(!clean, "the two sides conflict");
    let (code, said) = world.play("resolver", None);
    assert_eq!(code, 0, "{said}");
    let text = world.read("shared.txt");
    assert!(text.contains("from one\n") && text.contains("from two\n") && !text.contains("<<<<"), "{text}");
    let text = world.read("new file ä.txt");
    assert!(text.contains("new one\n") && text.contains("new two\n"), "{text}");
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    assert_eq!(world.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3, "a merge commit");
    assert!(world.judge().pass);
}

#[test]
fn a_resolver_keeps_what_was_changed_when_the_other_side_removed_it() {
    let world = World::new();
    world.git(&["switch", "--quiet", "--create", "remove"]);
    world.git(&["rm", "--quiet", "shared.txt"]);
    world.git(&["commit", "--quiet", "--message", "Remove"]);
    world.git(&["switch", "--quiet", "--create", "change", &world.base]);
    std::fs::write(world.path("shared.txt"), "first\nchanged\n").expect("a file");
    world.git(&["commit", "--quiet", "--all", "--message", "Change"]);
    assert!(!world.try_git(&["merge", "--quiet", "remove"]).0);
    assert_eq!(world.play("resolver", None).0, 0);
    assert_eq!(
        (world.read("shared.txt").as_str(), world.git(&["status", "--porcelain"]).as_str()),
        ("first\nchanged\n", "")
    );
}

#[test]
fn a_final_validator_fails_what_is_missing() {
    let world = World::new();
    let nothing = world.judge();
    assert!(!nothing.pass && nothing.browser_check == Check::Na);
    world.epic("E", &[("US-001", false)]);
    world.play("team-lead", None);
    assert!(world.judge().pass);
    world.git(&["rm", "--quiet", "-r", "rehearsal"]);
    world.git(&["commit", "--quiet", "--message", "Lose it"]);
    let lost = world.judge();
    assert!(!lost.pass && lost.findings[0].ends_with("is missing"), "{lost:?}");
}

#[test]
fn a_faulty_job_ends_with_words_and_an_exit_code() {
    let world = World::new();
    world.epic("E", &[("US-001", false)]);
    for (role, script, words) in [
        ("cook", None, "no rehearsal for the role \"cook\""),
        ("team-lead", Some("{"), "the rehearsal script"),
        ("team-lead", Some(r#"{"stories": {"US-001": {"files": {"../out.txt": "x"}}}}"#), "inside of the worktree"),
    ] {
        let (code, said) = world.play(role, script);
        assert!(code == 1 && said.contains(words), "{said}");
    }
    assert!(!world.path("../out.txt").exists());
}
