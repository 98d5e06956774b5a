//! What is not the runner's: meddling is noticed and told, and nothing that was planted is ever executed.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::scene::Scene;

/// Plants everything through which git can be made to execute a program of somebody else.
pub fn plant(scene: &Scene) {
    let evil = scene.beside("evil.sh");
    let proof = scene.beside("executed");
    std::fs::write(&evil, format!("#!/bin/sh\necho \"$0 $*\" >> '{proof}'\n")).unwrap();
    std::fs::set_permissions(&evil, std::fs::Permissions::from_mode(0o755)).unwrap();
    let hooks = scene.beside("hooks");
    for folder in [scene.repo.dot_git("hooks"), hooks.clone().into()] {
        std::fs::create_dir_all(&folder).unwrap();
        for hook in [
            "post-merge",
            "post-checkout",
            "reference-transaction",
            "post-commit",
            "pre-commit",
            "post-index-change",
            "commit-msg",
            "prepare-commit-msg",
            "pre-merge-commit",
            "fsmonitor-watchman",
        ] {
            std::fs::copy(&evil, folder.join(hook)).unwrap();
        }
    }
    for (key, value) in [
        ("core.fsmonitor", evil.as_str()),
        ("core.hooksPath", &hooks),
        ("alias.status", &format!("!{evil}")),
        ("alias.merge", &format!("!{evil}")),
        ("hook.evil.command", &evil),
        ("hook.evil.event", "post-merge"),
        ("core.editor", &evil),
        ("core.pager", &evil),
        ("diff.external", &evil),
        ("gpg.program", &evil),
        ("commit.gpgSign", "true"),
    ] {
        scene.repo.git(&["config", key, value]);
    }
}

pub fn nothing_was_executed(scene: &Scene) {
    let proof = std::fs::read_to_string(scene.beside("executed")).unwrap_or_default();
    assert_eq!(proof, "", "this was executed");
}

/// An agent that works without git, so that whatever is executed was executed by the runner.
fn without_git(steps: &[Value]) -> Value {
    let work = [json!({ "write": { "path": "A-1.txt", "text": "done" } }), json!({ "report": "unproven" })];
    json!({ "A/*/*": steps.iter().chain(&work).collect::<Vec<_>>() })
}

#[test]
fn a_whole_run_executes_nothing_that_was_planted() {
    let scene = Scene::new(&["A"]);
    plant(&scene);
    scene.says(without_git(&[]));
    scene.pass(&["run", "--ui", "plain"]);
    nothing_was_executed(&scene);
    assert_eq!(scene.ralph(&["reset", "A"]).code, 0);
    nothing_was_executed(&scene);
}

#[test]
fn what_a_session_changes_in_the_checkout_is_told_and_stands_in_the_verdict() {
    let scene = Scene::new(&["A"]);
    let path = |name: &str| scene.repo.path().join(name).to_str().unwrap().to_owned();
    scene.says(without_git(&[
        json!({ "append": { "path": path("README.md"), "line": "from elsewhere" } }),
        json!({ "append": { "path": path(".git/config"), "line": "[alias]\n\tx = !true" } }),
        json!({ "append": { "path": path(".git/hooks/post-commit"), "line": "#!/bin/sh" } }),
    ]));
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("your repository changed while A team-lead ran; nothing was restored"),
        "{}",
        ended.stdout
    );
    let verdict = scene.repo.path().join(".ralph-teams/current/verdict.json");
    let verdict: Value = serde_json::from_slice(&std::fs::read(verdict).unwrap()).unwrap();
    let risks = verdict["open_risks"].to_string();
    for part in ["uncommitted files", "the configuration (.git/config)", "hooks (.git/hooks)"] {
        assert!(risks.contains(&format!("while A (team-lead) ran: {part}: changed")), "{risks}");
    }
    assert!(!risks.contains("the index"), "{risks}");
    assert!(std::fs::read_to_string(scene.repo.path().join("README.md")).unwrap().ends_with("from elsewhere\n"));
}

#[test]
fn an_honest_run_is_not_accused_although_the_runner_writes_a_tracked_prd() {
    let scene = Scene::new(&["A", "B"]);
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 0);
    assert!(!ended.stdout.contains("your repository changed"), "{}", ended.stdout);
}
