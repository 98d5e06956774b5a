//! The rehearsal before a run: three questions at the terminal become a brief, a brief becomes a PRD, an epic becomes a plan.
//! There is no model behind it: everything that is written is made of what was answered.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::agent::{put, story_file};

/// What is asked, and what an empty answer stands for.
const QUESTIONS: [(&str, &str); 3] = [
    ("What is the problem, and who has it?", "Nobody wrote down what the problem is."),
    ("What should be there in the end? (several things: separate them by ;)", "A first version"),
    (
        "What may go wrong, and what should then be seen?",
        "A wrong input is answered with a message that says what is expected.",
    ),
];

/// Plays one session before a run. `RALPH_RESULT` says where to write, relative to the working directory or in full.
pub(super) fn play(
    purpose: &str,
    environment: &BTreeMap<String, String>,
    folder: &Path,
    output: &mut dyn Write,
) -> Result<(), String> {
    let file = |name: &str| -> Result<PathBuf, String> {
        Ok(folder.join(environment.get(name).ok_or_else(|| format!("{name} is not set"))?))
    };
    let read = |name: &str| -> Result<String, String> {
        let path = file(name)?;
        std::fs::read_to_string(&path).map_err(|fault| format!("{} cannot be read: {fault}", path.display()))
    };
    let text = match purpose {
        "what" if std::io::stdin().is_terminal() => brief(&asked(&mut std::io::stdin().lock(), output)?),
        "what" => brief(&answers_in(&read("RALPH_WISH")?)),
        "cut" => format!("{:#}\n", cut(&read("RALPH_BRIEF")?)),
        "plan" => plan(&read("RALPH_EPIC_FILE")?)?,
        other => return Err(format!("no rehearsal for {other:?}")),
    };
    let result = file("RALPH_RESULT")?;
    put(&result, &text)?;
    // Nobody may be listening any more; the work is done.
    let _ = writeln!(output, "wrote {}", result.display());
    Ok(())
}

/// What a person wants, as far as three questions find out.
struct Answers {
    problem: String,
    things: Vec<String>,
    trouble: String,
}

fn asked(input: &mut dyn BufRead, output: &mut dyn Write) -> Result<Answers, String> {
    let broken = |fault: std::io::Error| format!("the terminal is gone: {fault}");
    writeln!(output, "A rehearsal of an interview: three questions, no model. Enter alone takes a plain answer.")
        .map_err(broken)?;
    let mut answers = Vec::new();
    for (question, otherwise) in QUESTIONS {
        write!(output, "\n{question}\n> ").and_then(|()| output.flush()).map_err(broken)?;
        let mut line = String::new();
        if input.read_line(&mut line).map_err(broken)? == 0 {
            return Err("nobody answers".to_owned());
        }
        let line = line.trim();
        answers.push(if line.is_empty() { otherwise.to_owned() } else { line.to_owned() });
    }
    let mut answers = answers.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    Ok(Answers { problem: next(), things: parts(&next()), trouble: next() })
}

fn parts(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The same from what somebody wrote down: the first line is the problem, the entries of lists are the things.
fn answers_in(wish: &str) -> Answers {
    let mut lines = wish.lines().map(|line| line.trim().trim_start_matches('#').trim()).filter(|line| !line.is_empty());
    let problem = lines.next().unwrap_or(QUESTIONS[0].1).to_owned();
    let entry =
        |line: &str| line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).map(|rest| rest.trim().to_owned());
    let things: Vec<String> = lines.filter_map(entry).collect();
    let things = if things.is_empty() { vec![problem.clone()] } else { things };
    Answers { problem, things, trouble: QUESTIONS[2].1.to_owned() }
}

fn brief(answers: &Answers) -> String {
    let Answers { problem, things, trouble } = answers;
    let list = |line: &dyn Fn(&String) -> String| {
        things.iter().map(|thing| format!("- {}\n", line(thing))).collect::<String>()
    };
    format!(
        "# Brief: {title}\n\n## Problem\n{problem}\n\n## In scope\n{scope}\n## Out of scope\n- Everything that is not named \
         above.\n\n## Acceptance criteria\n\n### Happy path\n{happy}\n### Another path\n- Used a second time, it works as it \
         did the first time.\n\n### Errors and edges\n- {trouble}\n\n## Open questions\n- none\n",
        title = things.first().map_or("A wish", String::as_str),
        scope = list(&|thing: &String| thing.clone()),
        happy = list(&|thing: &String| format!("\"{thing}\" can be seen by anybody who looks for it.")),
    )
}

/// An epic for each thing that is in scope, side by side, and one that brings them together.
fn cut(brief: &str) -> Value {
    let below = |heading: &str| -> Vec<&str> {
        let lines = brief.lines().skip_while(|line| line.trim() != heading).skip(1);
        let lines = lines.take_while(|line| !line.starts_with('#')).map(str::trim);
        lines.filter(|line| !line.is_empty()).map(|line| line.trim_start_matches("- ")).collect()
    };
    let (problem, things, trouble) =
        (below("## Problem").join(" "), below("## In scope"), below("### Errors and edges"));
    let id = |n: usize| format!("EPIC-{n:03}");
    let story = |n: usize, title: &str, criterion: &str| {
        json!({
            "id": format!("US-{n:03}"), "title": title, "description": format!("As a user I want this: {title}"),
            "acceptanceCriteria": [criterion], "priority": 1, "passes": false, "failureReason": null,
        })
    };
    let epic = |n: usize, title: &str, depends_on: Vec<String>, story: Value| {
        json!({
            "id": id(n), "title": title, "description": format!("What it is about: {title}"), "status": "pending",
            "planned": false, "dependsOn": depends_on, "userStories": [story],
        })
    };
    let mut epics: Vec<Value> = (1..)
        .zip(&things)
        .map(|(n, thing)| {
            let criterion = format!("the file {} names it: \"{thing}\"", story_file(&format!("US-{n:03}")).display());
            epic(n, thing, Vec::new(), story(n, thing, &criterion))
        })
        .collect();
    let last = epics.len() + 1;
    let criterion = format!("with a wrong input this is seen: \"{}\"", trouble.join(" "));
    let waits = (1..last).map(id).collect();
    epics.push(epic(last, "Whatever may go wrong", waits, story(last, "Answer trouble with a message", &criterion)));
    json!({ "project": things.first().unwrap_or(&"A wish"), "description": problem, "epics": epics })
}

/// A plan that names a test for each criterion.
fn plan(epic: &str) -> Result<String, String> {
    let epic: Value = serde_json::from_str(epic).map_err(|fault| format!("the epic is no JSON: {fault}"))?;
    let none = Vec::new();
    let (mut files, mut tests) = (String::new(), String::new());
    for story in epic["userStories"].as_array().unwrap_or(&none) {
        let id = story["id"].as_str().unwrap_or_default();
        files.push_str(&format!("- {}: a marker of the story {id}\n", story_file(id).display()));
        for n in 1..=story["acceptanceCriteria"].as_array().map_or(0, Vec::len) {
            tests.push_str(&format!("- `{id}.{n}`: the marker of {id} is there and names it\n"));
        }
    }
    let id = epic["id"].as_str().unwrap_or_default();
    Ok(format!(
        "# Plan: {id}\n\n## Approach\nA rehearsal: one small file for each story.\n\n## Files\n{files}\n## Tests\n{tests}\n\
         ## Verification\n- `git log --oneline`\n\n## Risks\n- None: nothing else is touched.\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::idea::{Faults, look_at_brief, look_at_cut, look_at_plan};
    use crate::domain::prd;

    fn answers(lines: &str) -> Answers {
        asked(&mut lines.as_bytes(), &mut Vec::new()).expect("answers")
    }

    #[test]
    fn three_answers_become_a_plan_that_nobody_finds_fault_with() {
        for lines in ["No clock\nA clock; \"An\" alarm ;\nThe battery\n", "\n\n\n"] {
            let brief = brief(&answers(lines));
            assert_eq!(look_at_brief(brief.as_bytes()), Faults::default(), "{brief}");
            let cut = cut(&brief).to_string();
            assert_eq!(look_at_cut("prd.json", cut.as_bytes()), Faults::default(), "{cut}");
            let checked = prd::check(cut.as_bytes()).expect("valid");
            assert_eq!(checked.plan.n_waves(), 2);
            for epic in checked.plan.epics() {
                let told = plan(&serde_json::to_string(epic).expect("json")).expect("a plan");
                assert_eq!(look_at_plan(epic, told.as_bytes()), Faults::default(), "{told}");
            }
        }
    }

    #[test]
    fn what_was_written_down_is_read_as_far_as_it_has_entries() {
        let found = answers_in("# We need a clock\n\n- it shows the time\n* it rings\nand more\n");
        assert_eq!((found.problem.as_str(), found.things.len()), ("We need a clock", 2));
        assert_eq!(answers_in("a clock").things, ["a clock"]);
    }

    #[test]
    fn a_terminal_that_is_closed_ends_the_interview() {
        assert!(asked(&mut "one\n".as_bytes(), &mut Vec::new()).is_err());
    }
}
