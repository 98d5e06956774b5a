//! `package.json`: its scripts, the package manager that its lock file names, and the tools that it depends on.

use crate::survey::entry::{Entry, Runner};
use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::proposal::Refused;
use crate::survey::purpose::Purpose::{Build, Format, Lint, Setup};
use crate::survey::quote::Quote;
use crate::survey::refuse::Reason;
use crate::survey::tree::{Node, json};

const FILE: &str = "package.json";

/// A package manager: its program, its lock files, how scripts and programs are run, and how it installs what is locked.
struct Manager {
    program: &'static str,
    locks: &'static [&'static str],
    run: &'static str,
    execute: &'static str,
    install: &'static str,
}

const MANAGERS: [Manager; 4] = [
    Manager {
        program: "pnpm",
        locks: &["pnpm-lock.yaml"],
        run: "pnpm run",
        execute: "pnpm exec",
        install: "pnpm install --frozen-lockfile",
    },
    Manager {
        program: "yarn",
        locks: &["yarn.lock"],
        run: "yarn run",
        execute: "yarn run",
        install: "yarn install --frozen-lockfile",
    },
    Manager {
        program: "bun",
        locks: &["bun.lock", "bun.lockb"],
        run: "bun run",
        execute: "bunx",
        install: "bun install --frozen-lockfile",
    },
    Manager {
        program: "npm",
        locks: &["package-lock.json", "npm-shrinkwrap.json"],
        run: "npm run",
        execute: "npx --no-install",
        install: "npm ci",
    },
];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some(text) = folder.text(FILE) else { return };
    let Some(root) = json(text) else { return super::unread(folder, FILE, found) };
    let locks: Vec<(&Manager, &str)> = MANAGERS
        .iter()
        .flat_map(|manager| manager.locks.iter().map(move |lock| (manager, *lock)))
        .filter(|(_, lock)| folder.has(lock))
        .collect();
    let wished = root.get("packageManager").and_then(Node::text).and_then(|wish| wish.split('@').next());
    let locked = locks.iter().find(|(manager, _)| wished.is_none_or(|wish| manager.program == wish));
    let named = MANAGERS.iter().find(|manager| Some(manager.program) == wished);
    let [.., npm] = &MANAGERS;
    let manager = named.or(locked.map(|(manager, _)| *manager)).unwrap_or(npm);
    if locks.len() > 1 && wished.is_none() {
        let names: Vec<&str> = locks.iter().map(|(_, lock)| *lock).collect();
        found.notes.push(format!(
            "{} has more than one lock file ({}), and {} was taken",
            folder.path(FILE),
            names.join(", "),
            manager.program
        ));
    }
    scripts(folder, text, &root, manager, found);
    tools(folder, &root, manager, found);
    install(folder, &root, manager, locked.map(|(_, lock)| *lock), found);
}

fn scripts(folder: Folder<'_>, text: &str, root: &Node, manager: &Manager, found: &mut Found) {
    let path = folder.path(FILE);
    let scripts = root.get("scripts").map(Node::entries).unwrap_or_default();
    let mut entries = Vec::new();
    for (name, node) in scripts {
        let Some(body) = node.text() else { continue };
        let quote = Quote::of(&path, text, node.line);
        if body.contains("no test specified") {
            let command = format!("{} {name}", manager.run);
            found.refused.push(Refused { command, reason: Reason::Placeholder, quote });
            continue;
        }
        let around = [format!("pre{name}"), format!("post{name}")];
        let needs = around.into_iter().filter(|name| scripts.iter().any(|(known, _)| known == name)).collect();
        entries.push(Entry { name: name.clone(), body: vec![(body.to_owned(), quote.clone())], quote, needs });
    }
    Runner { call: manager.run, family: "node", whole: false, entries }.judge(found);
}

/// Tools that it depends on and that have settings here.
fn tools(folder: Folder<'_>, root: &Node, manager: &Manager, found: &mut Found) {
    let depends = |name: &str| {
        let node = ["devDependencies", "dependencies"].iter().find_map(|table| root.at(&[table, name]))?;
        Some(folder.quote(FILE, node.line))
    };
    let has = |names: &[&str]| names.iter().any(|name| folder.has(name));
    let mut usual = |purpose, name: &str, command: &str, settings: &[&str]| {
        if has(settings) {
            found.usual(&format!("node {name}"), purpose, format!("{} {command}", manager.execute), depends(name));
        }
    };
    usual(
        Format,
        "prettier",
        "prettier --check .",
        &[".prettierrc", ".prettierrc.json", ".prettierrc.yml", "prettier.config.js"],
    );
    usual(
        Lint,
        "eslint",
        "eslint .",
        &["eslint.config.js", "eslint.config.mjs", ".eslintrc.json", ".eslintrc.js", ".eslintrc.cjs"],
    );
    usual(Build, "typescript", "tsc --noEmit", &["tsconfig.json"]);
}

fn install(folder: Folder<'_>, root: &Node, manager: &Manager, lock: Option<&str>, found: &mut Found) {
    if let Some(lock) = lock {
        let quote = folder.find(lock, |line| line.to_lowercase().contains("lockfile")).or_else(|| folder.opening(lock));
        let named = root.get("packageManager").map(|node| folder.quote(FILE, node.line));
        return found.usual("node", Setup, manager.install, quote.or(named));
    }
    let depends = ["dependencies", "devDependencies"].iter().find_map(|table| root.get(table));
    let quote = depends.map(|node| folder.quote(FILE, node.line));
    if quote.is_some() {
        found.notes.push(format!("{} has no lock file: each worktree may get other versions", folder.path(FILE)));
    }
    found.usual("node", Setup, format!("{} install", manager.program), quote);
}
