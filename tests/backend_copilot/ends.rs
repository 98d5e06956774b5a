//! Every recording: how its session is judged.

use std::path::Path;

use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Backend, Beginning, Copilot, Settings};

use crate::recorded::{Recording, folder};

#[test]
fn every_recorded_session_is_judged_as_the_table_says() {
    let mut table = String::new();
    for recording in Recording::all("copilot") {
        let job = tempfile::tempdir().expect("a folder");
        let usage = folder("copilot").join(format!("{}.usage.json", recording.name));
        if usage.exists() {
            std::fs::copy(usage, job.path().join("copilot-usage.json")).expect("a copy");
        }
        let mut reader = Copilot::new(Settings::default()).reader();
        let consumed = Usage::default();
        reader.begin(&Beginning { continues: None, consumed, job_dir: job.path() });
        let (seen, conclusion) = recording.read(reader.as_mut());
        // A text format, and other programs that were run with the case.
        if !recording.argv.iter().any(|arg| arg == "json") || Path::new(&recording.argv[0]) != Path::new("copilot") {
            continue;
        }
        let name = &recording.name;
        assert!(!seen.is_empty() || conclusion.failure.is_some(), "{name}: silence is told as silence");
        assert_eq!(conclusion.session.is_some(), recording.lines.len() > 1, "{name}");
        assert_eq!(conclusion.usage.cost_microdollars, 0, "{name}: premium requests are no money");
        let has = |kind: &str| {
            let start = format!(r#"{{"type":"{kind}""#);
            recording.lines.iter().any(|line| line.starts_with(start.as_bytes()))
        };
        let good = has("result") && !has("abort") && !has("session.error") && recording.ended.code == Some(0);
        assert_eq!(conclusion.failure.is_none(), good, "{name}: nothing else is an end as it should be");
        let mut shown = conclusion.clone();
        // Its name is made of the folder of the job where the last line does not state it.
        shown.session = shown.session.filter(|_| has("result"));
        table.push_str(&recording.verdict(&shown));
    }
    insta::assert_snapshot!(table);
}
