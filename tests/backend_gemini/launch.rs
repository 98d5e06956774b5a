//! The command line and the environment of a session.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{Backend, Gemini, LaunchAsk, Settings};

/// The arguments behind the program.
fn arguments(args: &[&str], model: Option<&str>, continues: Option<&SessionId>) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let program = directory.path().join("gemini");
    std::fs::write(&program, "#!/bin/sh\n").expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let base = BTreeMap::from([("PATH".to_owned(), directory.path().to_string_lossy().into_owned())]);
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    let gemini = Gemini::new(Settings { base, args, ..Settings::default() });
    let ask = LaunchAsk {
        role: Role::TeamLead,
        model,
        effort: None,
        continues,
        helpers: &[],
        worktree: Path::new("/w"),
        common_dir: Path::new("/r/.git"),
        prompt_file: Path::new("/j/prompt.md"),
        job_dir: Path::new("/j"),
        is_root: false,
        tools: None,
    };
    let launch = gemini.launch(&ask).expect("a launch");
    assert_eq!(launch.argv[0], program.to_string_lossy());
    launch.argv[1..].to_vec()
}

#[test]
fn the_command_line_is_the_one_that_works() {
    let expected = ["--output-format", "stream-json", "--yolo", "--skip-trust"];
    assert_eq!(arguments(&[], None, None), expected);
    let session = SessionId::new("s-1").expect("an id");
    let more = ["--model", "gemini-2.5-flash", "--resume", "s-1", "--debug"];
    assert_eq!(arguments(&["--debug"], Some("gemini-2.5-flash"), Some(&session)), [&expected[..], &more[..]].concat());
}

#[test]
fn permissions_that_the_user_chose_are_kept() {
    for args in [&["--approval-mode", "auto_edit"][..], &["--approval-mode=auto_edit"]] {
        assert!(!arguments(args, None, None).contains(&"--yolo".to_owned()));
    }
}

#[test]
fn a_project_of_a_cloud_is_seen_only_when_the_model_comes_from_there() {
    let sees = |chosen: &str, variable: &str| {
        let base = BTreeMap::from([(chosen.to_owned(), "true".to_owned())]);
        Gemini::new(Settings { base, ..Settings::default() }).needs(variable)
    };
    assert!(sees("HOME", "GEMINI_API_KEY"));
    assert!(!sees("HOME", "GEMINI_CLI"), "what it leaves in its own shells");
    assert!(!sees("HOME", "GOOGLE_APPLICATION_CREDENTIALS"));
    assert!(sees("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_APPLICATION_CREDENTIALS"));
    assert!(sees("GOOGLE_GENAI_USE_GCA", "GOOGLE_CLOUD_PROJECT"));
    let env = BTreeMap::from([("GOOGLE_GENAI_USE_VERTEXAI".to_owned(), "true".to_owned())]);
    let configured = Gemini::new(Settings { env, ..Settings::default() });
    assert!(configured.needs("GOOGLE_APPLICATION_CREDENTIALS"), "the configuration chooses as well");
}

#[test]
fn a_missing_program_is_named_with_what_to_do() {
    let fault = Gemini::new(Settings::default()).locate().expect_err("no PATH, no program");
    assert!(fault.contains("backends.gemini.program") && fault.contains("npm install"), "{fault}");
}
