//! The rules themselves: each looks at one file and says what is wrong, where, and what to do.

use std::fmt;

use super::source::{Source, closing};

/// One thing that is against a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub rule: &'static str,
    pub what_to_do: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: {}: {}", self.path, self.line, self.rule, self.what_to_do)
    }
}

/// Which room may use which.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli", "app"]),
    ("lib", &[]),
    (
        "app",
        &[
            "domain",
            "lint",
            "scheduler",
            "journal",
            "effects",
            "ui",
            "config",
            "survey",
            "clock",
            "signals",
            "driver",
            "cli",
            "exit",
        ],
    ),
    ("driver", &["domain", "scheduler", "journal", "effects", "ui", "clock", "signals"]),
    ("effects", &["scheduler", "domain", "clock"]),
    ("ui", &["scheduler", "domain"]),
    ("journal", &["scheduler", "domain"]),
    ("config", &["domain"]),
    ("survey", &["domain"]),
    ("cli", &["config", "domain"]),
    ("scheduler", &["domain"]),
    ("lint", &["domain"]),
    ("domain", &[]),
    ("exit", &["domain"]),
    // A run's id is made from the time of day.
    ("clock", &["domain"]),
    ("signals", &[]),
];

/// Where a foreign crate may be used: files or directories below `src/`, without the ending.
const CRATES: &[(&str, &[&str])] = &[
    ("tokio", &["driver", "effects", "signals", "app"]),
    ("tokio_util", &["driver", "effects", "signals", "app"]),
    ("agent_client_protocol", &["effects/backend/acp"]),
    ("git2", &["effects/git"]),
    ("indicatif", &["ui/plain"]),
    ("ratatui", &["ui/tui"]),
    ("crossterm", &["ui/tui"]),
    ("serde_saphyr", &["config/yaml", "survey/tree/yaml"]),
    ("toml_span", &["survey/tree/toml"]),
    ("inquire", &["app/setup", "app/idea"]),
    ("similar", &["app/difference"]),
    ("yaml_edit", &["config/edit"]),
    ("nix", &["app/foreground"]),
    ("rmcp", &["app/mcp"]),
    ("rustix", &["effects", "signals", "clock", "app", "ui/screen", "ui/tui"]),
];

/// Code that may stand only in some places; where, and what to do instead.
const PIECES: &[(&str, &[&str], &str)] = &[
    ("Instant::now", &["clock"], "take the time as an argument; only src/clock.rs reads it"),
    ("SystemTime::now", &["clock"], "take the time as an argument; only src/clock.rs reads it"),
    ("Zoned::now", &["clock"], "take the time as an argument; only src/clock.rs reads it"),
    ("Timestamp::now", &["clock"], "take the time as an argument; only src/clock.rs reads it"),
    ("process::Command", &["effects", "app"], "start processes in effects"),
    ("HashMap", &[], "use BTreeMap, whose order is the same in every run"),
    ("HashSet", &[], "use BTreeSet, whose order is the same in every run"),
    ("#[allow(", &[], "use #[expect(.., reason = \"..\")], which complains when it is no longer needed"),
    ("#![allow(", &[], "use #![expect(.., reason = \"..\")], which complains when it is no longer needed"),
    ("todo!", &[], "finish it, or return a typed error"),
    ("unimplemented!", &[], "finish it, or return a typed error"),
    (".unwrap()", &[], "return a typed error"),
    (".expect(", &[], "return a typed error, or write it so that the impossible case cannot be written"),
];

const MOST_LINES: usize = 400;
const MOST_LINES_OF_FUNCTION: usize = 80;

/// Functions that may be longer: file, name, reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// `_` arms in the pure rooms that are not about our own enums: file, text of the line, reason.
const OPEN_ARMS: &[(&str, &str, &str)] = &[
    ("domain/prd/document.rs", "_ => advice(message)", "about a character"),
    ("domain/prd/fields.rs", "_ => \"write true or false\"", "about the JSON library's values"),
    ("domain/prd/fields.rs", "_ => \"write a whole number like 1\"", "about the JSON library's values"),
];

/// All that is wrong with one file.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |line, rule, what_to_do: String| {
        found.push(Finding { path: source.path.clone(), line, rule, what_to_do });
    };
    if !source.text.starts_with("//! ") {
        add(1, "first line", "begin with a `//!` line that says to a newcomer what the file is for".into());
    }
    let n_lines = source.text.lines().count();
    if n_lines > MOST_LINES {
        add(n_lines, "long file", format!("{n_lines} lines: it holds two ideas, split it below {MOST_LINES}"));
    }
    for (line, room) in forbidden_rooms(source) {
        let own = room_of(source);
        add(line, "walls", format!("`{own}` must not use `{room}`; pass what is needed as an argument"));
    }
    for (line, name, places) in forbidden_crates(source) {
        add(line, "foreign crate", format!("`{name}` may be used only in {}", places.join(", ")));
    }
    for (piece, _, what_to_do) in PIECES.iter().filter(|(_, places, _)| !is_in(source, places)) {
        for place in source.places_of(piece) {
            add(source.line_of(place), piece, (*what_to_do).to_owned());
        }
    }
    for line in open_arms(source) {
        add(line, "`_` arm", "list every variant, so that a new one must be thought about here".into());
    }
    for (line, name, n_lines) in long_functions(source) {
        add(line, "long function", format!("`{name}` has {n_lines} lines: split it below {MOST_LINES_OF_FUNCTION}"));
    }
    found
}

fn room_of(source: &Source) -> &str {
    source.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

fn is_in(source: &Source, places: &[&str]) -> bool {
    let path = source.path.trim_end_matches(".rs");
    places.iter().any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Rooms that the file names, from the crate's root, and that its own room must not use.
fn forbidden_rooms(source: &Source) -> Vec<(usize, String)> {
    let own = room_of(source);
    let allowed = ROOMS.iter().find(|(room, _)| *room == own).map_or(&[][..], |(_, allowed)| allowed);
    let is_room = |name: &str| ROOMS.iter().any(|(room, _)| *room == name);
    let mut found = Vec::new();
    for (place, word) in source.words() {
        let rest = match word {
            "crate" | "ralph_teams" => behind_colons(&source.code[place + word.len()..]),
            "super" if !source.code[..place].trim_end().ends_with("::") => out_of_the_room(source, place),
            _ => None,
        };
        for name in rest.map(first_names).unwrap_or_default() {
            if is_room(&name) && name != own && !allowed.contains(&name.as_str()) {
                found.push((source.line_of(place), name));
            }
        }
    }
    found
}

fn behind_colons(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix("::").map(str::trim_start)
}

/// What follows a chain of `super::` that leads to the crate's root.
fn out_of_the_room(source: &Source, place: usize) -> Option<&str> {
    let mut rest = &source.code[place..];
    let mut n_up = 0;
    while let Some(behind) = rest.strip_prefix("super").and_then(behind_colons) {
        rest = behind;
        n_up += 1;
    }
    (n_up >= source.module().len()).then_some(rest)
}

/// The first names of a path, or of each path in `{a::b, c}`.
fn first_names(code: &str) -> Vec<String> {
    let name = |part: &str| part.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if !code.starts_with('{') {
        return vec![name(code)];
    }
    let inside = &code[1..closing(code, 0) - 1];
    let mut depth = 0;
    let comma = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    inside.split(comma).map(name).collect()
}

fn forbidden_crates(source: &Source) -> Vec<(usize, &'static str, &'static [&'static str])> {
    let mut found = Vec::new();
    for (place, word) in source.words() {
        let Some((name, places)) = CRATES.iter().find(|(name, _)| *name == word) else { continue };
        let before = &source.code[..place];
        let rest = source.code[place + word.len()..].trim_start();
        // `x::git2` is a module of ours and `git2: T` a field; `git2::T`, `::git2::T` and `use git2;` are the crate.
        let is_part = before
            .strip_suffix("::")
            .is_some_and(|path| path.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>'));
        let is_crate =
            !is_part && (rest.starts_with("::") || before.trim_end_matches("::").trim_end().ends_with("use"));
        if is_crate && !is_in(source, places) {
            found.push((source.line_of(place), *name, *places));
        }
    }
    found
}

fn open_arms(source: &Source) -> Vec<usize> {
    if !is_in(source, &["scheduler", "domain", "lint"]) {
        return Vec::new();
    }
    source
        .words()
        .filter(|(_, word)| *word == "_")
        // `_ if ..` is left alone: the compiler does not count it when it looks for variants that are not listed.
        .filter(|(place, _)| source.code[place + 1..].trim_start().starts_with("=>"))
        .map(|(place, _)| source.line_of(place))
        .filter(|line| {
            let text = source.text.lines().nth(line - 1).unwrap_or_default().trim().trim_end_matches(',');
            !OPEN_ARMS.iter().any(|(path, allowed, _)| *path == source.path && *allowed == text)
        })
        .collect()
}

fn long_functions(source: &Source) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    let words: Vec<(usize, &str)> = source.words().collect();
    for pair in words.windows(2) {
        let [(place, "fn"), (name_place, name)] = pair else { continue };
        let Some(open) = body_of(&source.code, name_place + name.len()) else { continue };
        let n_lines = source.line_of(closing(&source.code, open)) - source.line_of(*place) + 1;
        let excused = LONG_FUNCTIONS.iter().any(|(path, allowed, _)| *path == source.path && allowed == name);
        if n_lines > MOST_LINES_OF_FUNCTION && !excused {
            found.push((source.line_of(*place), (*name).to_owned(), n_lines));
        }
    }
    found
}

/// Where the body of a function begins; `None` for one that has none, in a trait.
fn body_of(code: &str, signature: usize) -> Option<usize> {
    let mut place = signature;
    loop {
        place += code[place..].find(['{', ';', '(', '['])?;
        match code.as_bytes()[place] {
            b'{' => return Some(place),
            b';' => return None,
            _ => place = closing(code, place),
        }
    }
}
