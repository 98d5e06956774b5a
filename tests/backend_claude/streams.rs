//! Recorded output: every trap that its stream sets.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Backend, Claude, Conclusion, Ended, Reader, Settings};
use ralph_teams::scheduler::event::FailureKind;

/// A recording of the newer version, or with `older/` before its name, of the older one.
fn stream(name: &str) -> PathBuf {
    let (folder, name) = name.strip_prefix("older/").map_or(("claude", name), |name| ("claude-2.1.197", name));
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams").join(folder).join(format!("{name}.jsonl"))
}

fn exited(code: i32) -> Ended {
    Ended { code: Some(code), ..Ended::default() }
}

fn complained(stderr: &str) -> Ended {
    Ended { code: Some(1), stderr_tail: stderr.to_owned(), ..Ended::default() }
}

fn read(name: &str, ended: &Ended) -> (Vec<Activity>, Conclusion) {
    let text = std::fs::read(stream(name)).expect("a recorded stream");
    let mut reader = Claude::new(Settings::default()).reader();
    let seen = text.split(|byte| *byte == b'\n').flat_map(|line| reader.line(line)).collect();
    (seen, reader.conclude(ended))
}

fn conclusion(name: &str, ended: &Ended) -> Conclusion {
    read(name, ended).1
}

/// The kind of failure and its detail.
fn failure(conclusion: &Conclusion) -> (FailureKind, &str) {
    let failure = conclusion.failure.as_ref().expect("a failure");
    (failure.kind, failure.detail.as_str())
}

fn usage(input_tokens: u64, output_tokens: u64, cost_microdollars: u64) -> Usage {
    Usage { input_tokens, cached_tokens: 0, output_tokens, cost_microdollars, ..Usage::default() }
}

#[test]
fn a_good_session_is_told_as_it_goes_and_ends_without_failure() {
    let (seen, conclusion) = read("success", &exited(0));
    let session = SessionId::new("bb8e3598-a54b-4b6d-b417-9990b9714633").expect("an id");
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert_eq!(seen[0], Activity::Identified(session.clone()));
    assert_eq!(seen[1], Activity::Text("I will write the file and commit it.".to_owned()));
    assert!(
        matches!(&seen[2], Activity::ToolStarted { name, summary, .. } if name == "Bash" && summary.starts_with("echo 'hello"))
    );
    let summary = "b9ec7bc feat: add hello daa4ff1 initial commit".to_owned();
    assert_eq!(seen[3], Activity::ToolEnded { by: None, failed: false, summary });
    assert_eq!(
        conclusion,
        Conclusion {
            failure: None,
            usage: usage(2500, 120, 12_400),
            said: Some("All work is committed.\n\nDONE: 1/1 stories passed".to_owned()),
            session: Some(session),
            lost_conversation: false,
            model: conclusion.model.clone(),
        }
    );
    assert!(conclusion.model.is_some(), "the init line names it");
}

#[test]
fn success_that_is_an_error_is_classified_by_what_can_be_done() {
    for (name, kind, words) in [
        ("error_401", FailureKind::SignIn, "Invalid API key"),
        ("no_key", FailureKind::SignIn, "Not logged in"),
        ("error_404_model", FailureKind::Unusable, "issue with the selected model"),
        ("error_400_credit", FailureKind::Billing, "Credit balance is too low"),
        ("error_429", FailureKind::RateLimited, "429"),
        ("error_529", FailureKind::Overloaded, "529 Overloaded"),
        ("connection_refused", FailureKind::Offline, "Connection refused"),
        ("older/error_500", FailureKind::Overloaded, "500"),
        ("refusal", FailureKind::Refused, "safeguards"),
        ("max_turns", FailureKind::Refused, "maximum number of turns (2)"),
        ("max_budget", FailureKind::Refused, "maximum budget ($0.02)"),
    ] {
        let conclusion = conclusion(name, &exited(1));
        let (found, detail) = failure(&conclusion);
        assert_eq!(found, kind, "{name}: {detail}");
        assert!(detail.contains(words) && detail.ends_with("(exit code 1)"), "{name}: {detail}");
        assert!(conclusion.session.is_some() && !conclusion.lost_conversation, "{name}");
    }
}

#[test]
fn success_printed_while_dying_of_a_signal_is_no_success() {
    let by_exit_code = conclusion("success", &exited(143));
    let detail = "it reported success, but exit code 143, that is signal 15";
    assert_eq!(failure(&by_exit_code), (FailureKind::Crashed, detail));
    let by_signal = conclusion("success", &Ended { signal: Some(9), ..Ended::default() });
    assert_eq!(failure(&by_signal), (FailureKind::Crashed, "it reported success, but killed by signal 9"));
}

#[test]
fn exit_code_zero_after_an_interrupt_is_no_success() {
    let conclusion = conclusion("sigint_mid_tool", &exited(0));
    let why = "aborted_tools (exit code 0)";
    assert_eq!(failure(&conclusion), (FailureKind::Crashed, why), "not the diagnosis that its developers print");
    assert_eq!(conclusion.usage.cost_microdollars, 6000);
    assert!(conclusion.session.is_some(), "it can be continued");
}

#[test]
fn an_end_without_a_result_is_a_crash_that_can_be_continued() {
    let conclusion = conclusion("sigterm_mid_tool", &exited(143));
    assert_eq!(failure(&conclusion), (FailureKind::Crashed, "no result, exit code 143, that is signal 15"));
    assert!(conclusion.session.is_some());
    let quiet = Claude::new(Settings::default()).reader().conclude(&exited(0));
    assert_eq!(failure(&quiet), (FailureKind::Crashed, "no result, exit code 0"));
}

#[test]
fn a_wrong_command_line_is_unusable_wherever_the_complaint_was_printed() {
    let complaints = [
        "error: unknown option '--no-such-flag'",
        "Error: Invalid --agents configuration:\ninvalid JSON: JSON Parse error: Expected '}'",
        "Error: When using --print, --output-format=stream-json requires --verbose",
        "--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons",
    ];
    for complaint in complaints {
        let apart = Claude::new(Settings::default()).reader().conclude(&complained(complaint));
        assert_eq!(failure(&apart).0, FailureKind::Unusable, "{complaint}");
        let mut reader = Claude::new(Settings::default()).reader();
        complaint.lines().for_each(|line| drop(reader.line(line.as_bytes())));
        assert_eq!(failure(&reader.conclude(&exited(1))).0, FailureKind::Unusable, "{complaint}");
    }
    let other = Claude::new(Settings::default()).reader().conclude(&complained("Segmentation fault"));
    assert_eq!(failure(&other), (FailureKind::Crashed, "no result, exit code 1: Segmentation fault"));
}

#[test]
fn a_program_that_cannot_be_started_is_unusable() {
    let ended = Ended { failed_to_start: Some("no such file".to_owned()), ..Ended::default() };
    let conclusion = Claude::new(Settings::default()).reader().conclude(&ended);
    assert_eq!(failure(&conclusion).0, FailureKind::Unusable);
}

#[test]
fn a_conversation_that_is_gone_is_recognised_and_never_named_again() {
    let stderr = "No conversation found with session ID: 00000000-0000-4000-8000-000000000000";
    let (seen, lost) = read("resume.step4", &complained(stderr));
    assert_eq!(seen, []);
    assert!(lost.lost_conversation);
    assert_eq!(lost.session, None);
    assert_eq!(failure(&lost).0, FailureKind::Crashed);
    let on_stderr_alone = Claude::new(Settings::default()).reader().conclude(&complained(stderr));
    assert!(on_stderr_alone.lost_conversation);
}

#[test]
fn a_continued_conversation_costs_only_what_was_added() {
    // Its total is 0.0264: what the two sessions before consumed is in it.
    assert_eq!(conclusion("resume.step3", &exited(0)).usage, usage(1500, 60, 7200));
}

#[test]
fn of_several_results_the_last_one_counts_and_nothing_is_counted_twice() {
    let newer = conclusion("bg_bash_tool", &exited(0));
    assert_eq!((newer.failure, newer.usage.cost_microdollars), (None, 19_200));
    let older = conclusion("older/bg_bash_tool", &exited(0));
    assert_eq!((older.failure, older.usage.cost_microdollars), (None, 24_000));
    let held_back = conclusion("subagent_background", &exited(0));
    assert_eq!((held_back.failure, held_back.usage.cost_microdollars), (None, 31_600));

    let failed_last = |lines: [&str; 2]| {
        let mut reader = Claude::new(Settings::default()).reader();
        lines.iter().for_each(|line| drop(reader.line(line.as_bytes())));
        reader.conclude(&exited(0)).failure.is_some()
    };
    let good = r#"{"is_error":false,"subtype":"success","type":"result"}"#;
    let bad = r#"{"subtype":"success","is_error":true,"result":"API Error","type":"result"}"#;
    assert!(failed_last([good, bad]));
    assert!(!failed_last([bad, good]));
}

#[test]
fn a_sub_agent_begins_and_ends_once_in_the_foreground_and_in_the_background() {
    for name in ["subagent_no_background_env", "subagent_background"] {
        let (seen, _) = read(name, &exited(0));
        let place = |wanted: &dyn Fn(&Activity) -> bool| {
            let places: Vec<usize> = (0..seen.len()).filter(|&place| wanted(&seen[place])).collect();
            assert_eq!(places.len(), 1, "{name}: {seen:?}");
            places[0]
        };
        let began = place(
            &|a| matches!(a, Activity::SubAgentStarted { name, summary, .. } if name == "story-worker" && summary == "Story 1"),
        );
        let worked = place(&|a| matches!(a, Activity::ToolStarted { name, .. } if name == "Bash"));
        let ended = place(&|a| matches!(a, Activity::SubAgentEnded { name, .. } if name == "story-worker"));
        assert!(began < worked && worked < ended, "{name}: {seen:?}");
        let progress: Vec<(&str, &str, Option<u64>)> = seen[began..ended]
            .iter()
            .filter_map(|a| {
                let Activity::SubAgentProgress { id, summary, tokens } = a else { return None };
                Some((id.as_str(), summary.as_str(), *tokens))
            })
            .collect();
        let Activity::SubAgentStarted { id, .. } = &seen[began] else { panic!("{:?}", seen[began]) };
        let told = [(id.as_str(), "Running run a shell command", Some(1_205)), (id, "Story 1 passed.", Some(1_360))];
        assert_eq!(progress, told, "{name}");
        let n_named = seen.iter().filter(|a| matches!(a, Activity::Identified(_))).count();
        assert_eq!(n_named, 1, "{name}: init comes again before each turn");
    }
    let (seen, conclusion) = read("subagent_background", &exited(0));
    assert!(seen.contains(&Activity::Text("story-worker: Worker here, doing it.".to_owned())));
    assert_ne!(conclusion.said.as_deref(), Some("Story 1 passed."), "the lead's words, not a sub-agent's");
}

#[test]
fn progress_of_nobody_that_is_known_or_without_words_is_not_told() {
    let mut reader = Claude::new(Settings::default()).reader();
    let mut seen = |line: &str| reader.line(line.as_bytes());
    let progress =
        |id: &str, more: &str| format!(r#"{{"type":"system","subtype":"task_progress","tool_use_id":"{id}"{more}}}"#);
    assert_eq!(seen(&progress("a", r#","description":"Reading""#)), []);
    seen(r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"a","name":"Agent","input":{}}]}}"#);
    assert_eq!(seen(&progress("a", "")), []);
    let told =
        |summary: &str| [Activity::SubAgentProgress { id: "a".to_owned(), summary: summary.to_owned(), tokens: None }];
    assert_eq!(seen(&progress("a", r#","description":"Reading""#)), told("Reading"));
    assert_eq!(seen(&progress("a", r#","last_tool_name":"Bash","usage":"none""#)), told("Bash"));
}

#[test]
fn a_server_of_tools_that_cannot_be_started_is_told_and_ends_nothing() {
    let (seen, conclusion) = read("mcp_broken_server", &exited(0));
    let told = "the agent goes on without these servers of tools, which could not be started: broken, missing";
    assert_eq!(seen.iter().filter(|activity| **activity == Activity::Text(told.to_owned())).count(), 1, "{seen:?}");
    assert_eq!(conclusion.failure, None);
    let without = |activity: &Activity| matches!(activity, Activity::Text(text) if text.contains("goes on without"));
    assert!(!read("mcp", &exited(0)).0.iter().any(without), "one that is there is not");
}

#[test]
fn retries_are_told_with_their_delay() {
    let (seen, conclusion) = read("error_500_then_ok", &exited(0));
    let reason = "server error (500), retry 1 of 10".to_owned();
    assert!(
        seen.iter().any(|a| matches!(a, Activity::Retrying { reason: r, delay_ms: Some(1..) } if *r == reason)),
        "{seen:?}"
    );
    assert_eq!(conclusion.failure, None, "an error that went away is none");
    let (seen, _) = read("connection_refused", &exited(1));
    let reason = "the connection failed, retry 1 of 2";
    assert!(seen.iter().any(|a| matches!(a, Activity::Retrying { reason: r, .. } if r == reason)), "{seen:?}");
    // Older versions state a fraction of a millisecond.
    let (seen, _) = read("older/error_500", &exited(1));
    assert!(seen.iter().any(|a| matches!(a, Activity::Retrying { delay_ms: Some(545), .. })), "{seen:?}");
}

#[test]
fn a_line_of_any_length_still_tells_how_it_ended() {
    let long = "x".repeat(2_200_000);
    let before = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\"}\n";
    let assistant = format!(
        "{{\"type\":\"assistant\",\"session_id\":\"s-1\",\"message\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{long}\"}}]}}}}\n"
    );
    let result = format!(
        "{{\"result\":\"{long}\",\"session_id\":\"s-1\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":529,\
         \"terminal_reason\":\"api_error\",\"model_usage_since_last_result\":{{\"m\":{{\"inputTokens\":7,\"costUSD\":0.5}}}},\
         \"type\":\"result\"}}\n"
    );
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all([before, &assistant, &result].concat().as_bytes()).expect("a log");

    let mut reader = Claude::new(Settings::default()).reader();
    let mut seen = reader.line(before.trim_end().as_bytes());
    let mut offset = before.len() as u64;
    for line in [&assistant, &result] {
        seen.extend(reader.oversized(file.path(), offset, line.len() as u64 - 1));
        offset += line.len() as u64;
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
    let conclusion = reader.conclude(&exited(1));
    assert_eq!(failure(&conclusion).0, FailureKind::Overloaded);
    assert_eq!(conclusion.usage, usage(7, 0, 500_000));
    assert_eq!(conclusion.session, SessionId::new("s-1").ok());
}

#[test]
fn a_result_is_the_last_word_until_another_turn_begins() {
    let text = std::fs::read(stream("bg_bash_tool")).expect("a recorded stream");
    let mut reader = Claude::new(Settings::default()).reader();
    let mut turned: Vec<(usize, bool)> = Vec::new();
    for (n, line) in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        let before = reader.finished();
        reader.line(line);
        if reader.finished() != before {
            turned.push((n, reader.finished()));
        }
    }
    assert_eq!(turned.iter().map(|turn| turn.1).collect::<Vec<_>>(), [true, false, true], "{turned:?}");
}

#[test]
fn no_line_makes_the_reader_fail() {
    let text = std::fs::read(stream("subagent_background")).expect("a recorded stream");
    for line in text.split(|byte| *byte == b'\n') {
        let mut reader = Claude::new(Settings::default()).reader();
        for length in (0..line.len()).step_by(7) {
            reader.line(&line[..length]);
        }
        reader.conclude(&exited(0));
    }
    let mut reader: Box<dyn Reader> = Claude::new(Settings::default()).reader();
    for odd in [
        &b"\xff\xfe"[..],
        b"null",
        b"[]",
        b"{}",
        b"{\"type\":\"result\"}",
        b"{\"type\":\"assistant\",\"message\":{\"content\":\"x\"}}",
    ] {
        reader.line(odd);
    }
    reader.oversized(Path::new("/nonexistent"), 3, 4);
    assert!(reader.conclude(&exited(0)).failure.is_some(), "a result that says nothing is no success");
}
