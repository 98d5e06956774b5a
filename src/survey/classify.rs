//! What a command is good for, told from its program and its words, or from the name of the script that it asks for.

use super::purpose::Purpose;
use super::refuse::parts;
use super::words::{asked_of_runner, commands, unwrapped, words};

/// What a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It is good for this.
    Is(Purpose),
    /// It would change what it should only look at.
    Rewrites,
}

use Class::{Is, Rewrites};
use Purpose::{Build, Format, Lint, Setup, Test};

/// A program, words of which one must be there (none: any words will do), and what that is. The first that fits counts.
type Row = (&'static str, &'static [&'static str], Class);

#[rustfmt::skip]
const TOOLS: &[Row] = &[
    ("cargo", &["fmt --check", "fmt -- --check"], Is(Format)), ("cargo", &["fmt", "clippy --fix", "fix"], Rewrites),
    ("cargo", &["clippy"], Is(Lint)), ("cargo", &["test", "nextest"], Is(Test)), ("cargo", &["check", "build"], Is(Build)),
    ("cargo", &["fetch"], Is(Setup)), ("rustfmt", &["--check"], Is(Format)),
    ("prettier", &["--check", "-c", "--list-different", "-l"], Is(Format)), ("prettier", &["--write", "-w"], Rewrites),
    ("eslint", &["--fix"], Rewrites), ("eslint", &[], Is(Lint)), ("stylelint", &["--fix"], Rewrites), ("stylelint", &[], Is(Lint)),
    ("biome", &["--write", "--apply", "--fix"], Rewrites), ("biome", &["format"], Is(Format)), ("biome", &["check", "ci", "lint"], Is(Lint)),
    ("oxlint", &[], Is(Lint)), ("standard", &[], Is(Lint)), ("xo", &[], Is(Lint)), ("next", &["lint"], Is(Lint)),
    ("tsc", &[], Is(Build)), ("vue-tsc", &[], Is(Build)), ("svelte-check", &[], Is(Build)), ("astro", &["check", "build"], Is(Build)),
    ("next", &["build"], Is(Build)), ("vite", &["build"], Is(Build)), ("webpack", &[], Is(Build)), ("rollup", &[], Is(Build)),
    ("esbuild", &[], Is(Build)), ("tsup", &[], Is(Build)), ("vitest", &[], Is(Test)), ("jest", &[], Is(Test)), ("mocha", &[], Is(Test)),
    ("ava", &[], Is(Test)), ("tap", &[], Is(Test)), ("playwright", &["test"], Is(Test)), ("cypress", &["run"], Is(Test)),
    ("node", &["--test"], Is(Test)), ("deno", &["test"], Is(Test)), ("deno", &["lint"], Is(Lint)), ("deno", &["fmt --check"], Is(Format)),
    ("deno", &["fmt"], Rewrites), ("deno", &["check"], Is(Build)), ("bun", &["test"], Is(Test)),
    ("npm", &["ci", "install", "i"], Is(Setup)), ("pnpm", &["install", "i"], Is(Setup)), ("yarn", &["install"], Is(Setup)), ("bun", &["install"], Is(Setup)),
    ("pytest", &[], Is(Test)), ("py.test", &[], Is(Test)), ("tox", &[], Is(Test)), ("nox", &[], Is(Test)), ("unittest", &[], Is(Test)),
    ("manage.py", &["test"], Is(Test)),
    ("ruff", &["format --check", "format --diff"], Is(Format)), ("ruff", &["format", "--fix"], Rewrites), ("ruff", &["check", "."], Is(Lint)),
    ("black", &["--check", "--diff"], Is(Format)), ("black", &[], Rewrites), ("isort", &["--check", "--check-only", "-c"], Is(Format)),
    ("isort", &[], Rewrites), ("flake8", &[], Is(Lint)), ("pylint", &[], Is(Lint)), ("mypy", &[], Is(Build)), ("pyright", &[], Is(Build)),
    ("pre-commit", &["run"], Is(Lint)), ("pip", &["install"], Is(Setup)), ("pip3", &["install"], Is(Setup)), ("uv", &["sync", "install"], Is(Setup)),
    ("poetry", &["install"], Is(Setup)), ("pipenv", &["install", "sync"], Is(Setup)), ("pdm", &["install", "sync"], Is(Setup)),
    ("go", &["test"], Is(Test)), ("go", &["vet"], Is(Lint)), ("go", &["build"], Is(Build)), ("go", &["download"], Is(Setup)),
    ("gotestsum", &[], Is(Test)), ("gofmt", &["-w"], Rewrites), ("gofmt", &["-l", "-d"], Is(Format)), ("gofumpt", &["-l", "-d"], Is(Format)),
    ("go", &["fmt"], Rewrites), ("golangci-lint", &["--fix"], Rewrites), ("golangci-lint", &["run"], Is(Lint)), ("staticcheck", &[], Is(Lint)),
    ("rspec", &[], Is(Test)), ("rails", &["test"], Is(Test)), ("rubocop", &["-a", "-A", "--autocorrect"], Rewrites), ("rubocop", &[], Is(Lint)),
    ("standardrb", &["--fix"], Rewrites), ("standardrb", &[], Is(Lint)), ("srb", &["tc"], Is(Build)), ("bundle", &["install"], Is(Setup)),
    ("mvn", &["test", "verify"], Is(Test)), ("mvn", &["compile", "package"], Is(Build)), ("mvnw", &["test", "verify"], Is(Test)),
    ("mvnw", &["compile", "package"], Is(Build)), ("gradle", &["test", "check"], Is(Test)), ("gradle", &["build", "assemble"], Is(Build)),
    ("gradlew", &["spotlessCheck", "ktlintCheck"], Is(Format)), ("gradlew", &["detekt", "lint"], Is(Lint)),
    ("gradlew", &["test", "check"], Is(Test)), ("gradlew", &["build", "assemble"], Is(Build)),
    ("phpunit", &[], Is(Test)), ("pest", &[], Is(Test)), ("artisan", &["test"], Is(Test)), ("phpstan", &[], Is(Build)), ("psalm", &[], Is(Build)),
    ("phpcs", &[], Is(Lint)), ("phpcbf", &[], Rewrites), ("pint", &["--test"], Is(Format)), ("pint", &[], Rewrites),
    ("php-cs-fixer", &["--dry-run"], Is(Format)), ("php-cs-fixer", &[], Rewrites), ("composer", &["install"], Is(Setup)),
    ("mix", &["format --check-formatted"], Is(Format)), ("mix", &["format"], Rewrites), ("mix", &["credo"], Is(Lint)), ("mix", &["test"], Is(Test)),
    ("mix", &["dialyzer", "compile"], Is(Build)), ("mix", &["deps.get"], Is(Setup)),
    ("cmake", &["--build"], Is(Build)), ("cmake", &["-B", "-S", "--preset"], Is(Setup)), ("ctest", &[], Is(Test)), ("meson", &["test"], Is(Test)),
    ("meson", &["setup"], Is(Setup)), ("ninja", &["test"], Is(Test)), ("ninja", &[], Is(Build)),
    ("dotnet", &["test"], Is(Test)), ("dotnet", &["build"], Is(Build)), ("dotnet", &["restore"], Is(Setup)),
    ("dotnet", &["format --verify-no-changes"], Is(Format)), ("dotnet", &["format"], Rewrites), ("swift", &["test"], Is(Test)), ("swift", &["build"], Is(Build)),
    ("clang-format", &["--dry-run"], Is(Format)), ("clang-format", &["-i"], Rewrites), ("shellcheck", &[], Is(Lint)), ("yamllint", &[], Is(Lint)),
    ("markdownlint", &[], Is(Lint)), ("actionlint", &[], Is(Lint)), ("typos", &[], Is(Lint)), ("codespell", &[], Is(Lint)), ("hadolint", &[], Is(Lint)),
    ("tflint", &[], Is(Lint)), ("buf", &["lint"], Is(Lint)), ("zig", &["test"], Is(Test)), ("bazel", &["test"], Is(Test)), ("bazel", &["build"], Is(Build)),
];

/// Installs beside the checkout, or changes what is locked: no setup of a worktree.
const OUTSIDE: &[&str] = &["-g", "--global", "--upgrade", "-U", "global"];

/// What the text of a command line is good for: that of its commands which says most. A command that rewrites files makes
/// all of it rewrite them.
#[must_use]
pub fn class_of(text: &str) -> Option<Class> {
    let classes: Vec<Class> = commands(text).iter().filter_map(|command| of_words(&words(command))).collect();
    if classes.contains(&Rewrites) {
        return Some(Rewrites);
    }
    let purposes = classes.iter().filter_map(|class| match class {
        Is(purpose) => Some(*purpose),
        Rewrites => None,
    });
    purposes.max().map(Is)
}

fn of_words(words: &[String]) -> Option<Class> {
    let inner = unwrapped(words);
    let program = inner.first()?;
    if inner.iter().any(|word| matches!(word.as_str(), "--version" | "--help")) {
        return None;
    }
    let row = TOOLS.iter().filter(|(name, ..)| name == program).find(|(_, wanted, _)| {
        wanted.is_empty()
            || wanted.iter().any(|phrase| phrase.split(' ').all(|word| inner[1..].iter().any(|w| is_word(w, word))))
    });
    match row.map(|(.., class)| *class) {
        Some(Is(Setup)) if inner.iter().any(|word| OUTSIDE.contains(&word.as_str())) => None,
        Some(class) => Some(class),
        // `yarn eslint .` runs the program when there is no script of that name.
        None => match asked_of_runner(&inner) {
            Some((_, name)) => of_name(name).map(|named| Is(named.purpose)),
            None if matches!(program.as_str(), "make" | "gmake") => Some(Is(Build)),
            None => None,
        },
    }
}

/// `--check=true` is the word `--check` too.
fn is_word(word: &str, wanted: &str) -> bool {
    word == wanted || word.split_once('=').is_some_and(|(flag, _)| flag == wanted && flag.starts_with('-'))
}

/// What the name of a script, a target or a recipe promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// What it is good for.
    pub purpose: Purpose,
    /// 0 for the plain name; the more, the more special (`test:e2e`).
    pub rank: u8,
    /// Whether it may well write, so that its text has to prove that it only looks.
    pub may_write: bool,
}

/// What a name promises.
#[must_use]
pub fn of_name(name: &str) -> Option<Named> {
    let parts: Vec<String> = parts(name).collect();
    let has = |list: &[&str]| parts.iter().any(|part| list.contains(&part.as_str()));
    let special = u8::from(parts.len() > 1);
    let named = |purpose, rank, may_write| Some(Named { purpose, rank, may_write });
    if has(&["clean", "install", "docs", "doc", "docker", "image", "bench", "benchmark", "example", "examples"]) {
        return has(&["deps", "dependencies"]).then_some(Named { purpose: Setup, rank: 1, may_write: false });
    }
    if has(&["fmt", "format", "formatting", "prettier", "checkfmt", "fmtcheck"]) {
        let only_looks = has(&["check", "ci", "verify", "diff", "lint", "test", "checkfmt", "fmtcheck"]);
        return named(Format, u8::from(!only_looks), !only_looks);
    }
    if has(&["lint", "linter", "lints", "eslint", "clippy", "vet", "rubocop", "flake8", "ruff"]) {
        return named(Lint, special, false);
    }
    let types = has(&["type", "types"]) && has(&["check", "lint", "test"]);
    if types || has(&["typecheck", "tsc", "mypy", "typing", "types", "compile", "pyright"]) {
        return named(Build, 0, false);
    }
    if has(&["test", "tests", "spec", "specs", "unit", "unittest", "pytest"]) {
        let costly =
            has(&["e2e", "integration", "coverage", "cov", "all", "smoke", "load", "slow", "ui", "acceptance"]);
        return named(Test, if costly { 3 } else { special }, false);
    }
    if has(&["build"]) {
        return named(Build, 1 + special, false);
    }
    if has(&["setup", "bootstrap", "deps", "dependencies"]) {
        return named(Setup, special, false);
    }
    matches!(name, "check" | "verify").then_some(Named { purpose: Test, rank: 2, may_write: false })
}
