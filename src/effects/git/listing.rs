//! What a look at a repository begins with: its files, those that it ignores, and its newest commits. Only reads.

use super::{Git, GitError, Place, RUNS_DIR, TALK_DIR, is_below, nul_separated, path_of};

/// A file that git ignores, and the rule that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredFile {
    /// Relative to the top folder.
    pub path: String,
    /// The file of the rule, as git names it.
    pub rule_file: String,
    /// The rule's line, counted from 1.
    pub rule_line: usize,
    /// The rule.
    pub rule: String,
}

impl Git {
    /// The files of the checkout that git knows or would add, relative to its top folder. Names that are not UTF-8 are
    /// left out.
    ///
    /// # Errors
    /// The repository is bare or git fails.
    pub fn files(&self) -> Result<Vec<String>, GitError> {
        self.listed(&["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
    }

    /// The files of the checkout that git ignores and that are wanted by their name; what is in an ignored folder is
    /// not looked at.
    ///
    /// # Errors
    /// The repository is bare or git fails.
    pub fn ignored_files(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<IgnoredFile>, GitError> {
        let all = self.listed(&["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"])?;
        let names: Vec<String> = all.into_iter().filter(|path| !path.ends_with('/') && wanted(path)).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let call =
            self.call(Place::Checkout)?.args(["check-ignore", "-v", "-z", "--stdin"]).input(names.join("\0") + "\0");
        let ended = call.end()?;
        // 1 says that none is ignored after all, since a moment ago.
        if !matches!(ended.code(), Some(0 | 1)) {
            return Err(ended.failed());
        }
        let fields: Vec<String> =
            ended.stdout().split(|byte| *byte == 0).map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let rows = fields.chunks_exact(4).map(|row| IgnoredFile {
            rule_file: row[0].clone(),
            rule_line: row[1].parse().unwrap_or(1),
            rule: row[2].clone(),
            path: row[3].clone(),
        });
        Ok(rows.collect())
    }

    /// The newest commits of `HEAD`, newest first, without merges: short id and first line. None without a commit.
    ///
    /// # Errors
    /// git fails.
    pub fn newest_subjects(&self, most: usize) -> Result<Vec<(String, String)>, GitError> {
        if !self.has_commits()? {
            return Ok(Vec::new());
        }
        let most = format!("--max-count={most}");
        let list =
            self.call(Place::Checkout)?.args(["log", "--no-merges", "-z", "--format=%h %s", &most, "HEAD"]).run()?;
        let commits = nul_separated(&list).filter_map(|entry| {
            let entry = String::from_utf8_lossy(entry);
            let (id, subject) = entry.trim_end().split_once(' ')?;
            Some((id.to_owned(), subject.to_owned()))
        });
        Ok(commits.collect())
    }

    fn listed(&self, args: &[&str]) -> Result<Vec<String>, GitError> {
        let list = self.call(Place::Checkout)?.args(args).run()?;
        let ours = |path: &str| {
            let path = path_of(path.as_bytes());
            is_below(&path, RUNS_DIR) || is_below(&path, TALK_DIR)
        };
        let names = nul_separated(&list).filter_map(|name| std::str::from_utf8(name).ok());
        Ok(names.filter(|name| !ours(name)).map(str::to_owned).collect())
    }
}
