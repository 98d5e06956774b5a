//! `ralph-teams demo`: a small real repository with a PRD of six epics, and a run of it with the rehearsal agent. One
//! merge conflict and one red gate are provoked on purpose.
#![expect(clippy::disallowed_methods, reason = "it makes a repository of its own, in a folder of its own")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::refusal::Refusal;
use super::run;
use crate::cli::values::UiMode;
use crate::cli::{Cli, DemoArgs};
use crate::domain::shell;
use crate::effects::backend::rehearsal::{SCRIPT_VARIABLE, Script, StoryScript};
use crate::exit::ExitCode;

const PRD: &str = include_str!("demo/prd.json");
const CONFIG: &str = include_str!("demo/ralph.config.yml");
const NOTES: &str = "# A clock\n\nWhat this program can do:\n";

/// The repository of the demo is no place for the user's own git settings.
const GIT_ENVIRONMENT: [(&str, &str); 3] =
    [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0")];

/// `ralph-teams demo`.
///
/// # Errors
/// The folder is not empty, git is missing, or the run is refused.
pub fn demo(args: &DemoArgs) -> Result<ExitCode, Refusal> {
    let dir = folder(args.dir.as_deref())?;
    make(&dir)?;
    if args.ui != UiMode::Json {
        say!("a small repository with six epics: {}\n", dir.display());
    }
    let prd = dir.join("prd.json").display().to_string();
    let code = run::run(&run_args(&prd, args)?)?;
    if args.ui != UiMode::Json {
        // The terminal may be gone by now; the run is not worse for it.
        let _ = write!(std::io::stdout(), "{}", where_to_look(&dir));
    }
    Ok(code)
}

fn run_args(prd: &str, demo: &DemoArgs) -> Result<crate::cli::RunArgs, Refusal> {
    use clap::Parser as _;
    let cli = Cli::try_parse_from(["ralph-teams", "run", prd, "--parallel"]).map_err(Refusal::internal)?;
    let crate::cli::Command::Run(args) = cli.command else {
        return Err(Refusal::internal("`run` was read as another command"));
    };
    Ok(crate::cli::RunArgs { ui: demo.ui, theme: demo.theme, ..args })
}

/// The folder of the demo: the named one, or a fresh one that is kept so that it can be looked at.
fn folder(named: Option<&Path>) -> Result<PathBuf, Refusal> {
    let broken = |error: std::io::Error| Refusal::environment(format!("no folder for the demo: {error}"));
    let Some(dir) = named else {
        return Ok(tempfile::Builder::new().prefix("ralph-demo-").tempdir().map_err(broken)?.keep());
    };
    std::fs::create_dir_all(dir).map_err(broken)?;
    if std::fs::read_dir(dir).map_err(broken)?.next().is_some() {
        return Err(Refusal::input(format!("{} is not empty; name a new folder for the demo", dir.display())));
    }
    dir.canonicalize().map_err(broken)
}

/// Makes the repository.
fn make(dir: &Path) -> Result<(), Refusal> {
    let script = dir.join(".git/rehearsal-script.json");
    git(dir, &["init", "--quiet", "--initial-branch=main"])?;
    git(dir, &["config", "user.name", "Ralph Demo"])?;
    git(dir, &["config", "user.email", "demo@localhost"])?;
    let config = CONFIG.replace("@SCRIPT_VARIABLE@", SCRIPT_VARIABLE).replace("@SCRIPT@", &quoted(&script)?);
    let script_text = serde_json::to_string_pretty(&rehearsal_script()).map_err(Refusal::internal)?;
    for (path, text) in [
        (dir.join("prd.json"), PRD),
        (dir.join("ralph.config.yml"), &config),
        (dir.join("NOTES.md"), NOTES),
        (script, &script_text),
    ] {
        std::fs::write(&path, text).map_err(|error| Refusal::environment(format!("{}: {error}", path.display())))?;
    }
    git(dir, &["add", "--all"])?;
    git(dir, &["commit", "--quiet", "--message", "Begin"])
}

/// A path as a string of YAML, which takes the strings of JSON.
fn quoted(path: &Path) -> Result<String, Refusal> {
    serde_json::to_string(&path.display().to_string()).map_err(Refusal::internal)
}

/// Two epics of the second wave write to the end of one file, and one story is done badly at first.
fn rehearsal_script() -> Script {
    let adds = |line: &str| StoryScript {
        append: BTreeMap::from([("NOTES.md".to_owned(), vec![line.to_owned()])]),
        ..StoryScript::default()
    };
    let broken = StoryScript { broken_first: true, ..StoryScript::default() };
    Script {
        pause_ms: 250,
        stories: BTreeMap::from([
            ("US-004".to_owned(), adds("- It shows the time in other cities.")),
            ("US-006".to_owned(), adds("- It rings at a given time.")),
            ("US-008".to_owned(), broken),
        ]),
    }
}

fn git(dir: &Path, args: &[&str]) -> Result<(), Refusal> {
    let mut command = Command::new("git");
    command.current_dir(dir).args(args).envs(GIT_ENVIRONMENT);
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    let output = command.output().map_err(|error| Refusal::environment(format!("git cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Refusal::environment(format!("`git {}` failed: {said}", args.join(" "))))
}

fn where_to_look(dir: &Path) -> String {
    let report = ".ralph-teams/current/report.md";
    // One that was stopped has none yet.
    let has_report = dir.join(report).exists();
    let dir = shell::word(&dir.display().to_string());
    let report = if has_report { format!("  cat {dir}/{report}\n") } else { String::new() };
    format!(
        "\nThis was a rehearsal: no model, no cost; the repository, worktrees, gates and\n\
         merges are real. Look around:\n{report}\
         \x20 git -C {dir} log --graph --oneline --all\n\
         \x20 cat {dir}/.ralph-teams/progress.txt\n\
         \x20 rm -rf {dir}   # when you have seen enough\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_named_only_when_there_is_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let report = folder.path().join(".ralph-teams/current/report.md");
        assert!(!where_to_look(folder.path()).contains("report.md"));
        std::fs::create_dir_all(report.parent().expect("a folder")).expect("made");
        std::fs::write(&report, "").expect("written");
        assert!(where_to_look(folder.path()).contains(&format!("\n  cat {}\n  git -C ", report.display())));
    }
}
