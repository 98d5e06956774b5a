//! What is not the runner's: meddling is noticed and told, and nothing that was planted is ever executed.

use std::os::unix::fs::PermissionsExt as _;

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
