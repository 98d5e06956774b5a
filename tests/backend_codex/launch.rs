//! The command line and the environment of a session.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{Backend, Codex, LaunchAsk, Settings, ToolServer};

use crate::tool_server::{holds_no_secret, with_server};

const ALWAYS: [&str; 10] = [
    "exec",
    "--json",
    "--disable",
    "unbounded_connection_retries",
    "--disable",
    "plugins",
    "-c",
    "analytics.enabled=false",
    "-c",
    "check_for_update_on_startup=false",
];

fn program(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, "#!/bin/sh\n").expect("a program");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
}

/// The arguments with these own ones, for a session in a linked worktree.
fn argv(args: &[&str], change: impl for<'a> FnOnce(LaunchAsk<'a>) -> LaunchAsk<'a>) -> Vec<String> {
    argv_with(args, None, change)
}

/// The same for a session with our tools.
fn argv_with(
    args: &[&str],
    tools: Option<ToolServer<'_>>,
    change: impl for<'a> FnOnce(LaunchAsk<'a>) -> LaunchAsk<'a>,
) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    program(&folder.path().join("codex"));
    let worktree = folder.path().join("worktree");
    std::fs::create_dir(&worktree).expect("a worktree");
    std::fs::write(worktree.join(".git"), "gitdir: /r/.git/worktrees/w\n").expect("a linked worktree");
    let base = BTreeMap::from([("PATH".to_owned(), folder.path().to_string_lossy().into_owned())]);
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    let ask = LaunchAsk {
        role: Role::TeamLead,
        model: None,
        effort: None,
        continues: None,
        helpers: &[],
        worktree: &worktree,
        common_dir: Path::new("/r/.git"),
        prompt_file: Path::new("/j/prompt.md"),
        job_dir: Path::new("/j"),
        is_root: false,
        tools: None,
    };
    let launch = Codex::new(Settings { args, base, ..Settings::default() })
        .launch(&LaunchAsk { tools, ..change(ask) })
        .expect("a launch");
    assert_eq!(launch.env, BTreeMap::new());
    holds_no_secret(&launch);
    assert!(launch.argv[0].ends_with("/codex"));
    launch.argv[1..].to_vec()
}

fn after_always(argv: &[String]) -> &[String] {
    assert_eq!(argv[..ALWAYS.len()], ALWAYS);
    &argv[ALWAYS.len()..]
}

#[test]
fn without_a_wish_nothing_is_asked_and_the_prompt_comes_on_standard_input() {
    assert_eq!(after_always(&argv(&[], |ask| ask)), ["--dangerously-bypass-approvals-and-sandbox", "-"]);
}

#[test]
fn a_conversation_is_resumed_behind_all_options_because_resume_knows_only_some() {
    let thread = SessionId::new("t-1").expect("an id");
    let args = argv(&["--search"], |ask| {
        let continues = Some(Box::leak(Box::new(thread.clone())) as &SessionId);
        LaunchAsk { model: Some("gpt-6"), effort: Some("high"), continues, ..ask }
    });
    let bypass = "--dangerously-bypass-approvals-and-sandbox";
    let expected = [bypass, "-m", "gpt-6", "-c", "model_reasoning_effort=high", "--search", "resume", "t-1", "-"];
    assert_eq!(after_always(&args), expected);
}

#[test]
fn a_sandbox_that_the_user_chose_may_write_to_both_git_directories_that_a_commit_needs() {
    let folders = ["--add-dir", "/r/.git", "--add-dir", "/r/.git/worktrees/w"];
    for wish in [
        &["-s", "workspace-write"][..],
        &["--sandbox=workspace-write"],
        &["-c", "sandbox_mode=\"workspace-write\""],
        &["-sworkspace-write"],
        &["-s=workspace-write"],
        &["-csandbox_mode=workspace-write"],
        &["--approve-for-me"],
    ] {
        assert_eq!(after_always(&argv(wish, |ask| ask)), [&folders[..], wish, &["-"]].concat());
    }
}

#[test]
fn another_choice_of_the_user_is_left_alone() {
    for wish in [
        &["-s", "danger-full-access"][..],
        &["--sandbox", "read-only"],
        &["-sread-only"],
        &["--config=sandbox_mode=read-only"],
    ] {
        assert_eq!(after_always(&argv(wish, |ask| ask)), [wish, &["-"]].concat());
    }
}

#[test]
fn our_tools_come_beside_the_users_servers_and_are_approved_where_permissions_are_chosen() {
    let server = r#"command="/bin/ralph teams",args=["mcp","--desk","/j/\"desk\".json"],tool_timeout_sec=86400"#;
    let given = |wish: &[&str]| {
        let argv = with_server(|server| argv_with(wish, Some(server), |ask| ask));
        let place = argv.iter().position(|arg| arg.starts_with("mcp_servers.")).expect("our server");
        assert_eq!((argv[place - 1].as_str(), argv.last().map(String::as_str)), ("-c", Some("-")));
        argv[place].clone()
    };
    let approved = format!("mcp_servers.ralph={{{server},default_tools_approval_mode=\"approve\"}}");
    for (wish, expected) in [
        (&[][..], format!("mcp_servers.ralph={{{server}}}")),
        (&["-s", "workspace-write"], approved.clone()),
        (&["--sandbox", "read-only"], approved),
    ] {
        assert_eq!(given(wish), expected, "{wish:?}");
    }
    assert_eq!(Codex::new(Settings::default()).tool_name("note").as_deref(), Some("mcp__ralph__note"));
}

#[test]
fn people_are_told_what_agents_may_do() {
    let words = |args: &[&str]| {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Codex::new(Settings { args, ..Settings::default() }).permission_words()
    };
    assert_eq!(words(&[]), "agents may do anything, no sandbox");
    assert!(words(&["-s", "workspace-write"]).starts_with("sandbox"));
    assert_eq!(words(&["-s", "read-only"]), "permissions as configured");
}

#[test]
fn the_native_program_is_started_and_not_the_script_of_npm() {
    let folder = tempfile::tempdir().expect("a folder");
    let modules = folder.path().canonicalize().expect("a path").join("lib/node_modules/@openai");
    let script = modules.join("codex/bin/codex.js");
    program(&script);
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(&script, bin.join("codex")).expect("a link");
    let base = BTreeMap::from([("PATH".to_owned(), bin.to_string_lossy().into_owned())]);
    let codex = Codex::new(Settings { base, ..Settings::default() });
    assert_eq!(codex.locate(), Ok(bin.join("codex")), "there is no other");
    let places: Vec<PathBuf> = [
        "codex-linux-x64/vendor/x86_64-unknown-linux-musl",
        "codex-linux-arm64/vendor/aarch64-unknown-linux-musl",
        "codex-darwin-x64/vendor/x86_64-apple-darwin",
        "codex-darwin-arm64/vendor/aarch64-apple-darwin",
    ]
    .map(|place| modules.join(place).join("bin/codex"))
    .to_vec();
    places.iter().for_each(|place| program(place));
    let found = codex.locate().expect("a program");
    assert!(places.contains(&found), "{}", found.display());
    assert!(found.to_string_lossy().contains(std::env::consts::ARCH), "{}", found.display());
}

#[test]
fn its_sign_in_is_seen_and_what_an_outer_codex_left_behind_is_not() {
    let codex = Codex::new(Settings::default());
    for variable in ["OPENAI_API_KEY", "CODEX_HOME", "CODEX_API_KEY", "AZURE_OPENAI_API_KEY"] {
        assert!(codex.needs(variable), "{variable}");
    }
    for variable in ["CODEX_SANDBOX", "CODEX_THREAD_ID", "CODEX_MANAGED_BY_NPM", "ANTHROPIC_API_KEY", "GH_TOKEN"] {
        assert!(!codex.needs(variable), "{variable}");
    }
}

#[test]
fn a_missing_program_is_named_with_what_to_do() {
    let fault = Codex::new(Settings::default()).locate().expect_err("no PATH, no program");
    assert!(fault.contains("backends.codex.program") && fault.contains("install"), "{fault}");
}
