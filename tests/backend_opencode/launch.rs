//! The command line, the configuration and the environment of a session.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::backend::{AgentRoles, Backend, Helper, Launch, LaunchAsk, Opencode, Settings};
use serde_json::{Value, json};

use crate::tool_server::{holds_no_secret, with_server};

/// A program that stands for opencode, so that it is found.
fn with_program(settings: Settings, base: &[(&str, &str)], test: impl FnOnce(&Opencode, &Path)) {
    let directory = tempfile::tempdir().expect("a directory");
    let program = directory.path().join("opencode");
    write_program(&program, b"#!/bin/sh\n");
    let mut base: BTreeMap<String, String> =
        base.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    base.insert("PATH".to_owned(), directory.path().to_string_lossy().into_owned());
    test(&Opencode::new(Settings { base, ..settings }), &program);
}

fn write_program(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, bytes).expect("a program");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
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

fn config(launch: &Launch) -> Value {
    serde_json::from_str(&launch.env["OPENCODE_CONFIG_CONTENT"]).expect("JSON")
}

#[test]
fn the_command_line_is_the_one_that_works() {
    with_program(Settings::default(), &[], |opencode, program| {
        let launch = opencode.launch(&ask(Role::Resolver, &[], None)).expect("a launch");
        let program = program.to_string_lossy();
        assert_eq!(launch.argv, [&program, "run", "--format", "json", "--auto"]);
        assert_eq!(config(&launch), json!({ "autoupdate": false, "share": "disabled" }));
        assert_eq!(launch.env["OPENCODE_DISABLE_AUTOUPDATE"], "1");
    });
}

#[test]
fn model_effort_conversation_and_extra_arguments_are_handed_on() {
    let settings = Settings { args: vec!["--pure".to_owned()], ..Settings::default() };
    with_program(settings, &[], |opencode, _| {
        let session = SessionId::new("ses_1").expect("an id");
        let ask = LaunchAsk { model: Some("a/b"), effort: Some("high"), ..ask(Role::TeamLead, &[], Some(&session)) };
        let argv = opencode.launch(&ask).expect("a launch").argv;
        assert_eq!(argv[5..], ["--model", "a/b", "--variant", "high", "--session", "ses_1", "--pure"]);
    });
}

#[test]
fn a_lead_finds_its_helpers_as_sub_agents_and_no_other_role_does() {
    let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
    let helpers = ["builder", "story-validator"]
        .map(|name| Helper { role: roles.get(name).expect("a role"), model: (name == "builder").then_some("a/small") });
    with_program(Settings::default(), &[], |opencode, _| {
        let lead = config(&opencode.launch(&ask(Role::TeamLead, &helpers, None)).expect("a launch"));
        assert_eq!(lead["agent"]["builder"]["mode"], "subagent");
        assert_eq!(lead["agent"]["builder"]["model"], "a/small");
        assert_eq!(lead["agent"]["builder"].get("permission"), None, "all tools");
        assert!(lead["agent"]["builder"]["prompt"].as_str().is_some_and(|prompt| prompt.contains("Ralph-Story")));
        assert_eq!(lead["agent"]["story-validator"]["permission"], json!({ "edit": "deny" }));
        let other = config(&opencode.launch(&ask(Role::FinalValidator, &helpers, None)).expect("a launch"));
        assert_eq!(other.get("agent"), None);
    });
}

#[test]
fn the_users_own_configuration_stays_and_ours_is_added() {
    let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
    let helpers = [Helper { role: roles.get("builder").expect("a role"), model: None }];
    let users = r#"{"share":"manual","model":"a/b","agent":{"builder":{"prompt":"mine"},"other":{"mode":"primary"}}}"#;
    with_program(Settings::default(), &[("OPENCODE_CONFIG_CONTENT", users)], |opencode, _| {
        let config = config(&opencode.launch(&ask(Role::TeamLead, &helpers, None)).expect("a launch"));
        assert_eq!((&config["share"], &config["model"]), (&json!("manual"), &json!("a/b")));
        assert_eq!(config["autoupdate"], false);
        assert_eq!(config["agent"]["other"]["mode"], "primary");
        assert_eq!(config["agent"]["builder"]["prompt"], "mine");
        assert_eq!(config["agent"]["builder"]["mode"], "subagent");
    });
    let env = BTreeMap::from([("OPENCODE_CONFIG_CONTENT".to_owned(), r#"{"model":"c/d"}"#.to_owned())]);
    with_program(Settings { env, ..Settings::default() }, &[("OPENCODE_CONFIG_CONTENT", users)], |opencode, _| {
        let config = config(&opencode.launch(&ask(Role::TeamLead, &[], None)).expect("a launch"));
        assert_eq!((&config["model"], &config["share"]), (&json!("c/d"), &json!("disabled")));
    });
    for none in ["{ nope", "[]", "\"text\""] {
        with_program(Settings::default(), &[("OPENCODE_CONFIG_CONTENT", none)], |opencode, _| {
            let fault = opencode.launch(&ask(Role::TeamLead, &[], None)).expect_err("a fault");
            assert!(fault.contains("OPENCODE_CONFIG_CONTENT is no JSON object"), "{fault}");
        });
    }
}

#[test]
fn our_tools_come_beside_the_users_servers() {
    let given = |opencode: &Opencode| {
        with_server(|server| {
            let ask = LaunchAsk { tools: Some(server), ..ask(Role::FinalValidator, &[], None) };
            let launch = opencode.launch(&ask).expect("a launch");
            holds_no_secret(&launch);
            config(&launch)["mcp"].clone()
        })
    };
    let command = ["/bin/ralph teams", "mcp", "--desk", "/j/\"desk\".json"];
    let server = json!({ "type": "local", "command": command, "enabled": true, "timeout": 86_400_000 });
    with_program(Settings::default(), &[], |opencode, _| {
        assert_eq!(given(opencode), json!({ "ralph": server }));
        assert_eq!(opencode.tool_name("note").as_deref(), Some("ralph_note"));
    });
    let users = r#"{"mcp":{"theirs":{"type":"remote","url":"https://example.invalid"}}}"#;
    with_program(Settings::default(), &[("OPENCODE_CONFIG_CONTENT", users)], |opencode, _| {
        let theirs = json!({ "type": "remote", "url": "https://example.invalid" });
        assert_eq!(given(opencode), json!({ "theirs": theirs, "ralph": server }));
    });
}

#[test]
fn the_program_itself_is_started_where_the_path_holds_only_its_stub() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = folder.path().canonicalize().expect("a path");
    let stub = top.join("lib/node_modules/opencode-ai/bin/opencode");
    write_program(&stub, b"#!/usr/bin/env node\n");
    std::fs::create_dir_all(top.join("bin")).expect("a folder");
    std::os::unix::fs::symlink(&stub, top.join("bin/opencode")).expect("a link");
    let base = BTreeMap::from([("PATH".to_owned(), top.join("bin").to_string_lossy().into_owned())]);
    let opencode = Opencode::new(Settings { base, ..Settings::default() });
    assert_eq!(opencode.locate(), Ok(top.join("bin/opencode")), "there is nothing else");
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let package = format!("opencode-{system}-{architecture}");
    for place in ["lib/node_modules", "lib/node_modules/opencode-ai/node_modules"] {
        let native = top.join(place).join(&package).join("bin/opencode");
        write_program(&native, b"the program");
        assert_eq!(opencode.locate(), Ok(native.clone()));
        std::fs::remove_file(native).expect("removed");
    }
}

#[test]
fn a_missing_program_is_named_with_what_to_do() {
    let fault = Opencode::new(Settings::default()).locate().expect_err("no PATH, no program");
    assert!(fault.contains("backends.opencode.program") && fault.contains("npm install"), "{fault}");
}

#[test]
fn keys_of_models_are_seen_and_no_other_secrets() {
    let opencode = Opencode::new(Settings::default());
    for name in ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENCODE_API_KEY", "OPENCODE_CONFIG", "OPENROUTER_API_KEY"] {
        assert!(opencode.needs(name), "{name}");
    }
    for name in ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "OPENCODE_SERVER", "OPENCODE", "OPENCODE_PID"] {
        assert!(!opencode.needs(name), "{name}");
    }
}
