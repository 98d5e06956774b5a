//! Python projects: `pyproject.toml`, `setup.cfg`, tox, nox, requirements, and the lock files of uv, poetry and others.

use crate::survey::entry::{Entry, Runner};
use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Build, Format, Lint, Setup, Test};
use crate::survey::quote::Quote;
use crate::survey::tree::toml;

/// A lock file, the command that installs what is locked, and what stands in front of a program of the environment.
const LOCKS: [(&str, &str, &str); 4] = [
    ("uv.lock", "uv sync", "uv run "),
    ("poetry.lock", "poetry install", "poetry run "),
    ("pdm.lock", "pdm install", "pdm run "),
    ("Pipfile.lock", "pipenv sync --dev", "pipenv run "),
];

/// Where tools are configured or asked for.
const FILES: &[&str] = &["pyproject.toml", "setup.cfg", "tox.ini", "requirements-dev.txt", "requirements.txt"];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let is_python = FILES.iter().chain(&["setup.py", "noxfile.py"]).any(|name| folder.has(name));
    if !is_python {
        return;
    }
    let lock = LOCKS.iter().find(|(lock, ..)| folder.has(lock));
    let run = lock.map_or("", |(.., run)| run);
    runners(folder, found);
    // The first place that names the table or the tool.
    let table = |names: &[&str]| {
        FILES
            .iter()
            .find_map(|file| folder.find(file, |line| names.iter().any(|name| line.trim() == format!("[{name}]"))))
    };
    let asked = |tool: &str| FILES.iter().find_map(|file| folder.find(file, |line| asks_for(line, tool)));
    let mut usual = |purpose, command: &str, quote: Option<Quote>| {
        found.usual("python", purpose, format!("{run}{command}"), quote);
    };
    usual(Test, "pytest", table(&["tool.pytest.ini_options", "tool:pytest", "pytest"]).or_else(|| asked("pytest")));
    let ruff = table(&["tool.ruff", "tool.ruff.lint"]).or_else(|| folder.opening("ruff.toml"));
    let has_ruff = ruff.is_some();
    usual(Lint, "ruff check .", ruff);
    if !has_ruff {
        usual(Lint, "flake8", table(&["flake8"]).or_else(|| folder.opening(".flake8")));
    }
    let black = table(&["tool.black"]);
    if black.is_none() {
        usual(Format, "ruff format --check .", table(&["tool.ruff.format"]));
    }
    usual(Format, "black --check .", black);
    usual(Build, "mypy .", table(&["tool.mypy", "mypy"]));
    let django = folder.has("manage.py").then(|| asked("django")).flatten();
    usual(Test, "python manage.py test", django);
    setup(folder, lock, found);
}

/// `"pytest>=8"`, `pytest = "^8"` and `pytest==8` ask for pytest; `pytest-cov` is another tool.
fn asks_for(line: &str, tool: &str) -> bool {
    let line = line.trim().trim_start_matches(['"', '\'']).to_lowercase();
    let inner = line.split(['"', '\'']).map(str::trim).any(|part| is_tool(part, tool));
    is_tool(&line, tool) || (line.contains('[') && inner)
}

fn is_tool(text: &str, tool: &str) -> bool {
    let rest = text.strip_prefix(tool);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':')))
}

/// Programs that run what the repository itself defined.
fn runners(folder: Folder<'_>, found: &mut Found) {
    let tox = folder.find("tox.ini", |line| line.trim().starts_with("[testenv") || line.trim() == "[tox]");
    let nox = folder.find("noxfile.py", |line| line.contains("nox.session"));
    for (name, quote) in [("tox", tox), ("nox", nox)] {
        let Some(quote) = quote else { continue };
        let body = vec![(name.to_owned(), quote.clone())];
        let entry = Entry { name: "test".to_owned(), quote, body, needs: Vec::new() };
        let mut own = Found::default();
        Runner { call: name, family: "python", whole: false, entries: vec![entry] }.judge(&mut own);
        for candidate in &mut own.candidates {
            name.clone_into(&mut candidate.command);
        }
        found.add(own);
    }
}

fn setup(folder: Folder<'_>, lock: Option<&(&str, &str, &str)>, found: &mut Found) {
    if let Some((lock, install, _)) = lock {
        return found.usual("python", Setup, *install, folder.opening(lock));
    }
    let requirements = ["requirements-dev.txt", "requirements.txt"].into_iter().find(|name| folder.has(name));
    let (file, wanted, quote) = match requirements {
        Some(file) => (file, format!("-r {file}"), folder.opening(file)),
        None => ("pyproject.toml", itself(folder), folder.find("pyproject.toml", |line| line.trim() == "[project]")),
    };
    if quote.is_some() {
        found.notes.push(format!(
            "{}: pip installs into the Python that it belongs to, not into the worktree, unless a virtual environment is used",
            folder.path(file)
        ));
    }
    found.usual("python", Setup, format!("python3 -m pip install {wanted}"), quote);
}

/// The project itself, with what it needs for work where it says so.
fn itself(folder: Folder<'_>) -> String {
    let extras = folder.text("pyproject.toml").and_then(toml);
    let extras = extras.as_ref().and_then(|root| root.at(&["project", "optional-dependencies"]));
    let extra =
        ["dev", "test", "tests"].into_iter().find(|name| extras.is_some_and(|extras| extras.get(name).is_some()));
    extra.map_or_else(|| "-e .".to_owned(), |extra| format!("-e '.[{extra}]'"))
}
