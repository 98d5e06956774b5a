//! What a run costs: the real program with stand-in agents in real repositories. `cargo bench --bench run` prints a table.
//!
//! Nothing here fails because something is slow: figures belong into `docs/performance.md`, each beside its goal.
//! `cargo bench --bench run -- chain` measures only what has `chain` in its name.
//!
//! This program also stands in for two others, so that they can be timed: for an agent (`agent`), which notes when it
//! begins and ends and does its work through the fake agent; and for `git`, when it is called by that name.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files and processes and reads the time")]

#[path = "run/library.rs"]
mod library;
#[path = "run/measures.rs"]
mod measures;
#[path = "run/process.rs"]
mod process;
#[path = "../tests/common/repo.rs"]
mod repo;
#[path = "run/scene.rs"]
mod scene;
#[path = "run/stand_in.rs"]
mod stand_in;
#[path = "support/terminal.rs"]
mod terminal;

use std::process::ExitCode;

/// One line of the table.
pub struct Row {
    /// What was measured.
    pub what: String,
    /// Its goal or limit, or "-".
    pub goal: &'static str,
    /// What came out.
    pub figure: String,
    /// How it is to be read.
    pub note: String,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let Some(code) = stand_in::play(&args) {
        return code;
    }
    // `cargo test --benches` starts this too, and has no use for minutes of measuring.
    if !args.iter().any(|arg| arg == "--bench") {
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = args.iter().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    println!("| what | goal | measured | how to read it |\n|---|---|---|---|");
    let mut lists = Vec::new();
    for (name, measure) in measures::ALL {
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        for row in measure(&mut lists) {
            println!("| {} | {} | **{}** | {} |", row.what, row.goal, row.figure, row.note);
        }
    }
    for list in lists {
        println!("\n{list}");
    }
    ExitCode::SUCCESS
}
