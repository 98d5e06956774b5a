//! What a survey is made from: the names of files, the texts of those that matter, and a piece of the log.

use std::collections::{BTreeMap, BTreeSet};

use super::quote::Quote;

/// What was read of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// All files that git knows or would add, relative to the top folder, with `/`.
    pub files: BTreeSet<String>,
    /// The files in the checkout that git ignores, as far as nobody can make them anew.
    pub ignored: Vec<Ignored>,
    /// The texts of the files that [`wanted`] asked for.
    pub texts: BTreeMap<String, String>,
    /// The newest commits.
    pub subjects: Vec<Subject>,
}

/// A file that git ignores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The file.
    pub path: String,
    /// The rule that ignores it.
    pub rule: Quote,
}

/// The first line of a commit's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The commit, shortened.
    pub commit: String,
    /// The line.
    pub text: String,
}

/// How much of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion {
    /// All of it.
    Whole,
    /// Its beginning: a lock file says in its first lines what it is.
    Head,
}

/// File names whose text says how to set up, build, test or lint.
const MANIFESTS: &[&str] = &[
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    ".justfile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "package.json",
    "Cargo.toml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "noxfile.py",
    "requirements.txt",
    "requirements-dev.txt",
    "go.mod",
    "Gemfile",
    "Rakefile",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "mix.exs",
    "CMakeLists.txt",
    "CMakePresets.json",
];

/// Settings of formatters and linters, and what else an engineer reads first; looked at in the top folder only.
const SETTINGS: &[&str] = &[
    ".editorconfig",
    "rustfmt.toml",
    ".rustfmt.toml",
    "clippy.toml",
    ".clippy.toml",
    ".prettierrc",
    ".prettierrc.json",
    ".eslintrc.json",
    "eslint.config.js",
    "eslint.config.mjs",
    "biome.json",
    "ruff.toml",
    ".flake8",
    ".rubocop.yml",
    ".golangci.yml",
    ".golangci.yaml",
    ".pre-commit-config.yaml",
    "tsconfig.json",
    "tsconfig.base.json",
    ".swiftlint.yml",
    "phpstan.neon",
    ".formatter.exs",
    ".clang-format",
    ".gitattributes",
    ".gitignore",
    ".gitlab-ci.yml",
    "rust-toolchain.toml",
    "rust-toolchain",
    ".nvmrc",
    ".node-version",
    ".python-version",
    ".ruby-version",
    ".tool-versions",
    "mise.toml",
    "AGENTS.md",
    "CLAUDE.md",
    "README.md",
    "README.rst",
    "README",
    "README.txt",
    "CONTRIBUTING.md",
    ".env.example",
    ".env.sample",
];

/// Scripts that many projects have by habit.
pub(super) const SCRIPTS: &[&str] = &[
    "bin/setup",
    "script/setup",
    "script/bootstrap",
    "scripts/setup.sh",
    "scripts/bootstrap.sh",
    "script/test",
    "scripts/test.sh",
    "script/lint",
    "scripts/lint.sh",
];

/// Lock files, whose first lines are enough.
pub(super) const LOCKS: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "Cargo.lock",
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
    "pdm.lock",
    "Gemfile.lock",
    "composer.lock",
    "mix.lock",
    "go.sum",
    "gradle.lockfile",
    "flake.lock",
    "deno.lock",
];

/// Whether the text of this file is wanted, and how much of it.
#[must_use]
pub fn wanted(path: &str) -> Option<Portion> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let depth = path.matches('/').count();
    let is_workflow = folder == ".github/workflows" && (name.ends_with(".yml") || name.ends_with(".yaml"));
    if is_workflow || (depth <= 1 && is_manifest(name)) || SETTINGS.contains(&path) || SCRIPTS.contains(&path) {
        return Some(Portion::Whole);
    }
    let says_what_it_is = matches!(name, "README.md" | "mod.rs" | "lib.rs" | "main.rs" | "__init__.py" | "doc.go");
    let is_lock = depth <= 1 && LOCKS.contains(&name);
    (is_lock || (says_what_it_is && depth <= 3)).then_some(Portion::Head)
}

/// Whether a file of this name says how work on its folder is done.
pub(super) fn is_manifest(name: &str) -> bool {
    MANIFESTS.contains(&name)
}

/// One folder of the repository, whose files are named as if it were the top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder<'a> {
    listing: &'a Listing,
    prefix: &'a str,
}

impl<'a> Folder<'a> {
    /// The top folder.
    pub fn top(listing: &'a Listing) -> Self {
        Self { listing, prefix: "" }
    }

    /// A folder of the top folder.
    pub fn below(listing: &'a Listing, prefix: &'a str) -> Self {
        Self { listing, prefix }
    }

    /// The file's path from the top folder of the repository.
    pub fn path(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    /// Whether the file is there.
    pub fn has(&self, name: &str) -> bool {
        self.listing.files.contains(&self.path(name))
    }

    /// The text of a file, as far as it was read.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.listing.texts.get(&self.path(name)).map(String::as_str)
    }

    /// The first of these files that was read: its name and its text.
    pub fn first_text<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &'a str)> {
        names.iter().find_map(|name| Some((*name, self.text(name)?)))
    }

    /// A line of a file.
    pub fn quote(&self, name: &str, line: usize) -> Quote {
        Quote::of(&self.path(name), self.text(name).unwrap_or_default(), line)
    }

    /// The first line of a file that is as wished.
    pub fn find(&self, name: &str, is_it: impl FnMut(&str) -> bool) -> Option<Quote> {
        Quote::first(&self.path(name), self.text(name)?, is_it)
    }

    /// The first line of a file that says anything: the proof that the file is there.
    pub fn opening(&self, name: &str) -> Option<Quote> {
        self.find(name, |line| !line.trim().is_empty())
    }
}
