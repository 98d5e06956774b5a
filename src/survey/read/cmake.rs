//! `CMakeLists.txt` and `CMakePresets.json`: a CMake project.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Build, Setup, Test};
use crate::survey::quote::Quote;
use crate::survey::tree::{Node, json};

const FILE: &str = "CMakeLists.txt";
const PRESETS: &str = "CMakePresets.json";

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let project = folder.find(FILE, |line| line.trim_start().to_lowercase().starts_with("project("));
    if project.is_none() {
        return;
    }
    let tests = folder.find(FILE, |line| {
        let line = line.trim_start().to_lowercase();
        ["enable_testing(", "include(ctest", "add_test(", "gtest_discover_tests("]
            .iter()
            .any(|call| line.starts_with(call))
    });
    if let Some((configure, quote)) = preset(folder, "configurePresets") {
        found.usual("cmake", Setup, format!("cmake --preset {configure}"), Some(quote));
        if let Some((build, quote)) = preset(folder, "buildPresets") {
            found.usual("cmake", Build, format!("cmake --build --preset {build}"), Some(quote));
        }
        if let Some((test, quote)) = preset(folder, "testPresets") {
            found.usual("cmake", Test, format!("ctest --preset {test}"), Some(quote));
        }
        return;
    }
    found.usual("cmake", Setup, "cmake -S . -B build", project.clone());
    found.usual("cmake", Build, "cmake --build build", project);
    found.usual("cmake", Test, "cmake --build build && ctest --test-dir build --output-on-failure", tests);
}

/// The first preset of a kind that is not hidden.
fn preset(folder: Folder<'_>, kind: &str) -> Option<(String, Quote)> {
    let root = json(folder.text(PRESETS)?)?;
    let shown = |node: &&Node| node.get("hidden").and_then(Node::text) != Some("true");
    let name = root.get(kind)?.items().iter().find(shown)?.get("name")?;
    Some((name.text()?.to_owned(), folder.quote(PRESETS, name.line)))
}
