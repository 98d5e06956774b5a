//! The real desk of a run that stands still: who may call, and that nobody can harm anybody.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::mcp::Client;
use crate::processes;
use crate::raw::{Desk, all};
use crate::scene::{PATIENCE, Running, Scene, epic, eventually, read_json};

/// A run whose first lead stands still, with the way to the desk that it was given.
pub struct Paused {
    pub scene: Scene,
    running: Running,
    config: Value,
}

impl Paused {
    pub fn new(config: &str) -> Self {
        let scene =
            Scene::scripted(&[epic("login", &["a"], &[]), epic("later", &["b"], &["login"])], &json!({}), config);
        scene.script(&json!({
            "login/team-lead/*": [
                "work", { "save_env": scene.mark("env") }, { "touch": scene.mark("begun") },
                { "wait_for": scene.mark("go on") }, "honest"
            ],
            "later/team-lead/*": [{ "touch": scene.mark("later") }, { "wait_for": scene.mark("end") }, "honest"],
        }));
        let mut running = scene.start(&["run"]);
        running.until_exists(&scene.mark("begun"));
        let config = read_json(&job_dir(&scene).join("mcp.json"));
        Self { scene, running, config }
    }

    fn client(&self) -> Client {
        let mut client = Client::configured(&self.config);
        client.initialize("2025-11-25");
        client
    }

    pub fn desk(&self) -> Desk {
        Desk::of(&self.config)
    }

    /// What the desk says to these bytes, to the end of the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        all(self.desk().told(bytes))
    }

    fn asked(&self, request: &Value) -> String {
        self.raw(format!("{request}\n").as_bytes())
    }

    pub fn worktree(&self) -> PathBuf {
        let found = self.scene.worktrees().into_iter().find(|path| path.ends_with("/login"));
        found.expect("a worktree").into()
    }

    /// Lets the first lead go on until the second one stands still.
    fn first_ends(&mut self) {
        std::fs::write(self.scene.mark("go on"), "").unwrap();
        let later = self.scene.mark("later");
        self.running.until_exists(&later);
    }

    pub fn ends(self) {
        std::fs::write(self.scene.mark("go on"), "").unwrap();
        std::fs::write(self.scene.mark("end"), "").unwrap();
        self.running.outcome().exited_with(0);
        assert!(!self.scene.run_dir().join("desk").exists());
        self.scene.has_no_process_left();
    }
}

fn job_dir(scene: &Scene) -> PathBuf {
    scene.run_dir().join("jobs/login.team-lead.1")
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_way_to_the_desk_is_for_its_session_alone() {
    let paused = Paused::new("");
    let Desk { socket, token } = paused.desk();
    assert_eq!((token.len(), mode(&socket), mode(socket.parent().unwrap())), (64, 0o600, 0o700));
    let files = ["mcp.json", "desk.json"].map(|name| job_dir(&paused.scene).join(name));
    assert_eq!(files.each_ref().map(|path| mode(path)), [0o600, 0o600]);
    let mut client = paused.client();
    assert!(!client.call("get_epic", json!({})).1);
    for (_, line) in processes::of_runs(&paused.scene.run_ids()) {
        assert!(!line.contains(&token), "a secret on a command line: {line}");
    }
    assert!(!std::fs::read_to_string(paused.scene.mark("env")).unwrap().contains(&token));
    drop(client);
    paused.ends();
    assert!(files.iter().all(|path| !path.exists()));
}

#[test]
fn a_program_that_knows_servers_by_command_line_only_finds_the_way_in_a_file() {
    let paused = Paused::new("");
    let desk_file = job_dir(&paused.scene).join("desk.json");
    let mut config = paused.config.clone();
    config["mcpServers"]["ralph"]["args"] = json!(["mcp", "--desk", desk_file]);
    config["mcpServers"]["ralph"]["env"] = json!({});
    let mut client = Client::configured(&config);
    client.initialize("2025-06-18");
    assert!(client.call("get_epic", json!({})).0.contains("\"login\""));
    drop(client);
    paused.ends();
}

#[test]
fn whoever_is_not_known_or_babbles_is_refused_and_nobody_else_notices() {
    let paused = Paused::new("");
    let Desk { socket, token } = paused.desk();
    let wrong = format!("{}{}", &token[..63], if token.ends_with('0') { '1' } else { '0' });
    for (request, says) in [
        (json!({ "token": wrong, "call": "1", "tool": "get_epic" }), "knows no session"),
        (json!({ "token": "", "call": "2", "tool": "get_epic" }), "knows no session"),
        (json!({ "token": token, "call": "3", "tool": "report_validation" }), "team-lead has no tool"),
        (json!({ "token": token, "call": "4", "tool": "delegate" }), "arguments are wrong"),
        (json!({ "token": token, "call": "5", "tool": "get_epic", "arguments": { "x": 1 } }), "arguments are wrong"),
        (json!({ "token": token, "tool": "get_epic" }), "no call"),
        (json!({ "call": "6", "tool": "get_epic" }), "no call"),
        (json!([]), "no call"),
    ] {
        let said = paused.asked(&request);
        assert!(said.contains(says) && said.contains("\"refused\":true"), "{request}: {said}");
    }
    assert!(paused.raw(b"\xff\xfe{\n").contains("no call"));
    assert!(paused.raw(&[b"x".repeat(1024 * 1024), b"\n".to_vec()].concat()).contains("longer than"));
    // These say nothing, or half of something, and stay; those talk rubbish and go.
    let idle: Vec<UnixStream> = (0..20).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    let mut half = UnixStream::connect(&socket).unwrap();
    half.write_all(b"{\"token\":").unwrap();
    for _ in 0..200 {
        let _ = UnixStream::connect(&socket).unwrap().write_all(b"rubbish\n");
    }
    let (mut one, mut other) = (paused.client(), paused.client());
    assert!(one.call("get_epic", json!({})).0.contains("\"login\""));
    let reports = [("a", false), ("x", true)];
    for (client, (story, refused)) in [&mut one, &mut other].into_iter().zip(reports) {
        let said = client.call("report_story", json!({ "story": story, "passes": false, "reason": "not yet" }));
        assert_eq!(said.1, refused, "{}", said.0);
    }
    drop((one, other, idle, half));
    paused.ends();
}

#[test]
fn a_client_that_dies_in_the_middle_of_a_call_takes_its_work_with_it() {
    let paused = Paused::new("gates: [{ name: slow, run: 'if test -e slow; then sleep 601; fi' }]");
    let worktree = paused.worktree();
    std::fs::write(worktree.join("slow"), "").unwrap();
    let commit = paused.scene.repo.git_in(&worktree, &["rev-parse", "HEAD"]);
    let sleeps = || processes::of_runs(&paused.scene.run_ids()).iter().any(|(_, line)| line.contains("sleep 601"));
    let report = json!({ "story": "a", "passes": true, "commit": commit, "run_gates": true });
    for dies in [true, false] {
        let mut client = paused.client();
        let id = client.ask("tools/call", json!({ "name": "report_story", "arguments": report }));
        eventually("the gate", PATIENCE, sleeps);
        if dies {
            drop(client);
        } else {
            client.notify("notifications/cancelled", json!({ "requestId": id }));
        }
        eventually("the end of the gate", PATIENCE, || !sleeps());
    }
    assert!(!worktree.join(".ralph/report.json").exists(), "nothing was accepted");
    std::fs::remove_file(worktree.join("slow")).unwrap();
    let said = paused.client().call("report_story", report);
    assert!(!said.1 && worktree.join(".ralph/report.json").exists(), "{}", said.0);
    paused.ends();
}

#[test]
fn once_a_session_is_over_its_secret_is_worth_nothing() {
    let mut paused = Paused::new("");
    let mut client = paused.client();
    assert!(!client.call("get_epic", json!({})).1);
    paused.first_ends();
    for (tool, arguments) in [("get_epic", json!({})), ("note", json!({ "kind": "decision", "text": "late" }))] {
        let (said, refused) = client.call(tool, arguments);
        assert!(refused && said.contains("it is over"), "{said}");
    }
    drop(client);
    paused.ends();
}
