//! Recorded output: every trap that its stream sets.

use std::path::Path;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::effects::backend::{Backend, Conclusion, Ended, Gemini, Reader, Settings};

use crate::ends::{class, detail};
use crate::recorded::Recording;

fn reader() -> Box<dyn Reader> {
    Gemini::new(Settings::default()).reader()
}

fn read(name: &str) -> (Vec<Activity>, Conclusion) {
    Recording::of("gemini", name).read(reader().as_mut())
}

fn concluded(lines: &[&str], code: i32, stderr: &str) -> Conclusion {
    let mut reader = reader();
    lines.iter().for_each(|line| drop(reader.line(line.as_bytes())));
    reader.conclude(&Ended { code: Some(code), stderr_tail: stderr.to_owned(), ..Ended::default() })
}

fn failed(message: &str) -> String {
    let error =
        serde_json::json!({ "type": "result", "status": "error", "error": { "type": "unknown", "message": message } });
    error.to_string()
}

#[test]
fn a_session_tells_its_conversation_its_words_and_its_tools() {
    let (seen, _) = read("success");
    let command = "echo 'hello from the agent' > hello.txt && git add hello.txt && git commit -q -m 'feat: add hello' \
                   && git log --oneline";
    let expected = [
        Activity::Identified(SessionId::new("0f286b99-04d7-40f9-8270-a0ac71bc254d").expect("an id")),
        Activity::Text("I will write the file and commit it.".to_owned()),
        Activity::ToolStarted { by: None, name: "run_shell_command".to_owned(), summary: command.to_owned() },
        Activity::ToolEnded {
            by: None,
            failed: false,
            summary: "b50fa0a feat: add hello c796965 initial commit".to_owned(),
        },
        Activity::Text("All work is committed.".to_owned()),
        Activity::Text("DONE: 1/1 stories passed".to_owned()),
    ];
    assert_eq!(seen, expected, "the prompt is not what it says");
}

#[test]
fn exit_code_zero_without_a_result_is_no_success() {
    for name in ["sigint_mid_tool", "sigterm_mid_tool"] {
        let (_, conclusion) = read(name);
        assert_eq!(class(&conclusion), "crashed");
        assert!(detail(&conclusion).starts_with("no result, exit code 0"), "{}", detail(&conclusion));
        assert!(conclusion.session.is_some(), "it can be continued");
        assert_eq!((conclusion.usage.unpriced_sessions, conclusion.usage.uncounted_sessions), (1, 1));
    }
}

#[test]
fn tokens_are_told_and_their_price_never_is() {
    let (_, conclusion) = read("success");
    let usage = conclusion.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_microdollars), (2500, 120, 0));
    assert_eq!((usage.unpriced_sessions, usage.uncounted_sessions), (1, 0));
    let cached = r#"{"type":"result","status":"success","stats":{"input_tokens":100,"cached":40,"output_tokens":5}}"#;
    let usage = concluded(&[cached], 0, "").usage;
    assert_eq!((usage.input_tokens, usage.cached_tokens, usage.output_tokens), (60, 40, 5));
}

#[test]
fn the_providers_answer_is_read_from_the_message_or_from_what_the_exit_code_keeps_of_it() {
    let answer = |code: u16| failed(&format!("[API Error: {{\"error\":{{\"code\":{code},\"message\":\"no\"}}}}]"));
    for (status, exit, kind) in [
        (401, 145, "sign-in"),
        (403, 147, "billing"),
        (404, 148, "unusable"),
        (400, 144, "crashed"),
        (429, 173, "rate-limited"),
        (500, 244, "overloaded"),
        (503, 247, "overloaded"),
    ] {
        assert_eq!(class(&concluded(&[&answer(status)], 1, "")), kind, "{status} in the message");
        assert_eq!(class(&concluded(&[&failed("no")], exit, "")), kind, "{status} as exit code {exit}");
    }
    assert_eq!(class(&concluded(&[&failed("You exceeded your current quota")], 1, "")), "billing");
    assert_eq!(class(&concluded(&[&failed("Something else")], 1, "")), "crashed");
}

#[test]
fn its_own_exit_codes_mean_what_they_mean() {
    for (code, kind) in [(41, "sign-in"), (52, "unusable"), (55, "unusable"), (53, "refused"), (54, "crashed")] {
        assert_eq!(class(&concluded(&[], code, "Something went wrong")), kind, "{code}");
    }
    assert_eq!(class(&concluded(&[], 127, "")), "unusable");
}

#[test]
fn a_conversation_that_is_gone_is_recognised() {
    for complaint in
        ["Error resuming session: Invalid session identifier \"x\".", "No previous sessions found for this project."]
    {
        let lost = concluded(&[], 42, complaint);
        assert!(lost.lost_conversation && lost.session.is_none(), "{complaint}");
    }
    assert!(!read("success").1.lost_conversation);
}

#[test]
fn what_is_said_in_pieces_is_one_last_word() {
    let piece = |text: &str| format!(r#"{{"type":"message","role":"assistant","content":"{text}","delta":true}}"#);
    let lines =
        [piece("All "), piece("is done.\\nReal"), piece("ly."), r#"{"type":"result","status":"success"}"#.to_owned()];
    let mut reader = reader();
    let seen: Vec<Activity> = lines.iter().flat_map(|line| reader.line(line.as_bytes())).collect();
    assert_eq!(seen, [Activity::Text("All is done.".to_owned()), Activity::Text("Really.".to_owned())]);
    assert!(reader.finished());
    let conclusion = reader.conclude(&Ended { code: Some(0), ..Ended::default() });
    assert_eq!(conclusion.said.as_deref(), Some("All is done.\nReally."));
}

#[test]
fn no_line_makes_the_reader_fail() {
    for recording in Recording::all("gemini") {
        let mut reader = reader();
        for line in &recording.lines {
            (0..line.len()).step_by(29).for_each(|length| drop(reader.line(&line[..length])));
        }
        reader.conclude(&Ended::default());
    }
    let mut reader = reader();
    for odd in [&b"\xff\xfe"[..], b"null", b"[]", b"{}", b"{\"type\":\"tool_result\"}", b"{\"type\":\"result\"}"] {
        reader.line(odd);
    }
    reader.oversized(Path::new("/nonexistent"), 3, 4);
    let conclusion = reader.conclude(&Ended { code: Some(0), ..Ended::default() });
    assert_ne!(class(&conclusion), "good", "a result that says nothing is no success");
}
