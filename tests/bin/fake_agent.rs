//! A stand-in for an agent program: honest without a script, and as bad as its script says with one.
//!
//! It is given what every session is given: a worktree as its working directory, a prompt on standard input, and
//! `RALPH_*` in its environment. Build it with the feature `test-fakes`; tests find it as
//! `env!("CARGO_BIN_EXE_fake-agent")`.
//!
//! # Without a script
//!
//! * `team-lead`: for each pending story in `$RALPH_EPIC_FILE` writes `<story>.txt`, commits it, and writes an honest
//!   `$RALPH_REPORT`. Without an epic (a round of fixes) it commits `fix.txt`. Whatever is there already is kept, so
//!   a second attempt goes on from the first.
//! * `resolver`: resolves every conflict by keeping both sides, and commits the merge.
//! * `epic-planner`: writes `.ralph/plan.md`.
//! * `epic-validator`, `final-validator`: reports a pass.
//! * any other role: prints a line and ends.
//!
//! # Scripts
//!
//! A JSON object, in the file that `FAKE_AGENT_SCRIPT` names, or `--script <file>`. Keys are
//! `<epic>/<role>/<attempt>`; `*` stands for anything; the epic of a session for the whole run is `run`; a session
//! before a run has its purpose (`what`, `cut`, `plan`) in the place of the role. The first key that fits counts; when
//! none fits, the agent is honest. Values are lists of steps:
//!
//! ```json
//! { "EPIC-001/team-lead/1": [ { "print": "thinking" }, { "sleep_ms": 50 }, { "die": 9 } ],
//!   "*/resolver/*":         [ { "resolve": { "commit": false } } ],
//!   "*/*/*":                [ "honest" ] }
//! ```
//!
//! A path is relative to the worktree unless it is absolute. The steps, each with its meaning, are the variants of
//! `Step` in `fake_agent/script.rs`; in short:
//!
//! | step | does |
//! |---|---|
//! | `"honest"` | what it does without a script |
//! | `"work"`, `{"work_on": ["US-001"]}` | writes and commits all pending stories, or these |
//! | `{"write": {"path", "text"}}`, `{"append": {"path", "line"}}`, `{"delete": path}` | changes a file |
//! | `{"commit": message}` | commits everything in the worktree |
//! | `{"report": "honest" \| "unproven" \| "wrong-commit" \| "half-written" \| "wrong-epic" \| {"failing": {story: reason}} \| {"raw": text}}` | writes the report of a lead |
//! | `{"validate": {"verdict", "findings", "tests", "browser_check"}}` | writes the report of a validator |
//! | `{"resolve": {"commit": bool}}` | keeps both sides of every conflict, and perhaps commits |
//! | `{"tools": [{"tool", "with", "says", "refused"}]}` | calls the runner's tools; each answer must say this, and be a refusal or not |
//! | `{"ask": question}` | asks the person at the terminal and waits for a line; what it is when the terminal is closed is a fault |
//! | `{"result": text}` | writes `$RALPH_RESULT`, which a session before a run is asked for; `@ANSWER@` is what the person said |
//! | `{"shell": command}` | runs a command of the shell in the worktree |
//! | `{"print": line}`, `{"print_error": line}`, `{"print_bytes": [255, 10]}` | writes to its output |
//! | `{"flood": {"bytes", "line"}}` | prints so many bytes as fast as it can, in lines of that length; `"line": 0`: without a line break |
//! | `{"stream": [json, ..]}`, `{"claude": {"session", "text"}}` | prints JSON lines; a whole turn as claude prints it |
//! | `{"replay": {"recording", "steps", "before", "session_from", "files"}}` | prints what a real program once printed, does the work in `steps` at its place, ends as that program ended; see `fake_agent/replay.rs` |
//! | `{"sleep_ms": n}`, `{"repeat": {"times", "steps"}}` | passes time |
//! | `{"once": {"mark", "steps"}}` | takes the steps the first time only; put the mark outside of the worktree |
//! | `{"touch": path}`, `{"wait_for": path}` | synchronises with the test; waits two minutes at most, then exits 97 |
//! | `{"ignore": ["TERM", "INT", "HUP"]}` | from now on these signals do nothing |
//! | `{"spawn": ms}`, `{"own_group": ms}`, `{"hold_stdout": ms}` | a child that sleeps; in a group of its own; with our standard output in its hands |
//! | `{"daemon": ms}` | a daemon: own session, parent gone, no streams, sleeps |
//! | `{"rabbit": n}` | a process that starts itself again and ends, n times over: hard to catch |
//! | `"delete_worktree"` | removes its own working directory |
//! | `{"fail_first": {"counter": path, "times", "code"}}` | exits with the code the first times; put the counter outside of the worktree |
//! | `{"save_prompt": path}`, `{"save_env": path}`, `{"save_args": path}` | shows what it was given |
//! | `{"exit": code}`, `{"die": signal}` | ends |
//!
//! A step that cannot be done is told on standard error and ends the agent with code 98.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/mcp.rs"]
mod mcp;
#[path = "fake_agent/git.rs"]
mod git;
#[path = "fake_agent/output.rs"]
mod output;
#[path = "fake_agent/perform.rs"]
mod perform;
#[path = "fake_agent/processes.rs"]
mod processes;
#[path = "fake_agent/replay.rs"]
mod replay;
#[path = "fake_agent/reports.rs"]
mod reports;
#[path = "fake_agent/script.rs"]
mod script;
#[path = "fake_agent/session.rs"]
mod session;
#[path = "fake_agent/tools.rs"]
mod tools;

use std::process::ExitCode;

use session::Session;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(code) = processes::helper(&args) {
        return code;
    }
    let result = Session::from_environment().and_then(|mut session| {
        let steps = script::steps_for(&args, &session)?;
        perform::all(&steps, &mut session)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fake-agent: {error}");
            ExitCode::from(98)
        }
    }
}
