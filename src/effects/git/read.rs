//! Reading refs, history and trees, without a process: 0.2 ms a look. Nothing here depends on configuration.

use git2::{BranchType, DiffOptions, ErrorClass, ErrorCode, Oid, Repository, RepositoryOpenFlags, Sort};

use std::sync::Once;

use super::{Git, GitError, Place, Program};
use crate::domain::id::CommitId;

/// The oldest git that merges in memory the way that we need.
pub const OLDEST_GIT: (u32, u32) = (2, 38);

/// What a checkout stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// On a branch.
    Branch {
        /// Its short name.
        name: String,
        /// Its tip.
        commit: CommitId,
    },
    /// On a commit without a branch.
    Detached(CommitId),
    /// On a branch that has no commit yet.
    Unborn {
        /// Its short name.
        name: String,
    },
}

/// One trailer of a merge commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeTrailer {
    /// The merge commit.
    pub commit: CommitId,
    /// The value of the trailer.
    pub value: String,
}

impl Program {
    /// The version of the program, checked to be new enough.
    ///
    /// # Errors
    /// No such program, not git, or older than [`OLDEST_GIT`].
    pub fn version(&self) -> Result<String, GitError> {
        let ended = self.call(std::path::Path::new("/"), true).arg("version").end()?;
        let text = String::from_utf8_lossy(ended.stdout()).into_owned();
        let Some((version, numbers)) = parse_version(&text) else { return Err(ended.unexpected()) };
        if numbers < OLDEST_GIT { Err(GitError::TooOld { found: version }) } else { Ok(version) }
    }
}

static ACCEPT_EXTENSIONS: Once = Once::new();

/// Makes the library open partial clones. They lack file contents, of which nothing here reads any: commits are
/// always there, and a tree that is not there is an error, never a wrong answer.
fn accept_extensions() {
    #[expect(unsafe_code, reason = "the library offers no other way")]
    // SAFETY: The list is global to the library and unguarded. It is written once, before the first repository is
    // opened, and no other room uses the library.
    let accepted = unsafe { git2::opts::set_extensions(&["partialclone"]) };
    if let Err(fault) = accepted {
        tracing::warn!(%fault, "partial clones cannot be read");
    }
}

fn parse_version(text: &str) -> Option<(String, (u32, u32))> {
    let version = text.strip_prefix("git version ")?.split_whitespace().next()?;
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next()?.ok()?;
    Some((version.to_owned(), (major, minor)))
}

fn id_of(oid: Oid) -> Result<CommitId, GitError> {
    Ok(CommitId::new(&oid.to_string())?)
}

impl Git {
    /// Opens the repository for one look. A handle is not kept: it would not be `Sync`, and might go stale.
    pub(super) fn repository(&self) -> Result<Repository, GitError> {
        self.repository_at(&self.git_dir)
    }

    /// The same, as seen from one checkout: each has its own `HEAD`.
    pub(super) fn repository_at(&self, git_dir: &std::path::Path) -> Result<Repository, GitError> {
        ACCEPT_EXTENSIONS.call_once(accept_extensions);
        let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT;
        Repository::open_ext(git_dir, flags, &[] as &[&std::ffi::OsStr]).map_err(self.reading("open the repository"))
    }

    /// The library refuses formats that it does not know (reftable, SHA-256). So do we, at the door:
    /// a wrong read would be worse than none.
    pub(super) fn check_readable(&self) -> Result<(), GitError> {
        self.repository().map(drop).map_err(|fault| match fault {
            GitError::Read { path, source, .. } if is_format_fault(&source) => {
                GitError::UnsupportedFormat { path, detail: source.message().to_owned() }
            }
            other => other,
        })
    }

    pub(super) fn reading(&self, what: &'static str) -> impl FnOnce(git2::Error) -> GitError {
        let path = self.common_dir.clone();
        move |source| GitError::Read { what, path, source }
    }

    fn oid(&self, commit: &CommitId) -> Result<Oid, GitError> {
        Oid::from_str(commit.as_str()).map_err(self.reading("read a commit id"))
    }

    /// The commit that a name (branch, tag, `HEAD`, hash, full ref) stands for; `None` if there is no such name.
    ///
    /// # Errors
    /// The repository cannot be read, or the name stands for something that is no commit.
    pub fn resolve(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        let repository = self.repository()?;
        let object = match repository.revparse_single(name) {
            Ok(object) => object,
            Err(fault) if matches!(fault.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch) => return Ok(None),
            Err(fault) if fault.code() == ErrorCode::InvalidSpec => return Ok(None),
            Err(fault) => return Err(self.reading("resolve a name")(fault)),
        };
        let commit = object.peel_to_commit().map_err(self.reading("find the commit of a name"))?;
        id_of(commit.id()).map(Some)
    }

    /// The tip of a branch by its short name; `None` if there is no such branch.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn branch_tip(&self, branch: &str) -> Result<Option<CommitId>, GitError> {
        let repository = self.repository()?;
        match repository.refname_to_id(&format!("refs/heads/{branch}")) {
            Ok(oid) => id_of(oid).map(Some),
            Err(fault) if matches!(fault.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(fault) => Err(self.reading("read a branch")(fault)),
        }
    }

    /// What the user's checkout stands on.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn head(&self) -> Result<Head, GitError> {
        let repository = self.repository()?;
        let head = repository.find_reference("HEAD").map_err(self.reading("read HEAD"))?;
        let name = head.symbolic_target().ok().flatten().map(|name| name.trim_start_matches("refs/heads/").to_owned());
        match (head.resolve().and_then(|resolved| resolved.peel_to_commit()), name) {
            (Ok(commit), Some(name)) => Ok(Head::Branch { name, commit: id_of(commit.id())? }),
            (Ok(commit), None) => Ok(Head::Detached(id_of(commit.id())?)),
            (Err(fault), Some(name)) if fault.class() == ErrorClass::Reference => Ok(Head::Unborn { name }),
            (Err(fault), _) => Err(self.reading("read HEAD")(fault)),
        }
    }

    /// Whether the user's checkout has at least one commit.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn has_commits(&self) -> Result<bool, GitError> {
        self.head().map(|head| match head {
            Head::Branch { .. } | Head::Detached(_) => true,
            Head::Unborn { .. } => false,
        })
    }

    /// Whether there is such a commit.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn commit_exists(&self, commit: &CommitId) -> Result<bool, GitError> {
        let repository = self.repository()?;
        match repository.find_commit(self.oid(commit)?) {
            Ok(_) => Ok(true),
            Err(fault) if fault.code() == ErrorCode::NotFound => Ok(false),
            Err(fault) if fault.class() == ErrorClass::Invalid => Ok(false),
            Err(fault) => Err(self.reading("look up a commit")(fault)),
        }
    }

    /// Whether `ancestor` is `commit` itself or in its history. `false` when `ancestor` does not exist.
    ///
    /// # Errors
    /// The repository cannot be read, or there is no `commit`.
    pub fn is_ancestor(&self, ancestor: &CommitId, commit: &CommitId) -> Result<bool, GitError> {
        if !self.commit_exists(ancestor)? {
            return Ok(false);
        }
        let repository = self.repository()?;
        let (ancestor, commit) = (self.oid(ancestor)?, self.oid(commit)?);
        let descends = repository.graph_descendant_of(commit, ancestor).map_err(self.reading("compare commits"))?;
        Ok(commit == ancestor || descends)
    }

    /// How many commits are in the history of `tip` and not in that of `base`.
    ///
    /// # Errors
    /// The repository cannot be read, or one of the commits does not exist.
    pub fn commits_since(&self, base: &CommitId, tip: &CommitId) -> Result<usize, GitError> {
        let repository = self.repository()?;
        let count = || {
            let mut walk = repository.revwalk()?;
            walk.push(Oid::from_str(tip.as_str())?)?;
            walk.hide(Oid::from_str(base.as_str())?)?;
            walk.try_fold(0, |count, oid| oid.map(|_| count + 1))
        };
        count().map_err(self.reading("count commits"))
    }

    /// The tree of a commit, as 40 hex digits: two commits with the same tree hold the same files.
    ///
    /// # Errors
    /// The repository cannot be read, or there is no such commit.
    pub fn tree_of(&self, commit: &CommitId) -> Result<String, GitError> {
        let repository = self.repository()?;
        let commit = repository.find_commit(self.oid(commit)?).map_err(self.reading("look up a commit"))?;
        Ok(commit.tree_id().to_string())
    }

    /// The trailers named `key` (without regard to case) of all merge commits reachable from `tip` and, if given, not
    /// from `since`; newest first.
    ///
    /// # Errors
    /// The repository cannot be read, or one of the commits does not exist.
    pub fn merge_trailers(
        &self,
        tip: &CommitId,
        since: Option<&CommitId>,
        key: &str,
    ) -> Result<Vec<MergeTrailer>, GitError> {
        let repository = self.repository()?;
        let collect = || {
            let mut walk = repository.revwalk()?;
            walk.set_sorting(Sort::TOPOLOGICAL)?;
            walk.push(Oid::from_str(tip.as_str())?)?;
            if let Some(since) = since {
                walk.hide(Oid::from_str(since.as_str())?)?;
            }
            let mut found = Vec::new();
            for oid in walk {
                let commit = repository.find_commit(oid?)?;
                if commit.parent_count() > 1 {
                    let values = trailers(commit.message_bytes(), key)?;
                    found.extend(values.into_iter().map(|value| (commit.id(), value)));
                }
            }
            Ok(found)
        };
        let found: Vec<(Oid, String)> = collect().map_err(self.reading("read trailers"))?;
        found.into_iter().map(|(oid, value)| Ok(MergeTrailer { commit: id_of(oid)?, value })).collect()
    }

    /// The files that differ between two commits, sorted; a renamed file counts under both names.
    ///
    /// # Errors
    /// The repository cannot be read, or one of the commits does not exist.
    pub fn changed_files(&self, from: &CommitId, to: &CommitId) -> Result<Vec<String>, GitError> {
        let repository = self.repository()?;
        let list = || {
            let diff = diff_of(&repository, from, to)?;
            let paths = diff.deltas().flat_map(|delta| [delta.old_file().path_bytes(), delta.new_file().path_bytes()]);
            let paths = paths.flatten().map(|path| String::from_utf8_lossy(path).into_owned());
            Ok(paths.collect::<std::collections::BTreeSet<_>>())
        };
        Ok(list().map_err(self.reading("compare commits"))?.into_iter().collect())
    }

    /// The difference of two commits as a patch that `git apply` takes, binary files included. Made by the program,
    /// which can fetch the contents that a partial clone lacks.
    ///
    /// # Errors
    /// git fails, or one of the commits does not exist.
    pub fn diff(&self, from: &CommitId, to: &CommitId) -> Result<Vec<u8>, GitError> {
        let options = ["-r", "-p", "-M", "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv"];
        let call = self.call(Place::Store)?.arg("diff-tree").args(options);
        // Prefixes are named, for a user may have switched them off.
        call.args(["--src-prefix=a/", "--dst-prefix=b/", from.as_str(), to.as_str()]).run()
    }

    /// The local branches whose short names begin with `prefix`, with their tips, by name.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn branches(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, GitError> {
        let repository = self.repository()?;
        let list = || {
            let mut found = Vec::new();
            for branch in repository.branches(Some(BranchType::Local))? {
                let (branch, _) = branch?;
                let name = String::from_utf8_lossy(branch.name_bytes()?).into_owned();
                if name.starts_with(prefix) {
                    found.push((name, branch.get().peel_to_commit()?.id()));
                }
            }
            Ok(found)
        };
        let mut found: Vec<(String, Oid)> = list().map_err(self.reading("list branches"))?;
        found.sort();
        found.into_iter().map(|(name, oid)| Ok((name, id_of(oid)?))).collect()
    }
}

fn is_format_fault(fault: &git2::Error) -> bool {
    ["unsupported", "extension", "format", "unknown object"].iter().any(|word| fault.message().contains(word))
}

fn diff_of<'r>(repository: &'r Repository, from: &CommitId, to: &CommitId) -> Result<git2::Diff<'r>, git2::Error> {
    let tree = |commit: &CommitId| repository.find_commit(Oid::from_str(commit.as_str())?)?.tree();
    let mut options = DiffOptions::new();
    options.show_binary(true).include_typechange(true);
    repository.diff_tree_to_tree(Some(&tree(from)?), Some(&tree(to)?), Some(&mut options))
}

fn trailers(message: &[u8], key: &str) -> Result<Vec<String>, git2::Error> {
    let trailers = git2::message_trailers_bytes(message)?;
    let wanted = trailers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key.as_bytes()));
    Ok(wanted.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_builds_are_understood() {
        let check = |text: &str, expected| assert_eq!(parse_version(text).map(|(_, numbers)| numbers), expected);
        check("git version 2.47.3\n", Some((2, 47)));
        check("git version 2.39.5 (Apple Git-154)\n", Some((2, 39)));
        check("git version 2.38.0.windows.1\n", Some((2, 38)));
        check("git version 2.51.GIT\n", Some((2, 51)));
        check("hub version 2\n", None);
    }

    #[test]
    fn trailers_are_read_from_the_last_paragraph_only() {
        let message = b"Merge\n\nRalph-Epic: not this\n\nRalph-Epic: EPIC-001\nralph-epic: b\nOther: c\n";
        assert_eq!(trailers(message, "Ralph-Epic").unwrap(), ["EPIC-001", "b"]);
    }
}
