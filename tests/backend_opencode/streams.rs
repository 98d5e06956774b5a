//! Recorded output: every trap that its stream sets.

use std::path::Path;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::effects::backend::{Backend, Conclusion, Ended, Opencode, Reader, Settings};

use crate::ends::{class, detail};
use crate::recorded::Recording;

fn reader() -> Box<dyn Reader> {
    Opencode::new(Settings::default()).reader()
}

/// What a reader makes of it. One that goes round in circles is ended by us, as a session is.
fn read_to_its_end(recording: &Recording, mut reader: Box<dyn Reader>) -> (Vec<Activity>, Conclusion) {
    let mut seen = Vec::new();
    for line in &recording.lines {
        seen.extend(reader.line(line));
        if reader.runs_away() {
            return (seen, reader.conclude(&exited(0)));
        }
    }
    (seen, reader.conclude(&recording.ended))
}

fn read(name: &str) -> (Vec<Activity>, Conclusion) {
    read_to_its_end(&Recording::of("opencode", name), reader())
}

fn exited(code: i32) -> Ended {
    Ended { code: Some(code), ..Ended::default() }
}

fn concluded(lines: &[&str], ended: &Ended) -> Conclusion {
    let mut reader = reader();
    lines.iter().for_each(|line| drop(reader.line(line.as_bytes())));
    reader.conclude(ended)
}

fn complained(stderr: &str) -> Conclusion {
    concluded(&[], &Ended { stderr_tail: stderr.to_owned(), ..exited(1) })
}

const START: &str = r#"{"type":"step_start","sessionID":"s-1","part":{"messageID":"m"}}"#;

fn finish(reason: &str) -> String {
    format!(
        r#"{{"type":"step_finish","sessionID":"s-1","part":{{"reason":"{reason}","tokens":{{"input":10,"output":2}},"cost":0.5}}}}"#
    )
}

#[test]
fn a_session_tells_its_conversation_its_words_and_its_tools() {
    let (seen, conclusion) = read("success");
    let command = "echo 'hello from the agent' > hello.txt && git add hello.txt && git commit -q -m 'feat: add hello' \
                   && git log --oneline";
    let expected = [
        Activity::Identified(SessionId::new("ses_e07a90530ffexxST6ywVayughi").expect("an id")),
        Activity::Text("I will write the file and commit it.".to_owned()),
        Activity::ToolStarted { by: None, name: "bash".to_owned(), summary: command.to_owned() },
        Activity::ToolEnded {
            by: None,
            failed: false,
            summary: "74f4242 feat: add hello ede0d16 initial commit".to_owned(),
        },
        Activity::Text("All work is committed.\n\nDONE: 1/1 stories passed".to_owned()),
    ];
    assert_eq!(seen, expected);
    assert_eq!(conclusion.usage.cost_microdollars, 9300, "the steps together");
}

#[test]
fn an_endless_repetition_of_broken_answers_is_noticed_and_charged_to_nobody() {
    let recording = Recording::of("opencode", "cut_midstream");
    let mut reader = reader();
    let heard = recording.lines.iter().take_while(|line| {
        reader.line(line);
        !reader.runs_away()
    });
    assert!(heard.count() < 30, "before it has asked often");
    let conclusion = reader.conclude(&exited(0));
    assert_eq!(class(&conclusion), "overloaded");
    assert!(detail(&conclusion).contains("broke off again and again"));
}

#[test]
fn a_broken_answer_or_two_are_no_endless_repetition() {
    let work = r#"{"type":"tool_use","part":{"tool":"bash","state":{"status":"completed"}}}"#;
    let mut reader = reader();
    for _ in 0..20 {
        for line in [START, &finish("unknown"), START, &finish("unknown"), START, work, &finish("tool-calls")] {
            reader.line(line.as_bytes());
            assert!(!reader.runs_away());
        }
    }
}

#[test]
fn a_conversation_that_stays_too_long_is_noticed_and_begun_afresh() {
    let (_, conclusion) = read("error_400");
    assert_eq!(class(&conclusion), "too-long");
    assert!(detail(&conclusion).contains("too long"), "{}", detail(&conclusion));
}

#[test]
fn a_conversation_that_was_compacted_goes_on_and_its_exit_code_says_nothing() {
    let overflow = r#"{"type":"error","error":{"name":"ContextOverflowError","data":{"message":"too long"}}}"#;
    let (good, stop) = ([START, &finish("tool-calls"), overflow, START], finish("stop"));
    let mended = concluded(&[&good[..], &[&stop]].concat(), &exited(1));
    assert_eq!(class(&mended), "good");
    assert_eq!(class(&concluded(&[START, &stop, overflow], &exited(1))), "too-long");
    assert_eq!(class(&concluded(&[START, &stop], &exited(1))), "crashed", "nothing was mended");
    let mut reader = reader();
    good[..3].iter().for_each(|line| drop(reader.line(line.as_bytes())));
    assert!(!reader.finished(), "compaction may take its time");
}

#[test]
fn an_answer_that_is_asked_for_again_is_told() {
    let (seen, _) = read("sse_error_midstream");
    let n_retries = seen.iter().filter(|seen| matches!(seen, Activity::Retrying { .. })).count();
    assert_eq!(n_retries, 4, "{seen:?}");
}

#[test]
fn the_last_step_that_stops_is_the_last_word() {
    let mut reader = reader();
    reader.line(START.as_bytes());
    assert!(!reader.finished());
    reader.line(finish("stop").as_bytes());
    assert!(reader.finished());
    reader.line(START.as_bytes());
    assert!(!reader.finished(), "it goes on");
    reader.line(finish("tool-calls").as_bytes());
    assert!(!reader.finished(), "a tool's result is to be answered");
    reader.line(br#"{"type":"error","error":{"name":"APIError","data":{"message":"no"}}}"#);
    assert!(reader.finished());
}

#[test]
fn a_rejected_permission_ends_a_run_with_exit_code_0_and_is_a_refusal() {
    for name in ["permission_ask_bash_no_auto", "no_auto_external_dir"] {
        let (seen, conclusion) = read(name);
        assert_eq!(class(&conclusion), "refused");
        assert!(detail(&conclusion).contains("permission requested: "), "{}", detail(&conclusion));
        assert!(seen.iter().any(|seen| matches!(seen, Activity::ToolEnded { failed: true, .. })));
    }
}

#[test]
fn errors_are_told_apart_by_what_can_be_done_about_them() {
    for (name, kind, words) in [
        ("error_401", "sign-in", "Incorrect API key provided (401, exit code 1)"),
        ("error_403", "billing", "No access (403, exit code 1)"),
        ("error_404", "unusable", "model not found (404, exit code 1)"),
        ("error_429", "rate-limited", "Rate limit reached (429, exit code 1)"),
        ("error_529", "overloaded", "(529, exit code 1)"),
        ("connection_refused", "offline", "Cannot connect to API"),
        ("refusal", "refused", "content filter (exit code 1)"),
        ("stop_max_tokens", "crashed", "limit of tokens"),
        ("model_unknown", "crashed", "look at the model's name"),
        ("unknown_flag", "unusable", "exit code 1"),
        ("bad_config", "unusable", "is not valid JSON"),
        ("no_prompt", "unusable", "You must provide a message"),
        ("sigterm_mid_tool", "crashed", "killed by signal 15"),
    ] {
        let (_, conclusion) = read(name);
        assert_eq!(class(&conclusion), kind, "{name}");
        assert!(detail(&conclusion).contains(words), "{name}: {}", detail(&conclusion));
    }
}

#[test]
fn a_first_start_that_lost_its_race_for_the_data_base_is_charged_to_nobody() {
    let race =
        "\u{1b}[91m\u{1b}[1mError: \u{1b}[0mUnexpected error\n\nFailed query: \n        CREATE TABLE `workspace` (\n";
    assert_eq!(class(&complained(race)), "overloaded", "it rests and goes on");
    assert_eq!(class(&complained("Segmentation fault")), "crashed");
}

#[test]
fn a_conversation_that_is_gone_is_recognised() {
    let (_, lost) = read("resume.step4");
    assert!(lost.lost_conversation && lost.session.is_none());
    assert_eq!(class(&lost), "lost");
    assert!(!read("resume.step2").1.lost_conversation);
}

#[test]
fn a_model_without_a_price_is_not_free() {
    let (_, conclusion) = read("success_responses_wire");
    assert_eq!((conclusion.usage.cost_microdollars, conclusion.usage.unpriced_sessions), (0, 1));
    assert_eq!(conclusion.usage.uncounted_sessions, 0, "its tokens are told");
    assert_eq!(read("error_401").1.usage.unpriced_sessions, 0, "nothing was consumed");
    let killed = concluded(&[START], &Ended { signal: Some(9), ..Ended::default() }).usage;
    assert_eq!((killed.unpriced_sessions, killed.uncounted_sessions), (1, 1), "a step that did not end tells nothing");
}

#[test]
fn thinking_is_a_part_of_the_output_however_it_is_told() {
    let usage = |total: &str| {
        let line = format!(
            r#"{{"type":"step_finish","part":{{"reason":"stop","cost":1,"tokens":{{{total}"input":10,"output":5,"reasoning":3,"cache":{{"read":7,"write":1}}}}}}}}"#
        );
        concluded(&[&line], &exited(0)).usage
    };
    assert_eq!((usage("\"total\":26,").output_tokens, usage("\"total\":26,").reasoning_tokens), (8, 3), "beside it");
    assert_eq!(usage("\"total\":23,").output_tokens, 5, "within it");
    assert_eq!((usage("").output_tokens, usage("").cached_tokens), (8, 8));
}

#[test]
fn a_sub_agent_is_told_when_it_has_ended_and_its_consumption_is_not_known() {
    let task = r#"{"type":"tool_use","sessionID":"s-1","part":{"tool":"task","callID":"c","state":{"status":"completed",
        "input":{"subagent_type":"builder","description":"Story 1"},"metadata":{"sessionId":"ses_child"}}}}"#;
    let mut reader = reader();
    reader.line(START.as_bytes());
    let seen = reader.line(task.replace('\n', " ").as_bytes());
    let (id, name, summary) = ("c".to_owned(), "builder".to_owned(), "Story 1".to_owned());
    let began = Activity::SubAgentStarted { id: id.clone(), parent: None, name: name.clone(), summary };
    assert_eq!(seen, [began, Activity::SubAgentEnded { id, name, failed: false }]);
    reader.line(finish("stop").as_bytes());
    let conclusion = reader.conclude(&exited(0));
    let usage = conclusion.usage;
    let bounds = (usage.unpriced_sessions, usage.uncounted_sessions);
    assert_eq!((usage.cost_microdollars, bounds), (500_000, (1, 1)), "lower bounds: {usage:?}");
    assert_eq!(conclusion.session, SessionId::new("s-1").ok(), "the lead's");
}

#[test]
fn no_line_makes_the_reader_fail() {
    for recording in Recording::all("opencode").iter().filter(|recording| recording.lines.len() < 100) {
        let mut reader = reader();
        for line in &recording.lines {
            for length in (0..line.len().min(3_000)).step_by(97) {
                reader.line(&line[..length]);
            }
        }
        reader.conclude(&exited(0));
    }
    let mut reader = reader();
    for odd in [
        &b"\xff\xfe"[..],
        b"null",
        b"[]",
        b"{}",
        b"{\"type\":\"error\"}",
        b"{\"type\":\"tool_use\"}",
        b"{\"type\":\"tool_use\",\"part\":{\"state\":{\"input\":7}}}",
        b"{\"type\":\"step_finish\"}",
    ] {
        reader.line(odd);
    }
    reader.oversized(Path::new("/nonexistent"), 3, 4);
    assert_ne!(class(&reader.conclude(&exited(0))), "good", "a step that says nothing is no success");
}
