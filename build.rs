//! Puts the commit and the target into the program, for `ralph-teams --version`.
//!
//! The commit is asked of git when this very folder is the top of a repository; a package that was made by `cargo package`
//! carries it in a file; elsewhere there is none. Nothing in here can make a build fail.
#![expect(clippy::disallowed_methods, reason = "a build script asks git itself")]

use std::path::Path;
use std::process::Command;

/// What the program is made of: a change of these that is not committed makes it "dirty".
const MADE_OF: [&str; 7] = ["Cargo.toml", "Cargo.lock", "build.rs", "src", "agents", "prompts", "schemas"];

/// Digits of a commit that are told.
const DIGITS: usize = 12;

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let (folder, target) = (variable("CARGO_MANIFEST_DIR"), variable("TARGET"));
    let folder = Path::new(&folder);
    for path in MADE_OF.iter().filter(|path| folder.join(path).exists()) {
        println!("cargo::rerun-if-changed={path}");
    }
    let version = variable("CARGO_PKG_VERSION");
    let told = match of_repository(folder).or_else(|| of_package(folder)) {
        Some(commit) => format!("{version} (commit {commit}, {target})"),
        None => format!("{version} ({target})"),
    };
    println!("cargo::rustc-env=RALPH_TEAMS_LONG_VERSION={told}");
}

fn of_repository(folder: &Path) -> Option<String> {
    let top = git(folder, &["rev-parse", "--show-toplevel"])?;
    // A copy of the source inside of another repository has that one's commits, which say nothing of it.
    if Path::new(&top).canonicalize().ok()? != folder.canonicalize().ok()? {
        return None;
    }
    watch(folder);
    let commit = git(folder, &["rev-parse", "--verify", "HEAD"])?;
    let changes = git(folder, &[&["status", "--porcelain", "--untracked-files=no", "--"], &MADE_OF[..]].concat())?;
    let dirty = if changes.is_empty() { "" } else { "-dirty" };
    Some(format!("{}{dirty}", commit.get(..DIGITS)?))
}

/// Builds anew when another commit is checked out or made. The index is not watched: it changes with every look of git.
fn watch(folder: &Path) {
    let mut names = vec!["HEAD".to_owned(), "logs/HEAD".to_owned(), "packed-refs".to_owned()];
    names.extend(git(folder, &["symbolic-ref", "--quiet", "HEAD"]));
    for name in names {
        let path = git(folder, &["rev-parse", "--path-format=absolute", "--git-path", &name]);
        // A file that is not there would count as changed for ever.
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// `cargo package` writes `{"git": {"sha1": ".."}}` beside the manifest.
fn of_package(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join(".cargo_vcs_info.json")).ok()?;
    let (_, behind) = text.split_once("\"sha1\"")?;
    let commit = behind.split('"').nth(1)?.get(..DIGITS)?;
    let dirty = if text.contains("\"dirty\": true") { "-dirty" } else { "" };
    commit.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| format!("{commit}{dirty}"))
}

fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let output = command.env("GIT_OPTIONAL_LOCKS", "0").current_dir(folder).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
