//! `Cargo.toml`: a package or a workspace, and what it asks of clippy and rustfmt.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Format, Lint, Test};
use crate::survey::tree::toml;

const FILE: &str = "Cargo.toml";

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let Some(text) = folder.text(FILE) else { return };
    let Some(root) = toml(text) else { return super::unread(folder, FILE, found) };
    let header = |table: &str| folder.find(FILE, |line| line.trim() == table);
    let (test, all) = match root.get("workspace") {
        Some(_) => ("cargo test --workspace", " --workspace"),
        None => ("cargo test", ""),
    };
    found.usual("cargo", Test, test, header("[workspace]").or_else(|| header("[package]")));
    let lints = root.at(&["lints", "clippy"]).or_else(|| root.at(&["workspace", "lints", "clippy"]));
    let lints = lints.map(|node| folder.quote(FILE, node.line));
    let settings = ["clippy.toml", ".clippy.toml"].iter().find_map(|name| folder.opening(name));
    found.usual("cargo", Lint, format!("cargo clippy{all} --all-targets -- -D warnings"), lints.or(settings));
    let style = ["rustfmt.toml", ".rustfmt.toml"].iter().find_map(|name| folder.opening(name));
    found.usual("cargo", Format, "cargo fmt --all --check", style);
}
