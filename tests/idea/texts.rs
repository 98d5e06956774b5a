//! What agents write in these tests, and a terminal with the program on it.

use serde_json::{Value, json};

use crate::pty::{How, Pty};
use crate::scene::{self, Scene, pretty};

/// A whole brief; `@ANSWER@` is what the person said.
pub const BRIEF: &str = "# Brief\n\n## Problem\nLateness. @ANSWER@\n\n## In scope\n- a clock\n\n## Out of scope\n- alarms\n\n\
                         ## Acceptance criteria\n\n### Happy path\n- `clock` prints the time\n\n### Another path\n- `clock \
                         --utc` prints it in UTC\n\n### Errors and edges\n- `clock --mars` exits 2 with a message\n";

/// A PRD as it is cut from it.
pub fn cut() -> String {
    let mut prd = scene::prd(&[scene::epic("A", &["A-1"], &[]), scene::epic("B", &["B-1"], &["A"])]);
    for epic in prd["epics"].as_array_mut().unwrap() {
        epic["userStories"][0]["acceptanceCriteria"] = json!(["`clock` -> prints the time like 10:15"]);
    }
    pretty(&prd)
}

/// The same with a dependency on an epic that does not exist.
pub fn bad_cut() -> String {
    cut().replace("\"A\"\n", "\"Z\"\n")
}

/// A whole plan of an epic of [`cut`].
pub fn plan(epic: &str) -> String {
    format!(
        "# Plan: {epic}\n## Approach\nPrint it.\n## Files\n- clock.sh\n## Tests\n- `{epic}-1.1`: test.sh, it prints the \
         time\n## Verification\n- `sh test.sh`\n## Risks\n- none\n"
    )
}

/// A repository without a PRD, and with an agent that does what the script says.
pub fn without_prd(script: &Value) -> Scene {
    let scene = Scene::scripted(&[scene::epic("X", &["X-1"], &[])], script, "");
    scene.repo.git(&["rm", "--quiet", "prd.json"]);
    scene.repo.commit("No PRD yet");
    scene
}

/// The program at a real terminal.
pub fn at_terminal(scene: &Scene, args: &[&str]) -> Pty {
    Pty::start(scene.command(args), &scene.repo.path(), How::Own)
}

/// The only draft of a repository.
pub fn draft(scene: &Scene) -> std::path::PathBuf {
    let mut drafts = std::fs::read_dir(scene.state().join("drafts")).unwrap();
    let draft = drafts.next().unwrap().unwrap().path();
    assert!(drafts.next().is_none(), "one draft and no other");
    draft
}

/// Fails when a process of a draft is alive.
#[track_caller]
pub fn has_no_process_left(scene: &Scene) {
    let draft = draft(scene).file_name().unwrap().to_str().unwrap().to_owned();
    let left = crate::processes::of_runs(&[draft]);
    assert!(left.is_empty(), "processes are left: {left:?}");
}
