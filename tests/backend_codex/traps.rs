//! The traps of Codex's output, one by one.

use std::path::Path;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Backend, Beginning, Codex, Conclusion, Ended, Reader, Settings};
use ralph_teams::scheduler::event::FailureKind;

use crate::recorded::Recording;

fn reader() -> Box<dyn Reader> {
    Codex::new(Settings::default()).reader()
}

fn read(name: &str) -> (Vec<Activity>, Conclusion) {
    Recording::of("codex", name).read(reader().as_mut())
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

fn failed(message: &str) -> Conclusion {
    let line = serde_json::json!({ "type": "turn.failed", "error": { "message": message } }).to_string();
    told(&[&line], &exited(1)).1
}

#[test]
fn a_good_session_is_told_as_it_goes_and_ends_without_failure() {
    let (seen, conclusion) = read("success");
    let session = SessionId::new("01a1f853-8366-77a3-819a-acc8c7990913").expect("an id");
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert_eq!(seen[0], Activity::Identified(session.clone()));
    assert_eq!(seen[1], Activity::Text("I will write the file and commit it.".to_owned()));
    let Activity::ToolStarted { by: None, name, summary } = &seen[2] else { panic!("{seen:?}") };
    assert_eq!(name, "shell");
    assert!(summary.starts_with("echo 'hello from the agent' > hello.txt"), "without the shell around it: {summary}");
    let summary = "4a62456 feat: add hello 961c236 initial commit".to_owned();
    assert_eq!(seen[3], Activity::ToolEnded { by: None, failed: false, summary });
    let usage = Usage { input_tokens: 2500, output_tokens: 120, unpriced_sessions: 1, ..Usage::default() };
    let said = Some("All work is committed.\n\nDONE: 1/1 stories passed".to_owned());
    let session = Some(session);
    assert_eq!(conclusion, Conclusion { failure: None, usage, model: None, said, session, lost_conversation: false });
}

#[test]
fn a_continued_conversation_consumed_only_what_was_added_to_it() {
    let thread = SessionId::new("01a1f854-060a-7d90-ab25-e2ce2fb13c79").expect("an id");
    let mut consumed = Usage::default();
    let mut added = Vec::new();
    for (n, continues) in [(1, None), (2, Some(&thread)), (3, Some(&thread))] {
        let mut reader = reader();
        reader.begin(&Beginning { continues, consumed, job_dir: Path::new("/j") });
        let usage = Recording::of("codex", &format!("resume.step{n}")).read(reader.as_mut()).1.usage;
        added.push((usage.input_tokens, usage.output_tokens));
        consumed = consumed.plus(usage);
    }
    assert_eq!(added, [(2500, 120), (1400, 60), (1500, 60)]);
}

#[test]
fn a_fresh_conversation_in_the_place_of_a_lost_one_is_counted_from_its_beginning() {
    let mut reader = reader();
    let lost = SessionId::new("another").expect("an id");
    let consumed = Usage { input_tokens: 900, output_tokens: 90, ..Usage::default() };
    reader.begin(&Beginning { continues: Some(&lost), consumed, job_dir: Path::new("/j") });
    let usage = Recording::of("codex", "success").read(reader.as_mut()).1.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (2500, 120));
}

#[test]
fn cached_tokens_are_part_of_what_was_sent_and_counted_once() {
    let usage = read("cached_tokens").1.usage;
    assert_eq!((usage.input_tokens, usage.cached_tokens, usage.output_tokens), (500, 1500, 100));
}

#[test]
fn tokens_that_the_model_only_thought_with_are_part_of_what_it_wrote() {
    let line =
        r#"{"type":"turn.completed","usage":{"input_tokens":9,"output_tokens":50,"reasoning_output_tokens":40}}"#;
    let usage = told(&[line], &exited(0)).1.usage;
    assert_eq!((usage.output_tokens, usage.reasoning_tokens), (50, 40));
}

#[test]
fn a_session_that_was_cut_off_says_that_nobody_knows_what_it_consumed() {
    let usage = read("sigterm_mid_tool").1.usage;
    assert_eq!((usage.tokens(), usage.uncounted_sessions, usage.unpriced_sessions), (0, 1, 1));
    assert_eq!(read("unknown_flag").1.usage, Usage::default(), "nothing was asked of a model");
}

#[test]
fn a_turn_that_was_cut_off_after_one_that_was_completed_makes_its_tokens_a_lower_bound() {
    let completed = r#"{"type":"turn.completed","usage":{"input_tokens":9,"output_tokens":5}}"#;
    let usage = |more: &[&str]| told(&[&[completed], more].concat(), &exited(1)).1.usage;
    assert_eq!((usage(&[]).tokens(), usage(&[]).uncounted_sessions), (14, 0));
    for more in [r#"{"type":"turn.started"}"#, r#"{"type":"turn.failed","error":{"message":"no"}}"#] {
        assert_eq!((usage(&[more]).tokens(), usage(&[more]).uncounted_sessions), (14, 1), "{more}");
    }
}

#[test]
fn an_item_that_is_an_error_is_a_warning() {
    let (seen, conclusion) = read("success_unknown_model");
    assert_eq!(conclusion.failure, None);
    let warned =
        |activity: &&Activity| matches!(activity, Activity::Text(text) if text.starts_with("warning: Model metadata"));
    assert_eq!(seen.iter().filter(warned).count(), 1, "{seen:?}");
}

#[test]
fn a_notice_of_a_retry_is_told_as_one_and_ends_nothing() {
    let (seen, conclusion) = read("error_500");
    let retries: Vec<&str> = seen
        .iter()
        .filter_map(|activity| {
            let Activity::Retrying { reason, .. } = activity else { return None };
            Some(reason.as_str())
        })
        .collect();
    assert_eq!(retries.len(), 2);
    assert!(retries[0].starts_with("We’re currently") && retries[0].ends_with(", retry 1 of 2"), "{retries:?}");
    assert_eq!(kind(&conclusion), FailureKind::Overloaded);
    let waiting = read("connection_refused").0;
    let Some(Activity::Retrying { reason, .. }) = waiting.last() else { panic!("{waiting:?}") };
    assert_eq!(reason, "Connection failed: error sending request, waiting for network");
    assert_eq!(read("stop_content_filter").1.failure, None, "it went well in the end");
}

#[test]
fn exit_code_zero_without_a_completed_turn_is_no_success() {
    let thread = r#"{"type":"thread.started","thread_id":"t"}"#;
    let (_, conclusion) = told(&[thread, r#"{"type":"turn.started"}"#], &exited(0));
    assert_eq!(kind(&conclusion), FailureKind::Crashed);
    assert_eq!(kind(&told(&[], &exited(0)).1), FailureKind::Crashed);
}

#[test]
fn a_turn_that_began_again_after_a_completed_one_must_be_completed_too() {
    let item = r#"{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"x"}}"#;
    let mut reader = reader();
    for line in [r#"{"type":"turn.started"}"#, item, r#"{"type":"turn.completed"}"#] {
        assert!(!reader.finished());
        reader.line(line.as_bytes());
    }
    assert!(reader.finished());
    reader.line(br#"{"type":"turn.started"}"#);
    assert!(!reader.finished());
    assert_eq!(kind(&reader.conclude(&exited(0))), FailureKind::Crashed);
}

#[test]
fn a_completed_turn_of_a_program_that_died_is_no_success() {
    let mut recording = Recording::of("codex", "success");
    recording.ended = Ended { signal: Some(15), ..Ended::default() };
    let failure = recording.read(reader().as_mut()).1.failure.expect("a failure");
    assert_eq!(failure.detail, "its turn was completed, but killed by signal 15");
}

#[test]
fn a_turn_without_a_single_item_is_a_refusal_and_an_empty_message_is_none() {
    assert_eq!(kind(&read("refusal").1), FailureKind::Refused);
    assert_eq!(read("empty_answer").1.failure, None);
    assert_eq!(read("refusal_text_only").1.failure, None, "what was done is judged by the check");
}

#[test]
fn a_commit_that_the_sandbox_denied_leaves_no_trace_so_only_the_check_can_see_it() {
    let (seen, conclusion) = read("sandbox_workspace_write_root");
    assert_eq!(conclusion.failure, None);
    assert!(!seen.iter().any(|activity| matches!(activity, Activity::ToolStarted { .. })), "{seen:?}");
}

#[test]
fn the_git_directory_of_the_repository_alone_is_not_enough_for_a_commit_in_a_sandboxed_worktree() {
    let (seen, conclusion) = read("sandboxed_worktree_main_git_only");
    assert_eq!(conclusion.failure, None);
    let denied = |activity: &Activity| matches!(activity, Activity::ToolEnded { failed: true, summary, .. } if summary.contains(".git/worktrees/wt/index.lock': Read-only"));
    assert!(seen.iter().any(denied), "{seen:?}");
    for step in ["sandboxed_worktree.step1", "sandboxed_worktree.step2"] {
        let (seen, _) = read(step);
        assert!(seen.iter().any(|activity| matches!(activity, Activity::ToolEnded { failed: false, .. })), "{seen:?}");
    }
}

#[test]
fn failures_are_told_apart_by_codexs_own_sentences_before_the_usual_words() {
    let sold =
        "You've hit your usage limit. Visit https://example.org to purchase more credits or try again at 3:05 PM.";
    for (message, expected) in [
        (sold, FailureKind::UsageLimit),
        ("Quota exceeded. Check your plan and billing details.", FailureKind::Billing),
        ("unexpected status 429 Too Many Requests: insufficient_quota", FailureKind::Billing),
        ("unexpected status 429 Too Many Requests: slow down", FailureKind::RateLimited),
        ("unexpected status 400 Bad Request: maximum context length is 1000", FailureKind::TooLong),
        ("unexpected status 404 Not Found, url: http://127.0.0.1", FailureKind::Unusable),
        ("Please run `codex login` again", FailureKind::SignIn),
        ("Incomplete response returned, reason: content_filter", FailureKind::Refused),
        ("something else", FailureKind::Crashed),
    ] {
        assert_eq!(kind(&failed(message)), expected, "{message}");
    }
}

#[test]
fn a_usage_limit_carries_the_rest_that_it_asks_for() {
    let line =
        r#"{"type":"turn.failed","error":{"message":"You've hit your usage limit. Try again in 2 hours 5 minutes."}}"#;
    let at = "2026-11-20T13:30:00+00:00[+00:00]".parse().ok();
    let conclusion = told(&[line], &Ended { at, ..exited(1) }).1;
    assert_eq!(conclusion.failure.expect("a failure").rest_ms, Some(125 * 60_000));
}

#[test]
fn what_a_good_session_says_on_standard_error_is_no_reason() {
    let ended = Ended { stderr_tail: "Reading prompt from stdin...\n".to_owned(), ..exited(1) };
    assert_eq!(told(&[], &ended).1.failure.expect("a failure").detail, "no turn began, exit code 1");
    let conclusion = read("mcp_gpt55_unsupported_call").1;
    assert_eq!(conclusion.failure, None, "it logs errors in good sessions too");
}

#[test]
fn a_conversation_that_is_gone_is_recognised_wherever_that_was_said() {
    let (_, apart) = read("resume.step4");
    assert!(apart.lost_conversation && apart.session.is_none());
    assert_eq!(kind(&apart), FailureKind::Crashed);
    let line = "Error: thread/resume: thread/resume failed: no rollout found for thread id x (code -32600)";
    assert!(told(&[line], &exited(1)).1.lost_conversation);
}

#[test]
fn tools_of_servers_changes_of_files_and_exit_codes_are_told() {
    let ends = |name: &str| -> Vec<(bool, String)> {
        let ended = |activity| {
            let Activity::ToolEnded { failed, summary, .. } = activity else { return None };
            Some((failed, summary))
        };
        read(name).0.into_iter().filter_map(ended).collect()
    };
    assert_eq!(ends("mcp"), [(false, "recorded 1=pass".to_owned()), (true, "this tool always fails".to_owned())]);
    assert_eq!(ends("apply_patch_gpt55"), [(false, "add /workspace/repo/patched.txt".to_owned())]);
    assert_eq!(ends("parallel_tools"), [(false, "one".to_owned()), (true, "two".to_owned())]);
    let started = |activity: &&Activity| matches!(activity, Activity::ToolStarted { name, summary, .. } if name == "echo.report" && summary.contains("story"));
    assert_eq!(read("mcp").0.iter().filter(started).count(), 1);
}

#[test]
fn a_sub_agent_is_told_with_its_task_and_its_end_at_the_latest_with_the_turn() {
    let (seen, conclusion) = read("subagent_v1");
    let usage = conclusion.usage;
    assert!(usage.tokens() > 0 && usage.uncounted_sessions == 1, "what it consumed is told nowhere: {usage:?}");
    let id = "01a1f854-10f7-7162-af25-caace75fffb2".to_owned();
    let name = "sub-agent".to_owned();
    let summary = "[[lane:sub]] Implement story 1.".to_owned();
    let started = Activity::SubAgentStarted { id: id.clone(), parent: None, name: name.clone(), summary };
    assert!(seen.contains(&started), "{seen:?}");
    assert_eq!(seen.last(), Some(&Activity::SubAgentEnded { id, name, failed: true }), "nobody heard it end");
    let call = |tool: &str, state: &str| {
        serde_json::json!({ "type": "item.completed", "item": { "type": "collab_tool_call", "tool": tool,
            "sender_thread_id": "other", "receiver_thread_ids": ["s"], "prompt": "Do it.",
            "agents_states": { "s": { "status": state, "message": "half" } }, "status": "completed" } })
        .to_string()
    };
    let (seen, _) = told(&[&call("spawn_agent", "running"), &call("wait", "completed")], &exited(0));
    let [
        Activity::SubAgentStarted { parent, .. },
        Activity::SubAgentProgress { .. },
        Activity::SubAgentEnded { failed, .. },
    ] = &seen[..]
    else {
        panic!("{seen:?}")
    };
    assert_eq!((parent.as_deref(), *failed), (Some("other"), false));
}

#[test]
fn no_line_however_broken_makes_it_fail() {
    for recording in Recording::all("codex") {
        let mut reader = reader();
        for line in &recording.lines {
            reader.line(&line[..line.len() / 2]);
            reader.line(&line[line.len() / 3..]);
        }
        reader.line(&[0xff, 0xfe, b'{']);
        reader.line(br#"{"type":7}"#);
        reader.line(br#"{"type":"item.completed","item":{"type":"file_change","changes":"none"}}"#);
        reader.line(br#"{"type":"item.completed"}"#);
        reader.conclude(&recording.ended);
    }
}
