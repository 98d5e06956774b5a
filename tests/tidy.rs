//! Holds the line that the compiler does not hold: who may use whom, and how a file looks. See docs/architecture.md.

#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use rules::{ROOMS, check};
use source::Source;

#[test]
fn the_source_is_tidy() {
    let sources = Source::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 10, "the checks must find the source");
    let found: Vec<String> = sources.iter().flat_map(check).map(|finding| finding.to_string()).collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_walls_leave_no_circle_and_know_every_room() {
    for source in Source::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let room = source.path.split('/').next().expect("a name").trim_end_matches(".rs");
        assert!(ROOMS.iter().any(|(known, _)| *known == room), "{room} is not in the table of tests/tidy/rules.rs");
    }
    let mut open: Vec<_> = ROOMS.to_vec();
    while !open.is_empty() {
        let names: Vec<&str> = open.iter().map(|(room, _)| *room).collect();
        let before = open.len();
        open.retain(|(_, uses)| uses.iter().any(|used| names.contains(used)));
        assert!(open.len() < before, "these use each other in a circle: {names:?}");
    }
}

/// The rules that a file with this code breaks, with their lines.
fn broken(path: &str, code: &str) -> Vec<(usize, &'static str)> {
    check(&Source::new(path, &format!("//! A file.\n{code}"))).into_iter().map(|f| (f.line, f.rule)).collect()
}

const CLEAN: [(usize, &str); 0] = [];

#[test]
fn a_forbidden_edge_is_found_however_it_is_written() {
    for code in [
        "use crate::effects::fs;",
        "use crate::{domain::id, effects::fs};",
        "use crate::{\n    domain::{id, plan},\n    effects,\n};",
        "fn f() { crate::effects::fs::free_space(x); }",
        "use super::super::effects;",
        "use super::super::{effects, domain};",
        "use crate :: effects;",
        "use ralph_teams::effects;",
    ] {
        assert_eq!(broken("ui/plain.rs", code).len(), 1, "{code}");
    }
    assert_eq!(broken("scheduler/mod.rs", "use super::journal;"), [(2, "walls")]);
    assert_eq!(broken("clock.rs", "\n\nuse super::ui;"), [(4, "walls")]);
}

#[test]
fn an_allowed_edge_is_fine() {
    assert_eq!(broken("ui/plain.rs", "use crate::{domain::id, scheduler::{Notice, RunView}};"), CLEAN);
    assert_eq!(broken("ui/tui/model.rs", "use super::super::text; use crate::ui::Sink; use super::effects;"), CLEAN);
    assert_eq!(broken("driver.rs", "use crate::journal::Journal;"), CLEAN);
    assert_eq!(broken("domain/id.rs", "// use crate::effects;\nconst X: &str = \"crate::effects\";"), CLEAN);
    assert_eq!(broken("domain/plan/tests.rs", "use crate::effects; fn f() { x.unwrap() }"), CLEAN);
    assert_eq!(broken("domain/id.rs", "#[cfg(test)]\nmod tests { use crate::effects; fn f() { x.unwrap() } }"), CLEAN);
}

#[test]
fn a_foreign_crate_is_found_outside_of_its_room() {
    assert_eq!(broken("ui/text.rs", "use tokio::sync;"), [(2, "foreign crate")]);
    assert_eq!(broken("domain/id.rs", "fn f() -> ::git2::Oid {}").len(), 1);
    assert_eq!(broken("effects/gate.rs", "use git2;"), [(2, "foreign crate")]);
    assert_eq!(broken("effects/git/read.rs", "use git2::Repository;"), CLEAN);
    assert_eq!(broken("effects/github.rs", "use git2::Repository;"), [(2, "foreign crate")]);
    assert_eq!(broken("driver.rs", "use tokio::select;"), CLEAN);
    assert_eq!(broken("config/mod.rs", "fn f() { serde_saphyr::from_str(x) }"), [(2, "foreign crate")]);
    assert_eq!(broken("config/yaml.rs", "fn f() { serde_saphyr::from_str(x) }"), CLEAN);
}

#[test]
fn code_that_is_not_wanted_is_found_in_code_only() {
    for (code, rule) in [
        ("fn f() { let now = std::time::Instant::now(); }", "Instant::now"),
        ("fn f() { std::process::Command::new(\"x\"); }", "process::Command"),
        ("use std::collections::HashMap;", "HashMap"),
        ("#[allow(dead_code)]\nfn f() {}", "#[allow("),
        ("fn f() { todo!() }", "todo!"),
        ("fn f() { unimplemented!() }", "unimplemented!"),
        ("fn f() { x\n    .unwrap() }", ".unwrap()"),
        ("fn f() { x.expect(\"x\") }", ".expect("),
    ] {
        let found: Vec<&str> = broken("ui/text.rs", code).into_iter().map(|(_, rule)| rule).collect();
        assert_eq!(found, [rule], "{code}");
    }
    let hidden = "// x.unwrap()\n/* todo!() /* .unwrap() */ HashMap */\nconst A: &str = \"x.unwrap() \\\" todo!()\";\n\
                  const B: &str = r#\"todo!() \" HashMap\"#;\nconst C: char = '\"';\nfn f<'a>(x: &'a str) {}\n\
                  const D: [char; 2] = ['\\'', '{'];\nfn g() { x.unwrap_or(MyHashMap) }";
    assert_eq!(broken("ui/text.rs", hidden), CLEAN);
    assert_eq!(broken("ui/text.rs", &format!("{hidden}\nfn h() {{ x.unwrap() }}")), [(10, ".unwrap()")]);
    assert_eq!(broken("clock.rs", "fn f() { Instant::now(); }"), CLEAN);
}

#[test]
fn a_catch_all_arm_is_found_in_the_pure_rooms_only() {
    let code = "fn f() {\n    match x {\n        A => 1,\n        _ => 2,\n    }\n}";
    assert_eq!(broken("scheduler/track.rs", code), [(5, "`_` arm")]);
    assert_eq!(broken("domain/plan.rs", "fn f() { match x { A => 1, _=> 2 } }"), [(2, "`_` arm")]);
    assert_eq!(broken("ui/text.rs", code), CLEAN);
    assert_eq!(
        broken("domain/plan.rs", "fn f() { let _ = x; match x { Some(_) => 1, _ if y => 2, None => 3 } }"),
        CLEAN
    );
}

#[test]
fn a_file_without_a_first_line_or_too_long_is_found() {
    let found = check(&Source::new("ui/text.rs", "use std::fmt;\n"));
    assert_eq!(found.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["first line"]);
    assert!(found[0].to_string().starts_with("src/ui/text.rs:1: first line: begin with"));
    assert_eq!(broken("ui/text.rs", &"\n".repeat(399)), CLEAN);
    assert_eq!(broken("ui/text.rs", &"\n".repeat(400)), [(401, "long file")]);
}

#[test]
fn a_function_that_is_too_long_is_found_by_its_name() {
    let function = |n_lines| {
        format!("trait T {{ fn none(x: [u8; 2]); }}\nfn f(x: [u8; 2]) -> X {{\n{}}}", "g();\n".repeat(n_lines))
    };
    assert_eq!(broken("ui/text.rs", &function(78)), CLEAN);
    assert_eq!(broken("ui/text.rs", &function(79)), [(3, "long function")]);
    let found = check(&Source::new("ui/text.rs", &format!("//! A file.\n{}", function(79))));
    assert!(found[0].what_to_do.contains("`f` has 81 lines"), "{}", found[0]);
}

/// The names on the left of the lines of a table of Cargo.toml.
fn names_in<'a>(manifest: &'a str, table: &str) -> BTreeSet<&'a str> {
    let behind = manifest.split_once(&format!("\n[{table}]\n")).map(|(_, behind)| behind);
    let lines = behind.expect("the table is there").lines().take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| Some(line.split_once('=')?.0.trim())).collect()
}

#[test]
fn every_dependency_has_its_reason_and_no_reason_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect(name);
    let (manifest, reasons) = (read("Cargo.toml"), read("docs/dependencies.md"));
    let used: BTreeSet<&str> =
        ["dependencies", "dev-dependencies"].into_iter().flat_map(|table| names_in(&manifest, table)).collect();
    let told: BTreeSet<&str> =
        reasons.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    assert!(used.len() > 10, "the test must find the dependencies");
    assert_eq!(used, told, "left: Cargo.toml, right: the tables of docs/dependencies.md");
}
