//! A runner that is away for a while, or for good.

use std::process::{Command, Stdio};
use std::time::Duration;

use ralph_teams::effects::desk::client::{CallFault, Client};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, json};
use tokio::sync::mpsc::unbounded_channel;

use crate::stand_in::StandIn;

fn caller(desk: &StandIn, patience: Duration) -> Client {
    Client { socket: desk.socket(), token: "s3cret".to_owned(), patience }
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_call_waits_for_a_runner_that_comes() {
    let mut desk = StandIn::away();
    let mut client = desk.server("team-lead");
    let id = client.ask("tools/call", json!({ "name": "get_epic", "arguments": {} }));
    desk.come();
    desk.call().answer("the epic", false);
    assert_eq!(client.answer(id)["result"]["content"][0]["text"], "the epic");
}

#[test]
fn a_call_that_broke_off_is_made_again_when_the_runner_is_back() {
    let mut desk = StandIn::new();
    let mut client = desk.server("team-lead");
    let id = client.ask("tools/call", json!({ "name": "get_epic", "arguments": {} }));
    drop(desk.call());
    std::fs::remove_file(desk.socket()).unwrap();
    desk.come();
    desk.call().answer("the epic", false);
    assert_eq!(client.answer(id)["result"]["content"][0]["text"], "the epic");
}

#[test]
fn a_call_that_is_made_again_keeps_its_name_and_no_other_call_has_it() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    let mut names = Vec::new();
    for _ in 0..2 {
        let id = client.ask("tools/call", json!({ "name": "get_epic", "arguments": {} }));
        let broken = desk.call().request["call"].clone();
        let again = desk.call();
        assert!(broken.is_string() && again.request["call"] == broken, "{broken}");
        again.answer("the epic", false);
        names.push(broken);
        client.answer(id);
    }
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_runner_that_stays_away_is_told_of_with_what_to_do_instead() {
    let desk = StandIn::away();
    let (signs, _) = unbounded_channel();
    let call = async { caller(&desk, Duration::from_millis(50)).call("get_epic", Map::new(), signs).await };
    let fault = in_runtime(call).unwrap_err();
    assert!(matches!(fault, CallFault::Away(_)));
    assert!(fault.to_string().contains("write the report file"), "{fault}");
}

#[test]
fn a_runner_that_breaks_off_each_time_is_not_asked_for_ever() {
    let desk = StandIn::new();
    let client = caller(&desk, Duration::from_secs(60));
    let fault = std::thread::spawn(move || {
        let (signs, _) = unbounded_channel();
        in_runtime(async { client.call("get_epic", Map::new(), signs).await }).unwrap_err()
    });
    while !fault.is_finished() {
        if let Some(call) = desk.try_call() {
            drop(call);
        }
    }
    assert!(matches!(fault.join().unwrap(), CallFault::BrokenOff));
}

#[test]
fn a_runner_that_is_silent_is_given_up_like_one_that_broke_off() {
    let desk = StandIn::new();
    let client = caller(&desk, Duration::from_millis(50));
    let fault = std::thread::spawn(move || {
        let (signs, _) = unbounded_channel();
        in_runtime(async { client.call("get_epic", Map::new(), signs).await }).unwrap_err()
    });
    let mut silent = Vec::new();
    while !fault.is_finished() {
        silent.extend(desk.try_call());
    }
    assert!(matches!(fault.join().unwrap(), CallFault::BrokenOff));
    assert!(silent.len() > 1, "it was asked again");
}

/// The variable that makes a caller of [`a_caller_of_its_own`], with the desk's socket.
const CALLER: &str = "RALPH_TEST_CALLER";

/// No test: a process that makes one call and prints the answer.
#[test]
fn a_caller_of_its_own() {
    let Some(socket) = std::env::var_os(CALLER) else { return };
    let client = Client { socket: socket.into(), token: "s3cret".to_owned(), patience: Duration::from_secs(2) };
    let (signs, _) = unbounded_channel();
    let answer = in_runtime(async { client.call("get_epic", Map::new(), signs).await });
    println!("it was told: {}", answer.expect("an answer").text);
}

#[test]
fn a_caller_that_was_stopped_in_a_pause_does_not_take_that_for_silence() {
    let desk = StandIn::new();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "away::a_caller_of_its_own", "--nocapture"]).env(CALLER, desk.socket());
    let caller = command.stdout(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(caller.id()).unwrap()).unwrap();
    let call = desk.call();
    kill_process(pid, Signal::STOP).unwrap();
    // Longer than its patience.
    std::thread::sleep(Duration::from_millis(2_500));
    kill_process(pid, Signal::CONT).unwrap();
    assert!((0..20).all(|_| desk.try_call().is_none()), "it did not break off to call again");
    call.answer("the epic", false);
    let output = caller.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("it was told: the epic"), "{output:?}");
}

#[test]
fn a_call_that_is_too_long_is_never_sent() {
    let desk = StandIn::away();
    let (signs, _) = unbounded_channel();
    let arguments = json!({ "text": "x".repeat(1024 * 1024) }).as_object().cloned().unwrap();
    let call = async { caller(&desk, Duration::from_secs(60)).call("note", arguments, signs).await };
    assert!(matches!(in_runtime(call).unwrap_err(), CallFault::TooLong(_)));
}
