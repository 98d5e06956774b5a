//! Every recording: how its session is judged.

use ralph_teams::effects::backend::{Backend, Codex, Settings};
use ralph_teams::scheduler::event::FailureKind;

use crate::recorded::Recording;

#[test]
fn every_recorded_session_is_judged_as_the_table_says() {
    let mut table = String::new();
    for recording in Recording::all("codex") {
        let mut reader = Codex::new(Settings::default()).reader();
        let (seen, conclusion) = recording.read(reader.as_mut());
        // A text format, and other programs that were run with the case.
        if !recording.argv.iter().any(|arg| arg == "--json") || recording.argv[0] != "codex" {
            continue;
        }
        let name = &recording.name;
        assert!(!seen.is_empty() || conclusion.failure.is_some(), "{name}: silence is told as silence");
        let began = recording.lines.iter().any(|line| line.starts_with(br#"{"type":"thread.started""#));
        assert_eq!(conclusion.session.is_some(), began, "{name}");
        let done = recording.lines.iter().any(|line| line.starts_with(br#"{"type":"turn.completed""#));
        let refused = conclusion.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Refused);
        assert_eq!(conclusion.failure.is_none() || refused, done, "{name}: nothing else is an end as it should be");
        assert_eq!(conclusion.usage.cost_microdollars, 0, "{name}: it states no money");
        table.push_str(&recording.verdict(&conclusion));
    }
    insta::assert_snapshot!(table);
}
