//! With flags alone: nobody is asked, nothing is overwritten unasked, and what is written is clean.

use crate::scene::Scene;

#[test]
fn without_a_terminal_it_says_what_to_do_and_writes_nothing() {
    let scene = Scene::new();
    scene.run(&["setup"]).exited_with(2).says("setup --yes");
    assert_eq!(scene.written(), None);
    assert_eq!(scene.repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_the_repository_says_is_taken_with_its_evidence() {
    let scene = Scene::new();
    scene
        .run(&["setup", "--yes"])
        .exited_with(0)
        .says("+++ b/ralph.config.yml")
        .says("not proposed: make deploy (deploys, publishes or releases, Makefile:7)");
    let text = scene.written().expect("a file");
    assert!(text.starts_with("# yaml-language-server: $schema=.ralph-teams/config.schema.json\n"), "{text}");
    assert!(text.contains("  - name: test\n    # from Makefile:4\n    run: make test\n"), "{text}");
    assert!(text.contains("    # from .gitignore:2\n    - .env\n"), "{text}");
    let settings = scene.settings();
    assert_eq!(settings.backend, "codex", "the first that is installed");
    assert_eq!(settings.setup.expect("a setup").command, "npm ci");
    assert_eq!(settings.include, [".env"]);
    let gates: Vec<&str> = settings.policy.gates.iter().map(|gate| gate.command.as_str()).collect();
    assert_eq!(gates, ["make lint", "make test"]);
    assert!(scene.repo.path().join(".ralph-teams/config.schema.json").is_file(), "the schema is where the file says");
    assert_eq!(scene.repo.git(&["status", "--porcelain"]), "?? ralph.config.yml", "git sees the one file only");
}

#[test]
fn flags_decide_before_what_was_found() {
    let scene = Scene::new();
    let set = ["--set", "execution.parallel=2", "--set", "worktrees.setup=make deps", "--set", "agents.teamLead=big"];
    scene.run(&[&["setup", "--yes", "--backend", "gemini", "--preset", "minimal"][..], &set].concat()).exited_with(0);
    let settings = scene.settings();
    assert_eq!((settings.backend.as_str(), settings.preset.name()), ("gemini", "minimal"));
    assert_eq!(settings.setup.expect("a setup").command, "make deps");
    assert_eq!(settings.roles["team-lead"].model.as_deref(), Some("big"));
    assert!(scene.written().expect("a file").contains("  parallel: 2\n"));
}

#[test]
fn what_is_no_clean_configuration_is_never_written() {
    let table: [(&[&str], &str); 6] = [
        (&["--backend", "claud"], "no backend is called `claud`"),
        (&["--backend", "command"], "needs its program"),
        (&["--preset", "fast"], "no preset is called `fast`"),
        (&["--set", "execution.paralel=2"], "Did you mean `parallel`"),
        (&["--set", "baseline=true"], "not needed any more"),
        (&["--set", "nothing"], "expected KEY=VALUE"),
    ];
    let scene = Scene::new();
    for (flags, problem) in table {
        scene.run(&[&["setup", "--yes"], flags].concat()).exited_with(2).says(problem);
        assert_eq!(scene.written(), None, "{flags:?}");
    }
}

#[test]
fn a_file_that_is_there_is_replaced_only_on_demand_and_after_the_difference_was_shown() {
    let scene = Scene::new();
    scene.repo.write("ralph.config.yml", "# mine\ngates: []\n");
    scene.run(&["setup", "--yes"]).exited_with(2).says("-# mine\n").says("--overwrite");
    assert_eq!(scene.written().as_deref(), Some("# mine\ngates: []\n"));
    scene.run(&["setup", "--yes", "--overwrite"]).exited_with(0).says("-# mine\n");
    let written = scene.written();
    assert!(!written.clone().expect("a file").contains("# mine"));
    scene.run(&["setup", "--yes"]).exited_with(0).says("nothing was changed");
    assert_eq!(scene.written(), written);
}

#[test]
fn a_repository_that_says_nothing_gets_a_file_that_says_so() {
    let scene = Scene { repo: crate::common::repo::Repo::new() };
    scene.run(&["setup", "--yes"]).exited_with(0).says("without gates there is only the agents' word");
    assert_eq!(scene.settings().policy.gates, []);
}
