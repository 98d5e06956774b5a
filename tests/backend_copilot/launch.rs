//! The command line and the environment of a session, and the roles that go with it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{AgentRoles, Backend, Copilot, Helper, LaunchAsk, Settings};
use serde_json::{Value, json};

use crate::tool_server::{holds_no_secret, with_server};

fn program(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, "#!/bin/sh\n").expect("a program");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
}

fn copilot(folder: &Path, args: &[&str]) -> Copilot {
    program(&folder.join("copilot"));
    let base = BTreeMap::from([("PATH".to_owned(), folder.to_string_lossy().into_owned())]);
    Copilot::new(Settings { args: args.iter().map(|arg| (*arg).to_owned()).collect(), base, ..Settings::default() })
}

fn ask<'a>(job_dir: &'a Path, role: Role, helpers: &'a [Helper<'a>]) -> LaunchAsk<'a> {
    LaunchAsk {
        role,
        model: None,
        effort: None,
        continues: None,
        helpers,
        worktree: Path::new("/w"),
        common_dir: Path::new("/r/.git"),
        prompt_file: Path::new("/j/prompt.md"),
        job_dir,
        is_root: false,
        tools: None,
    }
}

fn value_of<'a>(argv: &'a [String], option: &str) -> Option<&'a str> {
    argv.iter().find_map(|arg| arg.strip_prefix(option)?.strip_prefix('='))
}

#[test]
fn the_command_line_is_the_one_that_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let job = folder.path().join("job");
    let launch = copilot(folder.path(), &[]).launch(&ask(&job, Role::Resolver, &[])).expect("a launch");
    let argv = &launch.argv[1..];
    assert_eq!(argv[..5], ["--output-format", "json", "--no-ask-user", "--no-auto-update", "--allow-all"]);
    let usage = job.join("copilot-usage.json").to_string_lossy().into_owned();
    assert_eq!(argv[6..], ["--usage-output-file".to_owned(), usage]);
    assert_eq!(launch.env, BTreeMap::new(), "where it connects is not changed");
    assert!(!job.exists(), "nothing is written for a role that has no helpers");
}

#[test]
fn the_runner_names_the_conversation_the_same_for_the_same_job_and_another_for_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let copilot = copilot(folder.path(), &[]);
    let name = |job: &str| {
        let argv = copilot.launch(&ask(Path::new(job), Role::Resolver, &[])).expect("a launch").argv;
        value_of(&argv, "--session-id").expect("a name").to_owned()
    };
    let first = name("/r/runs/x/jobs/a.team-lead.1");
    assert_eq!(first, name("/r/runs/x/jobs/a.team-lead.1"));
    assert_ne!(first, name("/r/runs/x/jobs/a.team-lead.2"));
    assert_ne!(first, name("/r/runs/y/jobs/a.team-lead.1"));
    let lengths: Vec<usize> = first.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{first} is a UUID");
    assert!(first.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)), "{first}");
    assert_eq!((first.as_bytes()[14], b"89ab".contains(&first.as_bytes()[19])), (b'4', true), "{first}");
}

#[test]
fn model_effort_conversation_and_extra_arguments_are_handed_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let session = SessionId::new("11111111-2222-4333-8444-555555555555").expect("an id");
    let ask = LaunchAsk {
        model: Some("gpt-5.4"),
        effort: Some("high"),
        continues: Some(&session),
        ..ask(folder.path(), Role::TeamLead, &[])
    };
    let argv = copilot(folder.path(), &["--disable-builtin-mcps"]).launch(&ask).expect("a launch").argv;
    assert_eq!(value_of(&argv, "--resume"), Some(session.as_str()));
    assert_eq!(value_of(&argv, "--session-id"), None);
    assert_eq!(argv[9..], ["--model", "gpt-5.4", "--reasoning-effort", "high", "--disable-builtin-mcps"]);
}

#[test]
fn permissions_of_the_users_own_take_the_place_of_all_and_what_is_denied_comes_on_top() {
    let folder = tempfile::tempdir().expect("a folder");
    let allows_all = |args: &[&str]| {
        let copilot = copilot(folder.path(), args);
        let argv = copilot.launch(&ask(Path::new("/j"), Role::TeamLead, &[])).expect("a launch").argv;
        (argv.contains(&"--allow-all".to_owned()), copilot.permission_words())
    };
    assert_eq!(allows_all(&[]), (true, "agents may do anything, no sandbox"));
    assert!(allows_all(&["--deny-tool", "shell(git push)"]).0);
    assert_eq!(allows_all(&["--allow-tool", "shell(git:*)"]), (false, "permissions as configured, no sandbox"));
}

#[test]
fn our_tools_come_beside_the_users_servers_and_are_allowed_where_permissions_are_chosen() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = |args: &[&str]| {
        with_server(|server| {
            let ask = LaunchAsk { tools: Some(server), ..ask(Path::new("/j"), Role::TeamLead, &[]) };
            let launch = copilot(folder.path(), args).launch(&ask).expect("a launch");
            holds_no_secret(&launch);
            let place = launch.argv.iter().position(|arg| arg == "--additional-mcp-config").expect("the option");
            let config: Value = serde_json::from_str(&launch.argv[place + 1]).expect("JSON");
            (config, value_of(&launch.argv, "--allow-tool").map(str::to_owned))
        })
    };
    let server = json!({ "type": "local", "command": "/bin/ralph teams", "args": ["mcp", "--desk", "/j/\"desk\".json"],
        "tools": ["*"], "timeout": 86_400_000 });
    let config = json!({ "mcpServers": { "ralph": server } });
    assert_eq!(given(&[]), (config.clone(), None));
    assert_eq!(given(&["--allow-tool", "shell(git:*)"]), (config, Some("ralph".to_owned())));
    assert_eq!(Copilot::new(Settings::default()).tool_name("note").as_deref(), Some("ralph-note"));
}

#[test]
fn a_lead_is_handed_its_helpers_in_the_folder_of_the_job_and_no_other_role_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let job = folder.path().join("job");
    let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
    let helpers = ["builder", "story-validator"]
        .map(|name| Helper { role: roles.get(name).expect("a role"), model: (name == "builder").then_some("gpt-5.4") });
    let copilot = copilot(folder.path(), &[]);
    let argv = copilot.launch(&ask(&job, Role::TeamLead, &helpers)).expect("a launch").argv;
    let place = argv.iter().position(|arg| arg == "--add-dir").expect("the option");
    let agents = PathBuf::from(&argv[place + 1]).join(".github/agents");
    assert!(agents.starts_with(&job), "outside of the user's repository and home");
    let builder = std::fs::read_to_string(agents.join("builder.agent.md")).expect("a role");
    assert!(builder.starts_with("---\nname: \"builder\"\ndescription: \""), "{builder}");
    assert!(
        builder.contains("\ntools: [\"*\"]\nmodel: \"gpt-5.4\"\n---\n") && builder.contains("Ralph-Story"),
        "{builder}"
    );
    let validator = std::fs::read_to_string(agents.join("story-validator.agent.md")).expect("a role");
    assert!(validator.contains("\ntools: [\"Read\",\"Grep\",\"Glob\",\"Bash\"]\n---\n"), "{validator}");
    let others = copilot.launch(&ask(&job, Role::FinalValidator, &helpers)).expect("a launch").argv;
    assert!(!others.contains(&"--add-dir".to_owned()));
}

#[test]
fn what_an_earlier_life_of_the_job_consumed_is_forgotten_before_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let usage = folder.path().join("copilot-usage.json");
    std::fs::write(&usage, "{}").expect("a file");
    copilot(folder.path(), &[]).launch(&ask(folder.path(), Role::TeamLead, &[])).expect("a launch");
    assert!(!usage.exists());
}

#[test]
fn the_native_program_is_started_and_not_the_script_of_npm() {
    let folder = tempfile::tempdir().expect("a folder");
    let modules = folder.path().canonicalize().expect("a path").join("lib/node_modules/@github");
    let script = modules.join("copilot/npm-loader.js");
    program(&script);
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(&script, bin.join("copilot")).expect("a link");
    let base = BTreeMap::from([("PATH".to_owned(), bin.to_string_lossy().into_owned())]);
    let copilot = Copilot::new(Settings { base, ..Settings::default() });
    assert_eq!(copilot.locate(), Ok(bin.join("copilot")), "there is no other");
    for system in ["linuxmusl", "linux", "darwin"] {
        for processor in ["x64", "arm64"] {
            program(&modules.join(format!("copilot/node_modules/@github/copilot-{system}-{processor}/copilot")));
        }
        let found = copilot.locate().expect("a program");
        let fits = found.starts_with(&modules) && !found.ends_with("npm-loader.js");
        assert_eq!(fits, system != "linuxmusl" || cfg!(target_os = "linux"), "{system}: {}", found.display());
    }
}

#[test]
fn its_sign_in_and_a_provider_are_seen_and_other_secrets_are_not() {
    let copilot = Copilot::new(Settings::default());
    for variable in ["GH_TOKEN", "GITHUB_TOKEN", "COPILOT_HOME", "COPILOT_PROVIDER_BASE_URL", "COPILOT_MODEL"] {
        assert!(copilot.needs(variable), "{variable}");
    }
    for variable in ["OPENAI_API_KEY", "COPILOT_ALLOW_ALL", "COPILOT_AGENT_SESSION", "ANTHROPIC_API_KEY"] {
        assert!(!copilot.needs(variable), "{variable}");
    }
}

#[test]
fn a_missing_program_is_named_with_what_to_do() {
    let fault = Copilot::new(Settings::default()).locate().expect_err("no PATH, no program");
    assert!(fault.contains("backends.copilot.program") && fault.contains("install"), "{fault}");
}
