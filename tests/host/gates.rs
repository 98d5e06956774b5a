//! Gates and setup commands through a host.

use std::path::Path;

use ralph_teams::domain::gate::{Gate, GateEnd};
use ralph_teams::effects::gate::{CommandFault, Workshop, run_gate, run_gates, run_setup};
use ralph_teams::effects::host::spec::Environment;
use tokio_util::sync::CancellationToken;

use crate::scene::{FOR_EVER, HOST, Scene, within};

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
