//! `pom.xml` and `build.gradle`: Maven and Gradle projects, by their wrapper where there is one.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Format, Lint, Test};

/// Plugins of Gradle, and the task that each brings along.
const PLUGINS: [(&str, &str, crate::survey::purpose::Purpose); 4] = [
    ("spotless", "spotlessCheck", Format),
    ("ktlint", "ktlintCheck", Format),
    ("detekt", "detekt", Lint),
    ("checkstyle", "checkstyleMain", Lint),
];

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let maven = if folder.has("mvnw") { "./mvnw" } else { "mvn" };
    let project = folder.find("pom.xml", |line| line.contains("<project"));
    found.usual("maven", Test, format!("{maven} -B test"), project);
    let Some((file, _)) = folder.first_text(&["build.gradle.kts", "build.gradle"]) else { return };
    let gradle = if folder.has("gradlew") { "./gradlew" } else { "gradle" };
    let plugins = folder.find(file, |line| line.contains("plugins") || line.contains("apply plugin"));
    found.usual("gradle", Test, format!("{gradle} test"), plugins.or_else(|| folder.opening(file)));
    for (plugin, task, purpose) in PLUGINS {
        let quote = folder.find(file, |line| !line.trim_start().starts_with("//") && line.contains(plugin));
        found.usual("gradle", purpose, format!("{gradle} {task}"), quote);
    }
}
