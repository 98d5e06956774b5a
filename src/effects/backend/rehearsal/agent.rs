//! The agent of a rehearsal: does each story with one small file and one commit, and reports like any other agent.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::git::Git;
use super::resolve::resolve;
use super::script::{BROKEN_MARK, SCRIPT_VARIABLE, Script, StoryScript};
use crate::domain::id::Slug;

/// Plays one session in `worktree`, told by the `RALPH_*` variables what it is, and answers the exit code.
/// What it does is printed to `output` line by line.
pub fn rehearsal_agent(environment: &BTreeMap<String, String>, worktree: &Path, output: &mut dyn Write) -> i32 {
    let mut agent = Agent { environment, worktree, git: Git { worktree }, output };
    match agent.play() {
        Ok(()) => 0,
        Err(fault) => {
            agent.say(&format!("the rehearsal ends here: {fault}"));
            1
        }
    }
}

struct Agent<'a> {
    environment: &'a BTreeMap<String, String>,
    worktree: &'a Path,
    git: Git<'a>,
    output: &'a mut dyn Write,
}

/// The part of `.ralph/epic.json` that the agent works by.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EpicFile {
    id: String,
    #[serde(default)]
    user_stories: Vec<StoryEntry>,
}

#[derive(Deserialize)]
struct StoryEntry {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    passes: bool,
}

impl Agent<'_> {
    fn play(&mut self) -> Result<(), String> {
        if let Some(purpose) = self.environment.get("RALPH_PURPOSE") {
            return super::idea::play(purpose, self.environment, self.worktree, &mut *self.output);
        }
        match self.variable("RALPH_ROLE")? {
            "team-lead" => self.lead(),
            "resolver" => resolve(&self.git, self.output),
            "final-validator" => self.judge(),
            "epic-planner" => self.plan(),
            "epic-validator" => self.judge_epic(),
            other => Err(format!("no rehearsal for the role {other:?}")),
        }
    }

    fn lead(&mut self) -> Result<(), String> {
        let script = Script::read(self.environment.get(SCRIPT_VARIABLE).map(Path::new))?;
        let Some(epic) = self.epic()? else { return self.mend_everything() };
        let mut claims = Map::new();
        for story in epic.user_stories.iter().filter(|story| !story.passes) {
            let claim = self.story(story, &script.story(&story.id))?;
            claims.insert(story.id.clone(), claim);
        }
        let n_done = claims.values().filter(|claim| claim["passes"] == true).count();
        self.say(&format!("{n_done} of {} stories done", claims.len()));
        self.report(&json!({ "epicId": epic.id, "stories": claims }))
    }

    fn epic(&self) -> Result<Option<EpicFile>, String> {
        let Some(file) = self.environment.get("RALPH_EPIC_FILE").map(|file| self.worktree.join(file)) else {
            return Ok(None);
        };
        let at = |fault: &dyn std::fmt::Display| format!("{}: {fault}", file.display());
        match std::fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|fault| at(&fault)),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(at(&fault)),
        }
    }

    /// Does one story and answers what the report says of it.
    fn story(&mut self, story: &StoryEntry, script: &StoryScript) -> Result<Value, String> {
        self.say(&format!("{}: {}", story.id, story.title));
        std::thread::sleep(Duration::from_millis(script.pause_ms.unwrap_or_default()));
        if let Some(reason) = &script.gives_up {
            self.say(&format!("{}: giving up: {reason}", story.id));
            return Ok(json!({ "passes": false, "failureReason": reason, "commit": null, "evidence": [] }));
        }
        let file = story_file(&story.id);
        // What stands in the worktree tells whether this is the first session or one that has to mend.
        let first_time = !self.worktree.join(&file).exists();
        let status = if script.broken_first && first_time { BROKEN_MARK } else { "Status: done" };
        self.write(&file, &format!("# {}: {}\n\n{status}\n", story.id, story.title))?;
        for (path, content) in &script.files {
            self.write(Path::new(path), content)?;
        }
        for (path, lines) in &script.append {
            self.append(Path::new(path), lines)?;
        }
        let title = if story.title.is_empty() { &story.id } else { &story.title };
        self.git.commit_story(&story.id, title)?;
        let base = self.environment.get("RALPH_BASE").map(String::as_str);
        let commits = self.git.stories_since(base)?;
        let commit = commits.into_iter().find(|(_, id)| *id == story.id).map(|(commit, _)| commit);
        self.say(&format!("{}: wrote {}", story.id, file.display()));
        let evidence = [format!("wrote {}", file.display())];
        Ok(json!({ "passes": true, "failureReason": null, "commit": commit, "evidence": evidence }))
    }

    /// A round of fixes for the whole run has no epic: everything that is broken is mended, and nothing is reported.
    fn mend_everything(&mut self) -> Result<(), String> {
        for (_, story) in self.git.stories_since(None)? {
            let file = self.worktree.join(story_file(&story));
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            if text.contains(BROKEN_MARK) {
                self.say(&format!("{story}: mending"));
                self.write(&story_file(&story), &text.replace(BROKEN_MARK, "Status: done"))?;
                self.git.commit_story(&story, &format!("Mend {story}"))?;
            }
        }
        Ok(())
    }

    /// Plans an epic: one line for each story.
    fn plan(&mut self) -> Result<(), String> {
        let epic = self.epic()?.ok_or("there is no epic to plan")?;
        let lines = epic
            .user_stories
            .iter()
            .map(|story| format!("- {}: write {}\n", story.id, story_file(&story.id).display()));
        let plan = format!("# Plan of {}\n\n{}", epic.id, lines.collect::<String>());
        self.say(&format!("planned {}", epic.id));
        put(&self.worktree.join(".ralph/plan.md"), &plan)
    }

    /// Judges an epic: every story of it must have its file, and none may be broken.
    fn judge_epic(&mut self) -> Result<(), String> {
        let epic = self.epic()?.ok_or("there is no epic to judge")?;
        let stories: Vec<String> = epic.user_stories.into_iter().map(|story| story.id).collect();
        let findings = self.look_at(&stories);
        self.verdict("epic-validation", &findings)
    }

    /// Judges the whole: every story that is committed must have its file, and no file may be broken.
    fn judge(&mut self) -> Result<(), String> {
        let base = self.environment.get("RALPH_BASE").map(String::as_str);
        let mut stories: Vec<String> = self.git.stories_since(base)?.into_iter().map(|(_, story)| story).collect();
        stories.sort();
        stories.dedup();
        let mut findings = self.look_at(&stories);
        if stories.is_empty() {
            findings.push("no commit of the run names a story".to_owned());
        }
        self.verdict("final-validation", &findings)
    }

    /// What is wrong with the files of these stories.
    fn look_at(&mut self, stories: &[String]) -> Vec<String> {
        let mut findings = Vec::new();
        for story in stories {
            match std::fs::read_to_string(self.worktree.join(story_file(story))) {
                Err(_) => findings.push(format!("{story}: {} is missing", story_file(story).display())),
                Ok(text) if text.contains(BROKEN_MARK) => findings.push(format!("{story}: its file is broken")),
                Ok(_) => self.say(&format!("{story}: good")),
            }
        }
        findings
    }

    fn verdict(&mut self, phase: &str, findings: &[String]) -> Result<(), String> {
        let verdict = if findings.is_empty() { "pass" } else { "fail" };
        self.say(&format!("verdict: {verdict}"));
        let timestamp = self.git.run(&["log", "-1", "--format=%cI"])?;
        self.report(&json!({
            "phase": phase, "verdict": verdict, "tests": verdict, "browser_check": "na",
            "timestamp": timestamp.trim(), "findings": findings,
        }))
    }

    fn report(&mut self, report: &Value) -> Result<(), String> {
        let file = self.worktree.join(self.variable("RALPH_REPORT")?);
        put(&file, &format!("{report:#}\n"))
    }

    fn append(&self, path: &Path, lines: &[String]) -> Result<(), String> {
        let mut text = std::fs::read_to_string(self.worktree.join(path)).unwrap_or_default();
        // A session that mends must not say everything twice.
        for line in lines.iter().filter(|line| !text.lines().any(|there| there == *line)).collect::<Vec<_>>() {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
        self.write(path, &text)
    }

    /// Writes a file of the worktree; a path that leads out of it is refused.
    fn write(&self, path: &Path, text: &str) -> Result<(), String> {
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(format!("{} is not a path inside of the worktree", path.display()));
        }
        put(&self.worktree.join(path), text)
    }

    fn variable(&self, name: &str) -> Result<&str, String> {
        self.environment.get(name).map(String::as_str).ok_or_else(|| format!("{name} is not set"))
    }

    fn say(&mut self, line: &str) {
        // Nobody may be listening any more; the work goes on.
        let _ = writeln!(self.output, "{line}");
        let _ = self.output.flush();
    }
}

/// The file of a story, relative to the worktree.
pub(super) fn story_file(story: &str) -> PathBuf {
    PathBuf::from(format!("rehearsal/{}.md", Slug::of(story)))
}

pub(super) fn put(path: &Path, text: &str) -> Result<(), String> {
    let at = |fault: std::io::Error| format!("{} cannot be written: {fault}", path.display());
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(at)?;
    }
    std::fs::write(path, text).map_err(at)
}
