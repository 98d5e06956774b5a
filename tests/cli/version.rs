//! The version and its commit: what the build script finds, in repositories and outside of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::repo::{Repo, write_in};
use crate::place::Place;

#[test]
fn the_binary_names_the_commit_that_it_was_built_from() {
    let place = Place::new();
    let long = place.ralph(&["--version"]).stdout;
    let short = place.ralph(&["-V"]).stdout;
    assert_eq!(short, format!("ralph-teams {}\n", env!("CARGO_PKG_VERSION")));
    assert!(long.starts_with(short.trim_end()), "{long}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let git = |args: &[&str]| Command::new("git").current_dir(root).args(args).output().ok();
    let text = |args: &[&str]| git(args).map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let is_top = text(&["rev-parse", "--show-toplevel"]).is_some_and(|top| Path::new(&top) == root);
    if let Some(head) = text(&["rev-parse", "HEAD"]).filter(|head| is_top && head.len() >= 12) {
        assert!(long.contains(&format!("(commit {}", &head[..12])), "{long} {head}");
    }
}

/// The build script as a program of its own.
fn build_script(folder: &Path) -> PathBuf {
    let program = folder.join("build-script");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs");
    let made = Command::new(rustc).args(["--edition", "2024", "-o"]).arg(&program).arg(source).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    program
}

/// What it tells cargo for the package in this folder.
fn told(script: &Path, repo: &Repo, folder: &Path) -> Vec<String> {
    let mut command = Command::new(script);
    command.envs(repo.environment()).env("CARGO_MANIFEST_DIR", folder).current_dir(folder);
    command.env("CARGO_PKG_VERSION", "1.2.3").env("TARGET", "some-target");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn version(lines: &[String]) -> &str {
    let line = lines.iter().find_map(|line| line.strip_prefix("cargo::rustc-env=RALPH_TEAMS_LONG_VERSION="));
    line.unwrap_or_else(|| panic!("{lines:?}"))
}

#[test]
fn the_build_script_knows_the_commit_only_of_its_own_repository_and_whether_that_is_dirty() {
    let repo = Repo::new();
    let script = build_script(&repo.beside("home"));
    repo.write("src/main.rs", "one");
    repo.write("notes.md", "one");
    let commit = repo.commit("source").to_string();
    let top = repo.path();
    let clean = format!("1.2.3 (commit {}, some-target)", &commit[..12]);
    assert_eq!(version(&told(&script, &repo, &top)), clean);
    repo.write("notes.md", "two");
    assert_eq!(version(&told(&script, &repo, &top)), clean, "what is not built in does not count");
    repo.write("src/main.rs", "two");
    assert_eq!(version(&told(&script, &repo, &top)), clean.replace(", some", "-dirty, some"));
    // A copy inside of another repository, and a folder in none.
    write_in(&top.join("vendor/it"), "src/main.rs", "x");
    assert_eq!(version(&told(&script, &repo, &top.join("vendor/it"))), "1.2.3 (some-target)");
    let outside = repo.beside("home");
    assert_eq!(version(&told(&script, &repo, &outside)), "1.2.3 (some-target)");
    let package = format!("{{\n  \"git\": {{\n    \"sha1\": \"{commit}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}");
    write_in(&outside, ".cargo_vcs_info.json", &package);
    assert_eq!(version(&told(&script, &repo, &outside)), clean);
}

#[test]
fn a_new_commit_builds_anew_and_a_look_of_git_does_not() {
    let repo = Repo::new();
    let script = build_script(&repo.beside("home"));
    repo.write("src/main.rs", "one");
    repo.commit("source");
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "--quiet", "-b", "other", linked.to_str().unwrap()]);
    for folder in [repo.path(), linked] {
        let lines = told(&script, &repo, &folder);
        let watched: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("cargo::rerun-if-changed=")).collect();
        let content = |path: &&&str| std::fs::read(folder.join(path)).unwrap_or_default();
        let read = || watched.iter().map(|path| content(&path)).collect::<Vec<_>>();
        assert!(watched.iter().all(|path| folder.join(path).exists()), "{watched:?}");
        let before = read();
        repo.git_in(&folder, &["status"]);
        repo.git_in(&folder, &["update-index", "--refresh"]);
        assert_eq!(read(), before);
        repo.commit_in(&folder, "another");
        assert_ne!(read(), before, "{watched:?}");
    }
}
