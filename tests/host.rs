//! Hosts with real processes: whatever a program does, it ends within its bound and nothing outlives it.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ralph_teams::domain::gate::{Gate, GateEnd};
use ralph_teams::effects::follow::Follow;
use ralph_teams::effects::gate::{CommandFault, Workshop, run_gate, run_gates, run_setup};
use ralph_teams::effects::host::spec::{EndedBy, Environment, HostExit, HostSpec};
use ralph_teams::effects::host::sweep::{Mark, sweep};
use ralph_teams::effects::hosted::{Hosted, adopt};
use ralph_teams::scheduler::event::Stop;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const HOST: &str = env!("CARGO_BIN_EXE_ralph-teams");
const AGENT: &str = env!("CARGO_BIN_EXE_fake-agent");

/// Longer than anything here takes; only a hang gets there.
const HANG: Duration = Duration::from_secs(60);

/// A sleep that outlives every test unless it is killed.
const FOR_EVER: u64 = 600_000;

/// A folder, a run of its own, and the processes that carry that run's mark.
struct Scene {
    folder: tempfile::TempDir,
    run: String,
}

impl Scene {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let run = format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self { folder: tempfile::tempdir().unwrap(), run }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn env(&self, job: &str) -> Environment {
        let path = std::env::var_os("PATH").unwrap();
        let pairs: [(&str, OsString); 4] = [
            ("PATH", path),
            ("RALPH_RUN_ID", self.run.clone().into()),
            ("RALPH_JOB", job.into()),
            ("FAKE_AGENT_SCRIPT", self.path(&format!("{job}.script")).into()),
        ];
        pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// A job that takes these steps, with a short ladder.
    fn spec(&self, job: &str, steps: Value) -> HostSpec {
        std::fs::write(self.path(&format!("{job}.script")), json!({ "*/*/*": steps }).to_string()).unwrap();
        let (log, exit) = (self.path(&format!("{job}.log")), self.path(&format!("{job}.exit.json")));
        let mut spec = HostSpec::new(vec![AGENT.to_owned()], self.env(job), self.folder.path(), &log, &exit);
        (spec.int_ms, spec.term_ms) = (100, 100);
        spec
    }

    fn start(&self, spec: &HostSpec) -> Hosted {
        Hosted::start(Path::new(HOST), spec, &spec.exit_file.with_extension("spec")).unwrap()
    }

    async fn run(&self, steps: Value) -> HostExit {
        within(self.start(&self.spec("job", steps)).wait()).await
    }

    /// The living processes that carry the run's mark.
    fn processes(&self) -> BTreeSet<u32> {
        marked(&format!("RALPH_RUN_ID={}", self.run))
    }

    async fn exists(&self, name: &str) {
        until(name, || self.path(name).exists()).await;
    }

    async fn all_gone(&self) {
        until("end of all processes", || self.processes().is_empty()).await;
    }
}

/// A test that failed half-way leaves nothing behind either.
impl Drop for Scene {
    fn drop(&mut self) {
        let _ = sweep(&Mark { runs: &[&self.run], job: None });
    }
}

fn marked(mark: &str) -> BTreeSet<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes())
    })
    .collect()
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < HANG, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, future).await.expect("it hangs")
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_program_that_ends_well_is_told_with_code_0_and_its_output_is_in_the_log() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "print": "out" }, { "print_error": "err" }])).await;
    assert_eq!((exit.code, exit.signal, exit.ended_by), (Some(0), None, EndedBy::Itself));
    assert_eq!((exit.n_left_over, exit.n_survivors, &exit.failed_to_start), (0, 0, &None));
    assert_ne!(exit.pid, 0);
    assert_eq!(std::fs::read_to_string(scene.path("job.log")).unwrap(), "out\nerr\n");
    assert_eq!(adopt(&scene.path("job.exit.json")), Some(exit));
}

#[tokio::test]
async fn an_exit_code_and_a_deadly_signal_are_told_apart() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "exit": 7 }])).await;
    assert_eq!((exit.code, exit.signal), (Some(7), None));
    let exit = scene.run(json!([{ "die": 9 }])).await;
    assert_eq!((exit.code, exit.signal, exit.ended_by), (None, Some(9), EndedBy::Itself));
}

#[tokio::test]
async fn the_prompt_is_read_to_its_end_and_the_environment_is_exactly_the_given_one() {
    let scene = Scene::new();
    let steps = json!([{ "save_prompt": "prompt.seen" }, { "save_env": "env.seen" }]);
    let mut spec = scene.spec("job", steps);
    spec.stdin = Some(scene.path("prompt.md"));
    std::fs::write(scene.path("prompt.md"), "Do this.\n").unwrap();
    assert_eq!(within(scene.start(&spec).wait()).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(scene.path("prompt.seen")).unwrap(), "Do this.\n");
    let seen: Value = serde_json::from_slice(&std::fs::read(scene.path("env.seen")).unwrap()).unwrap();
    let names: BTreeSet<&str> = seen.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["FAKE_AGENT_SCRIPT", "PATH", "RALPH_JOB", "RALPH_RUN_ID"]));
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_told_with_the_reason() {
    let scene = Scene::new();
    let start = async |change: &dyn Fn(&mut HostSpec)| {
        let mut spec = scene.spec("job", json!([]));
        change(&mut spec);
        let exit = within(scene.start(&spec).wait()).await;
        assert_eq!((exit.code, exit.pid), (None, 0));
        assert_eq!(adopt(&spec.exit_file), None);
        exit.failed_to_start.unwrap()
    };
    let reason = start(&|spec| spec.argv = vec!["no-such-agent".into()]).await;
    assert!(reason.contains("`no-such-agent` was not found"), "{reason}");
    let plain_file = scene.path("plain");
    std::fs::write(&plain_file, "text").unwrap();
    let reason = start(&|spec| spec.argv = vec![plain_file.display().to_string()]).await;
    assert!(reason.contains("may not be executed"), "{reason}");
    let script = scene.path("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let reason = start(&|spec| spec.argv = vec![script.display().to_string()]).await;
    assert!(reason.contains("interpreter was not found"), "{reason}");
    let reason = start(&|spec| spec.cwd = scene.path("nowhere")).await;
    assert!(reason.contains("nowhere does not exist"), "{reason}");
    let reason = start(&|spec| spec.stdin = Some(scene.path("no-prompt"))).await;
    assert!(reason.contains("no-prompt"), "{reason}");
}

#[tokio::test]
async fn a_program_that_is_still_being_written_is_started_once_it_is_not() {
    let scene = Scene::new();
    let path = scene.path("fresh-program");
    let mut writer = std::fs::File::create(&path).unwrap();
    writer.write_all(b"#!/bin/sh\nexit 5\n").unwrap();
    writer.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut spec = scene.spec("job", json!([]));
    spec.argv = vec![path.display().to_string()];
    let mut hosted = scene.start(&spec);
    // The host must meet the busy file before the writer lets go of it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(writer);
    assert_eq!(within(hosted.wait()).await.code, Some(5));
}

#[tokio::test]
async fn a_stop_interrupts_a_program_that_listens() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]));
    spec.int_ms = 10 * u64::try_from(HANG.as_millis()).unwrap();
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(2), EndedBy::Stopped));
    assert_eq!(adopt(&spec.exit_file), None);
}

#[tokio::test]
async fn a_stop_kills_a_program_that_ignores_every_signal() {
    let scene = Scene::new();
    let steps = json!([{ "ignore": ["TERM", "INT", "HUP"] }, { "touch": "ready" }, { "sleep_ms": FOR_EVER },
                       { "sleep_ms": FOR_EVER }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps));
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::Stopped));
    assert!(exit.took_ms >= 200, "the ladder was cut short: {} ms", exit.took_ms);
    scene.all_gone().await;
}

#[tokio::test]
async fn a_kill_does_not_climb_the_ladder() {
    let scene = Scene::new();
    let steps = json!([{ "ignore": ["TERM", "INT"] }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut spec = scene.spec("job", steps);
    (spec.int_ms, spec.term_ms) = (FOR_EVER, FOR_EVER);
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    hosted.stop(Stop::Now);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::Killed));
}

#[tokio::test]
async fn a_limit_of_time_kills_the_tree() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "daemon": FOR_EVER }, { "sleep_ms": FOR_EVER }]));
    spec.timeout_ms = Some(300);
    let exit = within(scene.start(&spec).wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::TimedOut));
    scene.all_gone().await;
}

#[tokio::test]
async fn a_stop_that_comes_before_the_program_ends_it_too() {
    for how in [Stop::Graceful, Stop::Now] {
        let scene = Scene::new();
        let mut hosted = scene.start(&scene.spec("job", json!([{ "sleep_ms": FOR_EVER }])));
        hosted.stop(how);
        let exit = within(hosted.wait()).await;
        assert!(matches!(exit.ended_by, EndedBy::Stopped | EndedBy::Killed), "{exit:?}");
        scene.all_gone().await;
    }
}

#[tokio::test]
async fn nothing_outlives_a_program_that_leaves_daemons_groups_and_held_streams() {
    let scene = Scene::new();
    let steps = json!([{ "spawn": FOR_EVER }, { "own_group": FOR_EVER }, { "hold_stdout": FOR_EVER },
                       { "daemon": FOR_EVER }, { "print": "done" }]);
    let exit = scene.run(steps).await;
    assert_eq!((exit.code, exit.ended_by), (Some(0), EndedBy::Itself));
    assert_eq!((exit.n_left_over, exit.n_survivors), (4, 0));
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_process_that_flees_by_forking_is_caught() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "rabbit": 20_000 }])).await;
    assert_eq!((exit.code, exit.n_survivors), (Some(0), 0));
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_program_that_forks_for_ever_is_killed() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([]));
    let line = "trap '' INT TERM; touch ready; while :; do sleep 0.3 & done";
    spec.argv = ["sh", "-c", line].map(str::to_owned).to_vec();
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Now);
    assert_eq!(within(hosted.wait()).await.n_survivors, 0);
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_dropped_program_is_killed_with_its_tree() {
    let scene = Scene::new();
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let hosted = scene.start(&scene.spec("job", steps));
    scene.exists("ready").await;
    drop(hosted);
    scene.all_gone().await;
    until("the host's word", || scene.path("job.exit.json").exists()).await;
    assert_eq!(HostExit::read(&scene.path("job.exit.json")).unwrap().ended_by, EndedBy::RunnerGone);
}

#[tokio::test]
async fn the_tree_of_a_runner_that_was_killed_is_gone() {
    let scene = Scene::new();
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let spec = scene.spec("job", steps);
    spec.write(&scene.path("spec.json")).unwrap();
    let (ear, control) = std::io::pipe().unwrap();
    // It holds the only other end of the control pipe, as a runner does.
    let mut runner = Command::new("sleep").arg("600").stdout(control).spawn().unwrap();
    let mut host = Command::new(HOST);
    host.arg("host").arg(scene.path("spec.json")).env_clear().envs(&spec.env).stdin(ear);
    let mut host_process = host.spawn().unwrap();
    drop(host);
    scene.exists("ready").await;
    kill(runner.id());
    runner.wait().unwrap();
    until("the host's end", || host_process.try_wait().unwrap().is_some()).await;
    assert_eq!(HostExit::read(&spec.exit_file).unwrap().ended_by, EndedBy::RunnerGone);
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn what_a_killed_host_leaves_is_swept() {
    let scene = Scene::new();
    let steps =
        json!([{ "daemon": FOR_EVER }, { "own_group": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps));
    let bystander = scene.start(&scene.spec("other", json!([{ "touch": "other.ready" }, { "sleep_ms": FOR_EVER }])));
    scene.exists("ready").await;
    scene.exists("other.ready").await;
    kill(hosted.host_pid().unwrap());
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.ended_by, exit.signal, exit.n_left_over), (EndedBy::HostLost, Some(9), 3));
    assert_eq!(scene.processes().len(), 2, "the other job's host and program live on");
    drop(bystander);
    scene.all_gone().await;
}

#[tokio::test]
async fn a_sweep_finds_the_run_and_spares_other_ones() {
    let (scene, other) = (Scene::new(), Scene::new());
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps.clone()));
    let _bystander = other.start(&other.spec("job", steps));
    scene.exists("ready").await;
    other.exists("ready").await;
    let run = scene.run.clone();
    let swept = tokio::task::spawn_blocking(move || sweep(&Mark { runs: &[&run], job: None })).await.unwrap();
    assert_eq!(swept.n_survivors, 0);
    assert!(swept.killed.len() >= 3, "{swept:?}");
    assert!(swept.killed.iter().all(|process| process.job.as_deref() == Some("job")));
    assert!(swept.killed.iter().any(|process| process.command.contains("fake-agent")));
    scene.all_gone().await;
    assert_eq!(other.processes().len(), 3);
    assert_eq!(within(hosted.wait()).await.ended_by, EndedBy::HostLost);
}

#[tokio::test]
async fn two_hosts_do_not_hold_the_pipes_of_each_other() {
    let (first, second) = (Scene::new(), Scene::new());
    let steps = json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let older = first.start(&first.spec("job", steps.clone()));
    let younger = second.start(&second.spec("job", steps));
    first.exists("ready").await;
    second.exists("ready").await;
    drop(older);
    first.all_gone().await;
    assert_eq!(second.processes().len(), 2, "the younger host and its program live on");
    drop(younger);
    second.all_gone().await;
}

#[tokio::test]
async fn a_host_is_deaf_to_signals_and_its_program_hears_the_ones_that_the_runner_ignores() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]));
    spec.int_ms = FOR_EVER;
    spec.write(&scene.path("spec.json")).unwrap();
    // As from a background job of a plain shell.
    let ignoring = "trap '' INT HUP; exec \"$0\" host \"$1\"";
    let mut host = Command::new("/bin/sh")
        .args(["-c", ignoring, HOST])
        .arg(scene.path("spec.json"))
        .env_clear()
        .envs(&spec.env)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    scene.exists("ready").await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(host.id()).unwrap()).unwrap();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        rustix::process::kill_process(pid, signal).unwrap();
    }
    host.stdin.as_mut().unwrap().write_all(b"s").unwrap();
    until("the host's end", || host.try_wait().unwrap().is_some()).await;
    let exit = HostExit::read(&spec.exit_file).unwrap();
    assert_eq!((exit.signal, exit.ended_by), (Some(2), EndedBy::Stopped));
}

/// The largest memory that this process ever used, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_flood_of_200_megabytes_is_followed_in_bounded_memory() {
    let scene = Scene::new();
    let before = peak_memory();
    let steps = json!([{ "flood": { "bytes": 100_000_000 } }, { "flood": { "bytes": 100_000_000, "line": 0 } }]);
    let spec = scene.spec("job", steps);
    let mut hosted = scene.start(&spec);
    let mut follow = Follow::new(&spec.stdout);
    let (mut n_lines, mut n_cut) = (0_u64, 0_u64);
    let mut on_line = |line: ralph_teams::effects::follow::Line<'_>| {
        n_lines += 1;
        n_cut += u64::from(line.cut);
    };
    let exit = within(async {
        loop {
            tokio::select! {
                exit = hosted.wait() => break exit,
                read = follow.more(&mut on_line) => { read.unwrap(); }
            }
        }
    })
    .await;
    within(follow.finish(&mut on_line)).await.unwrap();
    assert_eq!((exit.code, follow.n_bytes()), (Some(0), 200_000_000));
    assert_eq!((n_lines, n_cut), (1_000_001, 1));
    let grown = peak_memory() - before;
    assert!(grown < 64 << 20, "{grown} bytes more than before");
}

struct Shop {
    scene: Scene,
    env: Environment,
}

impl Shop {
    fn new() -> Self {
        let scene = Scene::new();
        let env = scene.env("gate");
        Self { scene, env }
    }

    fn workshop(&self) -> Workshop<'_> {
        let folder = self.scene.folder.path();
        Workshop { cwd: folder, env: &self.env, job_dir: folder, run_dir: folder, host_program: Path::new(HOST) }
    }
}

fn gate(name: &str, command: &str, timeout_ms: u64) -> Gate {
    Gate { name: name.to_owned(), command: command.to_owned(), timeout_ms }
}

#[tokio::test]
async fn every_gate_runs_and_tells_its_end_and_the_last_lines() {
    let shop = Shop::new();
    let gates = [
        gate("tests", "echo one; echo two >&2; exit 3", FOR_EVER),
        gate("lint", "printf abc", FOR_EVER),
        gate("type check", "no-such-program-here", FOR_EVER),
        gate("crash", "kill -9 $$", FOR_EVER),
    ];
    let cancel = CancellationToken::new();
    let outcomes = within(run_gates(&gates, &shop.workshop(), &cancel)).await.unwrap();
    let ends: Vec<GateEnd> = outcomes.iter().map(|outcome| outcome.end).collect();
    assert_eq!(ends, [GateEnd::Exited(3), GateEnd::Exited(0), GateEnd::Exited(127), GateEnd::Killed(9)]);
    assert_eq!((outcomes[0].tail.as_str(), outcomes[0].log.as_str()), ("one\ntwo", "gate-1-tests.log"));
    let known = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(outcomes[1].green() && outcomes[1].log_digest == known);
    assert!(outcomes[2].unrunnable());
}

#[tokio::test]
async fn a_gate_that_hangs_is_killed_with_its_tree() {
    let shop = Shop::new();
    let slow = gate("slow", "echo begun; sleep 600 & setsid sleep 600 & wait", 500);
    let log = shop.scene.path("slow.log");
    let outcome = within(run_gate(&slow, &log, &shop.workshop(), &CancellationToken::new())).await.unwrap();
    assert_eq!((outcome.end, outcome.tail.as_str()), (GateEnd::TimedOut, "begun"));
    shop.scene.all_gone().await;
}

#[tokio::test]
async fn a_cancelled_gate_has_no_outcome() {
    let shop = Shop::new();
    let (slow, log) = (gate("slow", "touch ready; exec sleep 600", FOR_EVER), shop.scene.path("slow.log"));
    let cancel = CancellationToken::new();
    let canceller = async {
        shop.scene.exists("ready").await;
        cancel.cancel();
    };
    let workshop = shop.workshop();
    let (outcome, ()) = within(async { tokio::join!(run_gate(&slow, &log, &workshop, &cancel), canceller) }).await;
    assert!(matches!(outcome, Err(CommandFault::Cut)), "{outcome:?}");
    shop.scene.all_gone().await;
    let again = within(run_gate(&slow, &log, &workshop, &cancel)).await;
    assert!(matches!(again, Err(CommandFault::Cut)), "a cancelled token starts nothing");
}

#[tokio::test]
async fn a_setup_that_fails_says_where_its_log_is_and_how_it_ends() {
    let shop = Shop::new();
    let (log, cancel) = (shop.scene.path("setup.log"), CancellationToken::new());
    within(run_setup("echo fine > made", FOR_EVER, &log, &shop.workshop(), &cancel)).await.unwrap();
    assert!(shop.scene.path("made").exists());
    let fault = within(run_setup("echo no such lock file; exit 4", FOR_EVER, &log, &shop.workshop(), &cancel)).await;
    let text = fault.unwrap_err().to_string();
    for part in ["exited with 4", "no such lock file", log.to_str().unwrap()] {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}
