//! Completions and manual pages.

use crate::place::Place;

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = place.ralph(&["completions", shell]);
        assert!(ended.code == 0 && ended.stdout.contains("worktrees"), "{shell}: {ended:?}");
        assert!(!ended.stdout.contains("rehearsal-agent"), "{shell}: hidden commands are not for people");
    }
    let wrong = place.ralph(&["completions", "bahs"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("bash"), "{wrong:?}");
}

#[test]
fn the_completions_of_bash_are_a_script_that_bash_takes() {
    let place = Place::new();
    let script = place.repo.beside("completions.bash");
    std::fs::write(&script, place.ralph(&["completions", "bash"]).stdout).unwrap();
    // Where there is no bash, there is nobody to ask.
    if let Ok(checked) = std::process::Command::new("bash").arg("-n").arg(&script).output() {
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn the_main_page_is_printed_or_all_pages_are_written() {
    let place = Place::new();
    let page = place.ralph(&["man"]);
    assert!(page.code == 0 && page.stdout.contains(".TH ralph-teams 1"), "{page:?}");
    let folder = place.repo.beside("man/man1");
    let ended = place.ralph(&["man", "--dir", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for name in ["ralph-teams.1", "ralph-teams-run.1", "ralph-teams-config-set.1"] {
        let page = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert!(page.contains("Examples:"), "{name}");
        assert!(ended.stdout.contains(name));
    }
    assert!(!folder.join("ralph-teams-host.1").exists());
}
