//! Shell text as far as a survey has to understand it: the commands of a line, and their words.
//!
//! It is no shell. What it takes apart is only looked at; the command that is proposed is the text as it was written.

/// The commands of a line: the parts between `&&`, `||`, `;`, `|` and `&`, quotes respected.
#[must_use]
pub fn commands(line: &str) -> Vec<String> {
    pipelines(line).into_iter().flatten().collect()
}

/// The same, with the commands that are joined by `|` together.
#[must_use]
pub fn pipelines(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![vec![String::new()]];
    let (mut quote, mut before) = (None, ' ');
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), _) if c == open && before != '\\' => quote = None,
            (None, '\'' | '"') if before != '\\' => quote = Some(c),
            (Some(_) | None, _) => {}
        }
        // `2>&1` and `&>` are no ends of a command.
        let ends = quote.is_none() && (matches!(c, ';' | '|' | '\n') || (c == '&' && before != '>' && before != '<'));
        let is_pipe = ends && c == '|' && before != '|' && rest.peek() != Some(&'|');
        if is_pipe {
            // `|&` is a pipe too.
            rest.next_if_eq(&'&');
        }
        match (all.last_mut(), ends) {
            (Some(pipeline), true) if is_pipe => pipeline.push(String::new()),
            (Some(_) | None, true) => all.push(vec![String::new()]),
            (Some(pipeline), false) => pipeline.last_mut().into_iter().for_each(|part| part.push(c)),
            (None, false) => {}
        }
        before = c;
    }
    let trimmed = |pipeline: Vec<String>| -> Vec<String> {
        pipeline.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    };
    all.into_iter().map(trimmed).filter(|pipeline| !pipeline.is_empty()).collect()
}

/// The words of one command, without quotes, variables that are set in front, and what opens a group.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let clean = |word: &str| word.trim_matches(|c| matches!(c, '\'' | '"' | '(' | ')' | '{' | '}' | '`')).to_owned();
    let all = command.split_whitespace().map(clean).filter(|word| !word.is_empty());
    let is_shell = |word: &str| matches!(word, "!" | "then" | "do" | "else" | "if" | "while" | "time" | "exec" | "env");
    all.skip_while(|word| is_assignment(word) || is_shell(word)).collect()
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| {
        !name.is_empty() && !name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Programs that only run another one: their first words, and the program behind them.
const WRAPPERS: &[&[&str]] = &[
    &["npx"],
    &["bunx"],
    &["pnpx"],
    &["pnpm", "exec"],
    &["pnpm", "dlx"],
    &["yarn", "dlx"],
    &["yarn", "exec"],
    &["npm", "exec"],
    &["bundle", "exec"],
    &["python", "-m"],
    &["python3", "-m"],
    &["uv", "run"],
    &["poetry", "run"],
    &["pdm", "run"],
    &["hatch", "run"],
    &["pipenv", "run"],
    &["rye", "run"],
    &["xvfb-run"],
    &["cross-env"],
    &["c8"],
    &["nyc"],
    &["coverage", "run", "-m"],
    &["uvx"],
    &["pipx", "run"],
    &["stdbuf"],
];

/// The words of the program that is run in the end: `npx --yes eslint .` is `eslint .`. A path loses its folders.
#[must_use]
pub fn unwrapped(words: &[String]) -> Vec<String> {
    let mut rest = words;
    while let Some(wrapper) = WRAPPERS.iter().find(|wrapper| begins_with(rest, wrapper)) {
        rest = &rest[wrapper.len()..];
        while rest.first().is_some_and(|word| word.starts_with('-') || is_assignment(word)) {
            rest = &rest[1..];
        }
    }
    let interprets =
        |word: &String| matches!(word.as_str(), "python" | "python3" | "php" | "ruby" | "node" | "bash" | "sh");
    if let [interpreter, script, ..] = rest
        && interprets(interpreter)
        && !script.starts_with('-')
    {
        rest = &rest[1..];
    }
    let mut rest = rest.to_vec();
    if let Some(program) = rest.first_mut() {
        *program = program.rsplit('/').next().unwrap_or_default().to_owned();
    }
    rest
}

fn begins_with(words: &[String], wrapper: &[&str]) -> bool {
    words.len() > wrapper.len() && words.iter().zip(wrapper).all(|(word, wanted)| word == wanted)
}

/// The script or target that a command asks a runner of scripts for: `npm run lint` asks npm for `lint`.
#[must_use]
pub fn asked_of_runner(words: &[String]) -> Option<(&str, &str)> {
    let program = words.first()?.as_str();
    let runner = ["make", "gmake", "just", "task", "npm", "pnpm", "yarn", "bun", "composer", "rake", "turbo"];
    let program = *runner.iter().find(|runner| **runner == program)?;
    let is_node = matches!(program, "npm" | "pnpm" | "yarn" | "bun" | "turbo" | "composer");
    let mut rest = words[1..].iter().filter(|word| !word.starts_with('-') && !is_assignment(word));
    let first = rest.next()?;
    let runs = is_node && matches!(first.as_str(), "run" | "run-script");
    let name = if runs { rest.next()? } else { first };
    Some((program, name))
}

/// The command in one spelling: `npm run test` and `npm test` are the same.
#[must_use]
pub fn spelling(command: &str) -> String {
    let words = words(command);
    let is_run = |place: usize| place == 1 && matches!(words[1].as_str(), "run" | "run-script");
    let is_node = matches!(words.first().map(String::as_str), Some("npm" | "pnpm" | "yarn" | "bun"));
    let kept: Vec<&str> = words
        .iter()
        .enumerate()
        .filter(|(place, _)| !(is_node && is_run(*place)))
        .map(|(_, word)| word.as_str())
        .collect();
    kept.join(" ")
}
