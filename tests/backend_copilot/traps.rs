//! The traps of Copilot's output, one by one.

use std::path::Path;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Backend, Beginning, Conclusion, Copilot, Ended, Reader, Settings};
use ralph_teams::scheduler::event::FailureKind;

use crate::recorded::{Recording, folder};

fn reader() -> Box<dyn Reader> {
    Copilot::new(Settings::default()).reader()
}

fn read(name: &str) -> (Vec<Activity>, Conclusion) {
    Recording::of("copilot", name).read(reader().as_mut())
}

fn exited(code: i32) -> Ended {
    Ended { code: Some(code), ..Ended::default() }
}

fn told(lines: &[&str], ended: &Ended) -> (Vec<Activity>, Conclusion) {
    let mut reader = reader();
    let seen = lines.iter().flat_map(|line| reader.line(line.as_bytes())).collect();
    (seen, reader.conclude(ended))
}

fn kind(conclusion: &Conclusion) -> FailureKind {
    conclusion.failure.as_ref().expect("a failure").kind
}

const GOOD_END: &str = r#"{"type":"result","sessionId":"11111111-2222-4333-8444-555555555555","exitCode":0}"#;

#[test]
fn a_good_session_is_told_as_it_goes_and_ends_without_failure() {
    let (seen, conclusion) = read("success");
    let session = SessionId::new("b68d1673-4717-4865-984a-141856da8aa0").expect("an id");
    let [said, Activity::ToolStarted { by: None, name, summary }, ended, last, named] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(*said, Activity::Text("I will write the file and commit it.".to_owned()));
    assert!(name == "bash" && summary.starts_with("echo 'hello"), "{seen:?}");
    assert!(matches!(ended, Activity::ToolEnded { by: None, failed: false, summary } if summary.contains("add hello")));
    assert_eq!(*last, Activity::Text("All work is committed.\n\nDONE: 1/1 stories passed".to_owned()));
    assert_eq!(*named, Activity::Identified(session.clone()), "a log that is only shown tells it at its end");
    assert_eq!((conclusion.failure, conclusion.session), (None, Some(session)));
}

#[test]
fn the_conversation_is_told_with_the_first_line_although_only_the_last_one_names_it() {
    let job = Path::new("/r/runs/x/jobs/a.team-lead.1");
    let beginning = Beginning { continues: None, consumed: Usage::default(), job_dir: job };
    let mut reader = reader();
    reader.begin(&beginning);
    let seen = reader.line(br#"{"type":"session.tools_updated","data":{},"ephemeral":true}"#);
    let [Activity::Identified(chosen)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(reader.line(br#"{"type":"assistant.idle","data":{},"ephemeral":true}"#), []);
    let killed = reader.conclude(&Ended { signal: Some(9), ..Ended::default() });
    assert_eq!(killed.session.as_ref(), Some(chosen), "it can be continued");
    let mut again = self::reader();
    again.begin(&Beginning { continues: Some(chosen), ..beginning });
    assert_eq!(again.line(br#"{"type":"assistant.idle"}"#), [Activity::Identified(chosen.clone())]);
}

#[test]
fn a_session_that_never_began_names_no_conversation() {
    let mut reader = reader();
    reader.begin(&Beginning { continues: None, consumed: Usage::default(), job_dir: Path::new("/j") });
    let conclusion = Recording::of("copilot", "unknown_flag").read(reader.as_mut()).1;
    assert_eq!((conclusion.session.clone(), kind(&conclusion)), (None, FailureKind::Unusable));
}

#[test]
fn exit_code_zero_after_a_signal_is_no_success_with_and_without_a_last_line() {
    for name in
        ["sigint_mid_tool", "sigterm_mid_tool", "sighup_mid_tool", "sigint_mid_stream", "sigterm_mid_tool_group"]
    {
        let recording = Recording::of("copilot", name);
        assert_eq!(recording.ended.code, Some(0), "{name}");
        let failure = recording.read(reader().as_mut()).1.failure.expect(name);
        assert!(failure.kind == FailureKind::Crashed && failure.detail.contains("interrupted"), "{name}: {failure:?}");
    }
}

#[test]
fn exit_code_zero_without_a_last_line_is_no_success() {
    assert_eq!(kind(&read("stdout_closed_early").1), FailureKind::Crashed);
    assert_eq!(kind(&told(&[], &exited(0)).1), FailureKind::Crashed);
}

#[test]
fn success_of_a_program_that_died_is_no_success() {
    let (_, conclusion) = told(&[GOOD_END], &Ended { signal: Some(15), ..Ended::default() });
    assert_eq!(conclusion.failure.expect("a failure").detail, "it reported success, but killed by signal 15");
}

#[test]
fn a_program_that_is_ended_after_its_last_word_ended_as_it_should() {
    let mut reader = reader();
    reader.line(GOOD_END.as_bytes());
    assert!(reader.finished());
    reader.line(br#"{"type":"abort","data":{"reason":"user_abort"}}"#);
    assert_eq!(reader.conclude(&exited(0)).failure, None);
}

#[test]
fn another_turn_after_a_last_line_makes_it_no_last_line() {
    let mut reader = reader();
    reader.line(GOOD_END.as_bytes());
    reader.line(br#"{"type":"assistant.turn_start","data":{"turnId":"1"}}"#);
    assert!(!reader.finished());
    assert!(reader.conclude(&exited(0)).failure.is_some());
}

#[test]
fn a_sub_agent_is_told_with_its_task_its_work_and_its_end() {
    for name in ["subagent_trust_folder", "roles_in_added_folder"] {
        let (seen, conclusion) = read(name);
        let began = |activity: &Activity| matches!(activity, Activity::SubAgentStarted { parent: None, summary, .. } if summary == "Story 1");
        let start = seen.iter().position(began).expect("a start");
        let Activity::SubAgentStarted { id, name: role, .. } = &seen[start] else { panic!("{seen:?}") };
        let id = id.clone();
        let worked = |activity: &Activity| matches!(activity, Activity::ToolStarted { by: Some(by), name, .. } if *by == id && name == "bash");
        let work = seen.iter().position(worked).expect("a tool");
        let spoke = Activity::Text(format!("{role}: Story 1 passed."));
        let said = seen.iter().position(|activity| *activity == spoke).expect("its last words");
        let over = Activity::SubAgentEnded { id: id.clone(), name: role.clone(), failed: false };
        let end = seen.iter().position(|activity| *activity == over).expect("an end");
        assert!(start < work && work < said && said < end, "{seen:?}");
        let lead_tools = |activity: &&Activity| matches!(activity, Activity::ToolStarted { by: None, .. });
        assert_eq!(seen.iter().filter(lead_tools).count(), 0, "the call is the sub-agent: {seen:?}");
        assert!(!conclusion.said.expect("words").contains("Story 1 passed"), "the lead's own words");
    }
}

#[test]
fn a_sub_agent_that_never_began_is_a_tool_that_failed() {
    let start = r#"{"type":"tool.execution_start","data":{"toolCallId":"c","toolName":"task","arguments":{"description":"Story 1"}}}"#;
    let end = r#"{"type":"tool.execution_complete","data":{"toolCallId":"c","success":false,"error":{"message":"\"name\": Required","code":"failure"}}}"#;
    let (seen, _) = told(&[start, end], &exited(0));
    let started = Activity::ToolStarted { by: None, name: "task".to_owned(), summary: "Story 1".to_owned() };
    let ended = Activity::ToolEnded { by: None, failed: true, summary: "\"name\": Required".to_owned() };
    assert_eq!(seen, [started, ended]);
}

#[test]
fn what_is_ephemeral_is_told_once_or_not_at_all() {
    for recording in Recording::all("copilot") {
        let mut reader = reader();
        reader.line(br#"{"type":"assistant.idle"}"#);
        for line in recording.lines.iter().filter(|line| String::from_utf8_lossy(line).contains("\"ephemeral\":true")) {
            let seen = reader.line(line);
            let retries = |activity: &Activity| matches!(activity, Activity::Retrying { .. });
            assert!(seen.iter().all(retries), "{}: {seen:?}", recording.name);
        }
    }
}

#[test]
fn a_retry_is_told_with_what_the_provider_said() {
    let retries = |name: &str| -> Vec<String> {
        let told = |activity| {
            let Activity::Retrying { reason, .. } = activity else { return None };
            Some(reason)
        };
        read(name).0.into_iter().filter_map(told).collect()
    };
    assert_eq!(retries("error_500_then_ok"), ["scripted error (500)", "scripted error (500)"]);
    assert_eq!(retries("error_429").len(), 5);
    let cut = retries("cut_midstream_then_ok");
    assert!(cut[0].contains("missing finish_reason"), "{cut:?}");
    assert_eq!(read("error_500_then_ok").1.failure, None);
}

#[test]
fn an_error_that_the_model_got_over_is_no_failure() {
    let error = r#"{"type":"session.error","data":{"errorType":"query","message":"500 oops","statusCode":500}}"#;
    let message = r#"{"type":"assistant.message","data":{"content":"fine","toolRequests":[]}}"#;
    assert_eq!(told(&[error, message, GOOD_END], &exited(0)).1.failure, None);
    let end = GOOD_END.replace(":0}", ":1}");
    assert_eq!(kind(&told(&[error, &end], &exited(1)).1), FailureKind::Overloaded);
    assert_eq!(kind(&told(&[error, message, &end], &exited(1)).1), FailureKind::Crashed, "nobody knows why");
}

#[test]
fn failures_are_told_apart_by_kind_status_and_words() {
    let failed = |kind: &str, status: serde_json::Value, message: &str| {
        let data = serde_json::json!({ "errorType": kind, "statusCode": status, "message": message });
        let line = serde_json::json!({ "type": "session.error", "data": data }).to_string();
        self::kind(&told(&[&line, &GOOD_END.replace(":0}", ":1}")], &exited(1)).1)
    };
    for (kind, status, message, expected) in [
        ("rate_limit", 429.into(), "You have reached your monthly limit", FailureKind::UsageLimit),
        ("rate_limit", 429.into(), "429 Rate limit reached", FailureKind::RateLimited),
        ("query", 402.into(), "You have no quota", FailureKind::Billing),
        ("query", 400.into(), "400 bad request", FailureKind::Crashed),
        (
            "query",
            serde_json::Value::Null,
            "Failed to get response from the AI model; retried 5 times",
            FailureKind::Overloaded,
        ),
        ("query", serde_json::Value::Null, "fetch failed", FailureKind::Offline),
        ("query", serde_json::Value::Null, "whatever", FailureKind::Crashed),
    ] {
        assert_eq!(failed(kind, status, message), expected, "{message}");
    }
}

#[test]
fn a_conversation_that_is_gone_is_recognised_and_never_named_again() {
    let gone = SessionId::new("00000000-0000-4000-8000-000000000000").expect("an id");
    let mut reader = reader();
    reader.begin(&Beginning { continues: Some(&gone), consumed: Usage::default(), job_dir: Path::new("/j") });
    let (seen, conclusion) = Recording::of("copilot", "resume.step4").read(reader.as_mut());
    assert_eq!(seen, []);
    assert!(conclusion.lost_conversation && conclusion.session.is_none());
}

#[test]
fn tokens_are_read_from_a_file_and_only_what_was_added_counts() {
    let job = tempfile::tempdir().expect("a folder");
    let session = SessionId::new("11111111-2222-4333-8444-555555555555").expect("an id");
    let mut consumed = Usage::default();
    let mut added = Vec::new();
    for (n, continues) in [(1, None), (2, None), (3, Some(&session))] {
        let name = format!("conversation.step{n}");
        let usage = folder("copilot").join(format!("{name}.usage.json"));
        std::fs::copy(usage, job.path().join("copilot-usage.json")).expect("a copy");
        let mut reader = reader();
        reader.begin(&Beginning { continues, consumed, job_dir: job.path() });
        let usage = Recording::of("copilot", &name).read(reader.as_mut()).1.usage;
        assert_eq!((usage.cost_microdollars, usage.unpriced_sessions, usage.uncounted_sessions), (0, 1, 0));
        added.push((usage.input_tokens, usage.output_tokens));
        consumed = consumed.plus(usage);
    }
    assert_eq!(added, [(2500, 120), (1400, 60), (1500, 60)]);
}

#[test]
fn a_session_without_such_a_file_says_that_nobody_knows_what_it_consumed() {
    let usage = read("sigkill_mid_tool").1.usage;
    assert_eq!((usage.tokens(), usage.uncounted_sessions, usage.unpriced_sessions), (0, 1, 1));
    assert_eq!(read("no_auth_no_byok").1.usage, Usage::default(), "nothing was asked of a model");
}

#[test]
fn a_tool_that_was_not_allowed_or_ended_badly_is_told_as_failed() {
    let ends = |name: &str| -> Vec<bool> {
        let ended = |activity: &Activity| {
            let Activity::ToolEnded { failed, .. } = activity else { return None };
            Some(*failed)
        };
        read(name).0.iter().filter_map(ended).collect()
    };
    assert_eq!(ends("no_allow_all"), [true]);
    assert_eq!(ends("parallel_tools"), [false, true], "its exit code was 3");
    assert_eq!(ends("mcp"), [false, true]);
}

#[test]
fn no_line_however_broken_makes_it_fail() {
    for recording in Recording::all("copilot") {
        let mut reader = reader();
        for line in &recording.lines {
            reader.line(&line[..line.len() / 2]);
            reader.line(&line[line.len() / 3..]);
        }
        reader.line(&[0xff, 0xfe, b'{']);
        reader.line(br#"{"type":7}"#);
        reader.line(br#"{"type":"tool.execution_start","data":{"arguments":[1]}}"#);
        reader.line(br#"{"type":"assistant.message","data":{"content":{"a":1}}}"#);
        reader.conclude(&recording.ended);
    }
}
