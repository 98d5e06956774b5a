//! Performs the steps of a script.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::git;
use crate::output;
use crate::processes;
use crate::replay;
use crate::reports;
use crate::script::{Report, Step, Validation};
use crate::session::{Fault, Session};
use crate::tools;

/// How long a session waits for a file before it gives up, so that a failed test leaves nobody behind.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Takes all steps in their order.
pub fn all(steps: &[Step], session: &mut Session) -> Result<(), Fault> {
    for step in steps {
        one(step, session).map_err(|error| format!("step {step:?}: {error}"))?;
    }
    Ok(())
}

fn one(step: &Step, session: &mut Session) -> Result<(), Fault> {
    match step {
        Step::Honest => honest(session),
        Step::Work => work_on(&session.pending),
        Step::WorkOn(stories) => work_on(stories),
        Step::Write { path, text } => write(path, text),
        Step::Append { path, line } => append(path, line),
        Step::Delete(path) => Ok(std::fs::remove_file(path)?),
        Step::Commit(message) => git::commit_all(message),
        Step::Report(report) => reports::lead(report, session),
        Step::Validate(validation) => reports::validator(validation, session),
        Step::Resolve { commit } => git::resolve_by_union(*commit),
        Step::Tools(calls) => tools::call_all(calls),
        Step::Ask(question) => ask(question, session),
        Step::Result(text) => {
            let path = std::env::var("RALPH_RESULT").map_err(|_| "RALPH_RESULT is not set")?;
            write(Path::new(&path), &text.replace("@ANSWER@", &session.answer))
        }
        Step::Shell(command) => shell(command),
        Step::Print(line) => output::print(format!("{line}\n").as_bytes()),
        Step::PrintError(line) => Ok(writeln!(std::io::stderr(), "{line}")?),
        Step::PrintBytes(bytes) => output::print(bytes),
        Step::Flood { bytes, line } => output::flood(*bytes, *line),
        Step::Stream(values) => output::stream(values),
        Step::Claude { session, text } => output::claude_turn(session, text),
        Step::Replay(recorded) => replay::replay(recorded, session),
        Step::SleepMs(milliseconds) => {
            std::thread::sleep(Duration::from_millis(*milliseconds));
            Ok(())
        }
        Step::Repeat { times, steps } => (0..*times).try_for_each(|_| all(steps, session)),
        Step::Once { mark, steps } => once(mark, steps, session),
        Step::Touch(path) => write(path, ""),
        Step::WaitFor(path) => wait_for(path),
        Step::Ignore(signals) => processes::ignore(signals),
        Step::Spawn(milliseconds) => processes::sleeper(*milliseconds, processes::Kind::Plain),
        Step::OwnGroup(milliseconds) => processes::sleeper(*milliseconds, processes::Kind::OwnGroup),
        Step::HoldStdout(milliseconds) => processes::sleeper(*milliseconds, processes::Kind::HoldsStdout),
        Step::Daemon(milliseconds) => processes::daemon(*milliseconds),
        Step::Rabbit(times) => processes::rabbit(*times),
        Step::DeleteWorktree => Ok(std::fs::remove_dir_all(std::env::current_dir()?)?),
        Step::FailFirst { counter, times, code } => fail_first(counter, *times, *code),
        Step::SavePrompt(path) => write(path, &session.prompt),
        Step::SaveEnv(path) => {
            let env: std::collections::BTreeMap<String, String> = std::env::vars().collect();
            write(path, &serde_json::to_string_pretty(&env)?)
        }
        Step::SaveArgs(path) => write(path, &serde_json::to_string_pretty(&std::env::args().collect::<Vec<_>>())?),
        Step::Exit(code) => std::process::exit(*code),
        Step::Die(signal) => processes::die(*signal),
    }
}

fn honest(session: &mut Session) -> Result<(), Fault> {
    let (role, attempt) = (&session.role, &session.attempt);
    output::print(format!("{role} of {:?}, attempt {attempt}\n", session.epic_id).as_bytes())?;
    match session.role.as_str() {
        "team-lead" if session.pending.is_empty() => {
            append(Path::new("fix.txt"), "mended")?;
            git::commit_all("Mend what was found")
        }
        "team-lead" => {
            work_on(&session.pending)?;
            reports::lead(&Report::Honest, session)
        }
        "resolver" => git::resolve_by_union(true),
        "epic-planner" => write(Path::new(".ralph/plan.md"), &format!("# Plan\n\n{}\n", session.pending.join("\n"))),
        "final-validator" | "epic-validator" => {
            let validation = Validation {
                verdict: "pass".to_owned(),
                findings: Vec::new(),
                tests: None,
                browser_check: "na".to_owned(),
            };
            reports::validator(&validation, session)
        }
        _ => Ok(()),
    }
}

fn ask(question: &str, session: &mut Session) -> Result<(), Fault> {
    output::print(format!("{question}\n").as_bytes())?;
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line)? == 0 {
        return Err("nobody answers".into());
    }
    line.trim().clone_into(&mut session.answer);
    Ok(())
}

/// One file and one commit a story; what an earlier attempt committed is kept.
fn work_on(stories: &[String]) -> Result<(), Fault> {
    for story in stories {
        let file = Session::story_file(story);
        if git::last_commit_of(&file)?.is_none() {
            write(Path::new(&file), &format!("{story} is done\n"))?;
            git::commit_all(&format!("Do {story}"))?;
        }
    }
    Ok(())
}

/// Writes a file and the folders that it needs.
pub fn write(path: &Path, text: &str) -> Result<(), Fault> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, text)?)
}

fn append(path: &Path, line: &str) -> Result<(), Fault> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    Ok(file.write_all(format!("{line}\n").as_bytes())?)
}

fn shell(command: &str) -> Result<(), Fault> {
    let status = std::process::Command::new("sh").args(["-e", "-c", command]).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command}: {status}").into()) }
}

fn wait_for(path: &Path) -> Result<(), Fault> {
    let began = std::time::Instant::now();
    while !path.exists() {
        if began.elapsed() > PATIENCE {
            eprintln!("fake-agent: {} never came", path.display());
            std::process::exit(97);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

fn once(mark: &Path, steps: &[Step], session: &mut Session) -> Result<(), Fault> {
    if mark.exists() {
        return Ok(());
    }
    write(mark, "")?;
    all(steps, session)
}

fn fail_first(counter: &Path, times: u32, code: i32) -> Result<(), Fault> {
    let so_far: u32 = std::fs::read_to_string(counter).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    if so_far >= times {
        return Ok(());
    }
    write(counter, &(so_far + 1).to_string())?;
    std::process::exit(code)
}
