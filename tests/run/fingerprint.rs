//! What belongs to the user: the checkout, the index, the configuration and all refs but those of runs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::common::repo::Repo;

/// Everything that a run must leave as it was.
#[derive(Debug, PartialEq, Eq)]
pub struct Fingerprint {
    head: String,
    refs: String,
    index: Vec<u8>,
    config: Vec<u8>,
    files: BTreeMap<PathBuf, (u32, Vec<u8>)>,
}

impl Fingerprint {
    /// Of a repository, without `prd.json` (whose results the runner writes) and the runner's own folder.
    pub fn of(repo: &Repo) -> Self {
        let refs = repo.git(&["for-each-ref", "--exclude=refs/heads/ralph", "--exclude=refs/ralph"]);
        let is_ours = |path: &Path| {
            path.starts_with(".git")
                || path.starts_with(".ralph-teams")
                || path.file_name() == Some("prd.json".as_ref())
        };
        Self {
            head: fs::read_to_string(repo.dot_git("HEAD")).unwrap(),
            refs,
            index: fs::read(repo.dot_git("index")).unwrap(),
            config: fs::read(repo.dot_git("config")).unwrap(),
            files: files(&repo.path()).into_iter().filter(|(path, _)| !is_ours(path)).collect(),
        }
    }
}

/// Every file below a folder, with its mode and content; folders too, so that none appears unseen.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).unwrap() {
            let entry = entry.unwrap().path();
            let data = fs::symlink_metadata(&entry).unwrap();
            let content = if data.is_dir() {
                open.push(entry.clone());
                Vec::new()
            } else if data.is_symlink() {
                fs::read_link(&entry).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&entry).unwrap()
            };
            let name = entry.strip_prefix(folder).unwrap().to_owned();
            found.insert(name, (data.permissions().mode(), content));
        }
    }
    found
}
