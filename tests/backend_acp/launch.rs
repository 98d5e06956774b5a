//! The command line and the environment of a session.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{Acp, Backend, LaunchAsk, Settings};

use crate::tool_server::{holds_no_secret, with_server};

fn acp(argv: &[&str]) -> Acp {
    let base = BTreeMap::from([("PATH".to_owned(), "/bin:/usr/bin".to_owned())]);
    let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
    Acp::new(PathBuf::from("/bin/sh"), Settings { argv, base, ..Settings::default() })
}

fn ask() -> LaunchAsk<'static> {
    LaunchAsk {
        role: Role::TeamLead,
        model: None,
        effort: None,
        continues: None,
        helpers: &[],
        worktree: Path::new("/w"),
        common_dir: Path::new("/r/.git"),
        prompt_file: Path::new("/j/prompt.md"),
        job_dir: Path::new("/j"),
        is_root: false,
        tools: None,
    }
}

#[test]
fn the_session_runs_this_program_which_runs_the_agent() {
    let session = SessionId::new("s-1").expect("an id");
    let ask = LaunchAsk { model: Some("big"), effort: Some("high"), continues: Some(&session), ..ask() };
    let argv = acp(&["env", "A=1", "agent", "--acp"]).launch(&ask).expect("a launch").argv;
    assert_eq!(argv[..5], ["/bin/sh", "acp-client", "--session=s-1", "--model=big", "--effort=high"]);
    assert!(argv[5] == "--" && argv[6].ends_with("bin/env"), "{argv:?}");
    assert_eq!(argv[7..], ["A=1", "agent", "--acp"]);
}

#[test]
fn our_tools_are_offered_with_the_conversation_under_the_names_that_a_known_agent_gives_them() {
    let launch = with_server(|server| acp(&["sh"]).launch(&LaunchAsk { tools: Some(server), ..ask() }));
    let launch = launch.expect("a launch");
    holds_no_secret(&launch);
    let servers: serde_json::Value =
        serde_json::from_str(launch.argv[2].strip_prefix("--mcp-servers=").expect("the option")).expect("JSON");
    let args = ["mcp", "--desk", "/j/\"desk\".json"];
    assert_eq!(
        servers,
        serde_json::json!([{ "name": "ralph", "command": "/bin/ralph teams", "args": args, "env": [] }])
    );
    for (program, name) in [
        ("/opt/bin/claude-agent-acp", Some("mcp__ralph__note")),
        ("codex-acp", Some("mcp__ralph__note")),
        ("opencode", Some("ralph_note")),
        ("gemini", Some("mcp_ralph_note")),
        ("npx", None),
    ] {
        let acp = acp(&[program, "--acp"]);
        assert_eq!((acp.takes_tools(), acp.tool_name("note").as_deref()), (true, name), "{program}");
    }
    assert!(!acp(&["copilot", "--acp"]).takes_tools(), "it turns away servers that are programs");
}

#[test]
fn a_program_that_is_missing_or_named_by_a_relative_path_is_refused() {
    assert!(acp(&[]).locate().expect_err("a refusal").contains("backends.acp.argv is empty"));
    assert!(acp(&["./agent"]).locate().expect_err("a refusal").contains("full path"));
    assert!(acp(&["no-such-program-anywhere"]).locate().expect_err("a refusal").contains("was not found"));
}

#[test]
fn an_agent_sees_its_sign_in_but_not_what_other_agents_left_behind() {
    let acp = acp(&["sh"]);
    let signs_in =
        ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "CODEX_HOME", "CODEX_ACCESS_TOKEN", "GEMINI_API_KEY"];
    for name in signs_in.into_iter().chain(["COPILOT_GITHUB_TOKEN", "COPILOT_OFFLINE", "MY_OWN"]) {
        assert!(acp.needs(name), "{name}");
    }
    for name in ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "GEMINI_CLI", "OPENCODE", "RALPH_JOB", "GIT_DIR"] {
        assert!(!acp.needs(name), "{name}");
    }
}
