//! The command line and the environment of a session.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{AgentRoles, Backend, Claude, Helper, Launch, LaunchAsk, Settings};

use crate::tool_server::{holds_no_secret, with_server};

/// A program that stands for Claude Code, so that it is found.
fn with_program(settings: Settings, test: impl FnOnce(&Claude, &Path)) {
    let directory = tempfile::tempdir().expect("a directory");
    let program = directory.path().join("claude");
    std::fs::write(&program, "#!/bin/sh\n").expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let base = BTreeMap::from([("PATH".to_owned(), directory.path().to_string_lossy().into_owned())]);
    test(&Claude::new(Settings { base, ..settings }), &program);
}

fn ask<'a>(role: Role, helpers: &'a [Helper<'a>], continues: Option<&'a SessionId>) -> LaunchAsk<'a> {
    LaunchAsk {
        role,
        model: None,
        effort: None,
        continues,
        helpers,
        worktree: Path::new("/w"),
        common_dir: Path::new("/r/.git"),
        prompt_file: Path::new("/j/prompt.md"),
        job_dir: Path::new("/j"),
        is_root: false,
        tools: None,
    }
}

#[test]
fn the_command_line_is_the_one_that_works() {
    with_program(Settings::default(), |claude, program| {
        let Launch { argv, env } = claude.launch(&ask(Role::Resolver, &[], None)).expect("a launch");
        let program = program.to_string_lossy();
        let flags = ["-p", "--output-format", "stream-json", "--verbose", "--dangerously-skip-permissions"];
        assert_eq!(argv, [&[&*program][..], &flags[..]].concat());
        assert_eq!(env["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"], "1");
        assert_eq!(env["DISABLE_AUTOUPDATER"], "1");
        assert_eq!(env["CLAUDE_CODE_MAX_RETRIES"], "6");
        assert!(!env.contains_key("IS_SANDBOX"));
    });
}

#[test]
fn model_effort_conversation_and_extra_arguments_are_handed_on() {
    let settings = Settings { args: vec!["--max-turns".to_owned(), "50".to_owned()], ..Settings::default() };
    with_program(settings, |claude, _| {
        let session = SessionId::new("s-1").expect("an id");
        let ask = LaunchAsk { model: Some("opus"), effort: Some("high"), ..ask(Role::TeamLead, &[], Some(&session)) };
        let argv = claude.launch(&ask).expect("a launch").argv;
        assert_eq!(argv[6..], ["--model", "opus", "--effort", "high", "--resume", "s-1", "--max-turns", "50"]);
    });
}

#[test]
fn a_lead_is_handed_its_helpers_and_no_other_role_is() {
    let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
    let helpers = ["builder", "story-validator"]
        .map(|name| Helper { role: roles.get(name).expect("a role"), model: (name == "builder").then_some("sonnet") });
    with_program(Settings::default(), |claude, _| {
        let argv = claude.launch(&ask(Role::TeamLead, &helpers, None)).expect("a launch").argv;
        let place = argv.iter().position(|arg| arg == "--agents").expect("the option");
        let agents: serde_json::Value = serde_json::from_str(&argv[place + 1]).expect("JSON");
        assert_eq!(agents["builder"]["model"], "sonnet");
        assert!(agents["builder"]["prompt"].as_str().is_some_and(|prompt| prompt.contains("Ralph-Story")));
        assert_eq!(agents["builder"].get("tools"), None, "all tools");
        assert_eq!(agents["story-validator"]["tools"], serde_json::json!(["Read", "Grep", "Glob", "Bash"]));
        assert_eq!(agents["story-validator"].get("model"), None, "the lead's own");
        // Linux takes no single argument of 128 KiB or more.
        assert!(argv.iter().all(|arg| arg.len() < 64 * 1024));
        let others = claude.launch(&ask(Role::FinalValidator, &helpers, None)).expect("a launch").argv;
        assert!(!others.contains(&"--agents".to_owned()));
    });
}

#[test]
fn instructions_that_no_program_can_be_handed_are_refused_with_what_to_do() {
    let roles = tempfile::tempdir().expect("a folder");
    let text = format!("---\ndescription: long\n---\n{}\n", "Mind the gap. ".repeat(10_000));
    std::fs::write(roles.path().join("builder.md"), text).expect("a role");
    let roles = AgentRoles::load(roles.path()).expect("roles");
    let helpers = [Helper { role: roles.get("builder").expect("a role"), model: None }];
    with_program(Settings::default(), |claude, _| {
        let fault = claude.launch(&ask(Role::TeamLead, &helpers, None)).expect_err("a refusal");
        assert!(fault.contains("shorten the files in .ralph-teams/agents"), "{fault}");
        assert!(claude.launch(&ask(Role::Resolver, &helpers, None)).is_ok(), "nobody else is handed them");
    });
}

#[test]
fn root_is_a_sandbox_only_when_permissions_are_skipped() {
    let as_root = |claude: &Claude| {
        let ask = LaunchAsk { is_root: true, ..ask(Role::TeamLead, &[], None) };
        claude.launch(&ask).expect("a launch")
    };
    with_program(Settings::default(), |claude, _| assert_eq!(as_root(claude).env["IS_SANDBOX"], "1"));
    let args = vec!["--permission-mode".to_owned(), "acceptEdits".to_owned()];
    with_program(Settings { args, ..Settings::default() }, |claude, _| {
        let launch = as_root(claude);
        assert!(!launch.env.contains_key("IS_SANDBOX"));
        assert!(!launch.argv.contains(&"--dangerously-skip-permissions".to_owned()));
    });
}

#[test]
fn our_tools_come_beside_the_users_servers_and_are_allowed_where_permissions_are_chosen() {
    let with_tools = |claude: &Claude| {
        with_server(|server| {
            let ask = LaunchAsk { tools: Some(server), ..ask(Role::TeamLead, &[], None) };
            let launch = claude.launch(&ask).expect("a launch");
            holds_no_secret(&launch);
            launch.argv[2..6].to_vec()
        })
    };
    with_program(Settings::default(), |claude, _| {
        assert_eq!(with_tools(claude), ["--mcp-config", "/j/mcp.json", "--output-format", "stream-json"]);
        assert_eq!(claude.tool_name("note").as_deref(), Some("mcp__ralph__note"));
    });
    let args = vec!["--permission-mode".to_owned(), "acceptEdits".to_owned()];
    with_program(Settings { args, ..Settings::default() }, |claude, _| {
        let expected = ["--mcp-config", "/j/mcp.json", "--allowedTools", "mcp__ralph__note,mcp__ralph__blocked"];
        assert_eq!(with_tools(claude), expected);
    });
}

#[test]
fn the_users_variables_win_and_can_be_taken_from_the_runners_own() {
    let env = BTreeMap::from(
        [("CLAUDE_CODE_MAX_RETRIES", "9"), ("DATABASE_URL", "$PATH"), ("MISSING", "$NOT_SET"), ("PRICE", "$5")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    with_program(Settings { env, ..Settings::default() }, |claude, program| {
        let env = claude.launch(&ask(Role::TeamLead, &[], None)).expect("a launch").env;
        assert_eq!(env["CLAUDE_CODE_MAX_RETRIES"], "9");
        assert_eq!(Path::new(&env["DATABASE_URL"]), program.parent().expect("a directory"));
        assert_eq!(env["PRICE"], "$5");
        assert!(!env.contains_key("MISSING"));
    });
}

#[test]
fn the_program_itself_is_started_where_the_path_holds_only_its_stub() {
    let folder = tempfile::tempdir().expect("a folder");
    let modules = folder.path().canonicalize().expect("a path").join("lib/node_modules/@anthropic-ai");
    let program = |path: &Path| {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, "#!/bin/sh\n").expect("a program");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
    };
    let stub = modules.join("claude-code/bin/claude.exe");
    program(&stub);
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(&stub, bin.join("claude")).expect("a link");
    let base = BTreeMap::from([("PATH".to_owned(), bin.to_string_lossy().into_owned())]);
    let claude = Claude::new(Settings { base, ..Settings::default() });
    assert_eq!(claude.locate(), Ok(bin.join("claude")), "there is no other");
    for kind in ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] {
        program(&modules.join(format!("claude-code-{kind}/claude")));
    }
    let found = claude.locate().expect("a program");
    assert!(found.starts_with(&modules) && found.ends_with("claude") && found != stub, "{}", found.display());
}

#[test]
fn a_missing_program_is_named_with_what_to_do() {
    let fault = Claude::new(Settings::default()).locate().expect_err("no PATH, no program");
    assert!(fault.contains("backends.claude.program") && fault.contains("install"), "{fault}");
}

#[test]
fn keys_of_a_cloud_are_seen_only_when_the_model_comes_from_there() {
    let sees = |provider: &str, variable: &str| {
        let base = BTreeMap::from([(provider.to_owned(), "1".to_owned())]);
        Claude::new(Settings { base, ..Settings::default() }).needs(variable)
    };
    assert!(sees("CLAUDE_CODE_USE_BEDROCK", "AWS_SECRET_ACCESS_KEY"));
    let configured = |value: &str| {
        let env = BTreeMap::from([("CLAUDE_CODE_USE_BEDROCK".to_owned(), value.to_owned())]);
        Claude::new(Settings { env, ..Settings::default() }).needs("AWS_SECRET_ACCESS_KEY")
    };
    assert!(configured("1") && !configured("") && !configured("$NOT_SET"), "the configuration chooses as well");
    assert!(!sees("HOME", "AWS_SECRET_ACCESS_KEY"));
    assert!(sees("CLAUDE_CODE_USE_VERTEX", "CLOUD_ML_REGION"));
    assert!(!sees("CLAUDE_CODE_USE_BEDROCK", "CLOUD_ML_REGION"));
}
