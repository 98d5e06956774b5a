//! Bringing ignored files along into a worktree.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::common::repo::{read_in, write_in};
use crate::worktrees::with_worktree;

#[test]
fn ignored_files_that_match_are_copied_once_with_their_mode() {
    let (repo, _worktrees, path) = with_worktree();
    fs::write(repo.dot_git("info/exclude"), ".env*\n*.local\n").unwrap();
    repo.write(".env", "KEY=1");
    repo.write("app/conf/a ü\nb.local", "deep");
    repo.write("other.local", "not asked for");
    fs::set_permissions(repo.path().join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
    let before = repo.handle().fingerprint().unwrap();
    let patterns = [".env".to_owned(), "app/**/*.local".to_owned(), "missing".to_owned()];
    let included = repo.handle().include(&path, &patterns).unwrap();
    assert_eq!(included.copied, [".env", "app/conf/a ü\nb.local"]);
    assert_eq!(included.skipped, []);
    assert_eq!(read_in(&path, ".env"), "KEY=1");
    assert_eq!(read_in(&path, "app/conf/a ü\nb.local"), "deep");
    assert_eq!(fs::metadata(path.join(".env")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!path.join("other.local").exists());
    fs::write(path.join(".env"), "KEY=changed").unwrap();
    let again = repo.handle().include(&path, &patterns).unwrap();
    assert!(again.copied.is_empty());
    assert_eq!(read_in(&path, ".env"), "KEY=changed");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn links_out_of_either_folder_are_not_followed() {
    let (repo, _worktrees, path) = with_worktree();
    fs::write(repo.dot_git("info/exclude"), "*.env\nlinked/\n").unwrap();
    fs::write(repo.beside("secret"), "s").unwrap();
    symlink(repo.beside("secret"), repo.path().join("out.env")).unwrap();
    repo.write("real.env", "r");
    symlink("real.env", repo.path().join("in.env")).unwrap();
    repo.write("linked/x", "x");
    fs::create_dir_all(repo.beside("trap")).unwrap();
    symlink(repo.beside("trap"), path.join("linked")).unwrap();
    let patterns = ["*.env".to_owned(), "linked/**".to_owned()];
    let included = repo.handle().include(&path, &patterns).unwrap();
    assert_eq!(included.copied, ["in.env", "real.env"]);
    assert_eq!(read_in(&path, "in.env"), "r");
    let skipped: Vec<_> = included.skipped.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(skipped, ["linked/x", "out.env"]);
    assert_eq!(fs::read_dir(repo.beside("trap")).unwrap().count(), 0);
}

#[test]
fn what_git_would_commit_is_skipped_and_paths_outside_are_refused() {
    let (repo, _worktrees, path) = with_worktree();
    repo.write(".env", "KEY=1");
    repo.write(".ralph-teams/x", "x");
    let included = repo.handle().include(&path, &[".env".to_owned(), ".ralph-teams/**".to_owned()]).unwrap();
    assert!(included.copied.is_empty() && included.skipped[0].1.contains(".gitignore"));
    assert!(repo.handle().include(&path, &["../secret".to_owned()]).is_err());
    write_in(&repo.beside("x"), "y", "");
    assert!(repo.handle().include(&repo.beside("x"), &[".env".to_owned()]).is_err());
}
