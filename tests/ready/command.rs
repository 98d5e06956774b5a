//! The command on real repositories.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::repo::Repo;
use crate::pty::{How, Pty};

fn command(repo: &Repo, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ralph-teams"));
    command.arg("ready").args(args).current_dir(repo.path()).envs(repo.environment());
    command
}

fn ready(repo: &Repo, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(repo, args).stdin(std::process::Stdio::null()).output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// Every file below a folder with its content and the time of its last change, `.git` and all.
fn all_bytes(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                open.push(path);
            } else {
                let modified = entry.metadata().unwrap().modified().unwrap();
                let content = if kind.is_symlink() { Vec::new() } else { fs::read(&path).unwrap() };
                found.insert(path, (content, modified));
            }
        }
    }
    found
}

/// A repository that lacks nothing but a page for agents.
fn almost_ready() -> Repo {
    let repo = Repo::new();
    repo.write("Makefile", "test:\n\tsh tests/all.sh\n");
    repo.write("tests/all.sh", "true\n");
    repo.write(".gitignore", ".env\nAGENTS.local.md\n");
    repo.commit("second");
    repo.write(".env", "A=1\n");
    repo.write("tests/all.sh", "true # changed\n");
    repo.write("new.txt", "new\n");
    repo
}

#[test]
fn a_look_changes_nothing_not_even_the_index() {
    let repo = almost_ready();
    let (files, status) =
        (all_bytes(&repo.path()), repo.git(&["--no-optional-locks", "status", "--porcelain", "--ignored"]));
    for args in [&[][..], &["--json"], &["--write"], &["--json", "--write"]] {
        ready(&repo, args);
    }
    assert_eq!(all_bytes(&repo.path()), files);
    assert_eq!(repo.git(&["--no-optional-locks", "status", "--porcelain", "--ignored"]), status);
}

#[test]
fn what_is_missing_is_said_and_the_exit_code_says_it_too() {
    let repo = almost_ready();
    let (code, said) = ready(&repo, &[]);
    assert_eq!(code, Some(1), "{said}");
    for piece in [
        "not ready: one thing that agents need is missing",
        "missing   guide",
        "test: make test   (defined by the repository, Makefile:1)",
        "bring along: .env   (ignored by .gitignore:1)",
        "+++ b/AGENTS.md",
        "because the repository says no more about itself",
    ] {
        assert!(said.contains(piece), "{piece:?} is missing in:\n{said}");
    }
}

#[test]
fn the_page_is_written_on_demand_and_then_the_repository_is_ready() {
    let repo = almost_ready();
    let (code, said) = ready(&repo, &["--write"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = ready(&repo, &["--write", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    let page = fs::read_to_string(repo.path().join("AGENTS.md")).unwrap();
    assert!(page.contains("- `make test`: defined by the repository (from Makefile:1)\n"), "{page}");
    let (code, said) = ready(&repo, &["--write", "--yes"]);
    assert_eq!((code, said.contains("+++")), (Some(0), false), "{said}");
    assert_eq!(fs::read_to_string(repo.path().join("AGENTS.md")).unwrap(), page);
}

#[test]
fn a_person_is_asked_on_a_terminal() {
    for (answer, code, written) in [(&b"n\r"[..], 130, false), (&b"y\r"[..], 0, true)] {
        let repo = almost_ready();
        let mut pty = Pty::start(command(&repo, &["--write"]), &repo.path(), How::Own);
        pty.wait_for("Write this to AGENTS.md? [y/N]", 0);
        pty.press(answer);
        assert_eq!(pty.exit_code(), Some(code));
        assert_eq!(repo.path().join("AGENTS.md").exists(), written);
    }
}

#[test]
fn a_file_that_was_not_looked_at_is_never_replaced() {
    let repo = almost_ready();
    repo.write(".gitignore", "AGENTS.md\n");
    repo.write("AGENTS.md", "mine\n");
    let (code, said) = ready(&repo, &["--write", "--yes"]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(fs::read_to_string(repo.path().join("AGENTS.md")).unwrap(), "mine\n");
    let outside = repo.beside("outside.md");
    fs::write(&outside, "theirs\n").unwrap();
    fs::remove_file(repo.path().join("AGENTS.md")).unwrap();
    repo.write(".gitignore", "");
    std::os::unix::fs::symlink(&outside, repo.path().join("AGENTS.md")).unwrap();
    let (code, said) = ready(&repo, &["--write", "--yes"]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "theirs\n");
}

#[test]
fn programs_get_the_same_as_json() {
    let repo = almost_ready();
    let (code, said) = ready(&repo, &["--json"]);
    let report: Value = serde_json::from_str(&said).expect("one object");
    assert_eq!((code, &report["v"], &report["ready"]), (Some(1), &Value::from(1), &Value::from(false)));
    assert_eq!(report["survey"]["gates"][0]["quotes"][0]["file"], "Makefile");
    assert_eq!(report["checks"][0]["state"], "missing");
    assert!(report["guide"]["new"].as_str().expect("a page").starts_with("# "));
    let folder = tempfile::tempdir().unwrap();
    let mut nowhere = command(&repo, &[]);
    assert_eq!(nowhere.current_dir(folder.path()).output().unwrap().status.code(), Some(3), "no repository");
    assert_eq!(ready(&repo, &["--yes"]).0, Some(2), "wrong usage");
}
