//! What was said before a moment, and not a line more.
#![expect(clippy::disallowed_methods, reason = "tests write logs and set them aside")]

use super::*;
use crate::domain::id::{EpicId, RunId};
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::effects::paths::StateDir;
use crate::effects::times::TimesWriter;
use crate::scheduler::{Scope, Task};

struct Scene {
    _folder: tempfile::TempDir,
    run_dir: RunDir,
    job: Job,
}

impl Scene {
    /// A session that said one line a second: `line 1` at 1,000 ms, and so on.
    fn that_said(n_lines: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let run_dir =
            StateDir::of(folder.path()).begin(&RunId::new("r").expect("an id")).expect("the directory of a run");
        let scope = Scope::Epic(EpicId::new("login").expect("an id"));
        let job = Job { scope, task: Task::Session(Role::TeamLead), n: 1 };
        let scene = Self { _folder: folder, run_dir, job };
        std::fs::create_dir_all(scene.run_dir.job(&scene.job)).expect("made");
        let record = SessionRecord {
            job: scene.job.clone(),
            at: 0,
            role: Role::TeamLead,
            backend: "command".to_owned(),
            model: None,
            program: "/bin/true".to_owned(),
            runner: "1".to_owned(),
            continues: None,
            consumed: Usage::default(),
        };
        record.write(&scene.run_dir).expect("written");
        scene.say((1..=n_lines).map(|n| (n * 1_000, format!("line {n}\n"))));
        scene
    }

    fn say(&self, lines: impl Iterator<Item = (u64, String)>) {
        let log = self.run_dir.log(&self.job);
        let mut times = TimesWriter::going_on(&self.run_dir.times(&self.job));
        for (at, line) in lines {
            append(&log, &line);
            times.grew(at, std::fs::metadata(&log).expect("a log").len());
        }
    }

    fn said(&self, until: Until) -> Vec<String> {
        texts(&Transcripts::new(self.run_dir.clone()).said(&self.job, until, None))
    }
}

fn append(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("a log");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
}

fn texts(said: &[Spoken]) -> Vec<String> {
    let text = |spoken: &Spoken| match &spoken.activity {
        Activity::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    said.iter().map(text).collect()
}

#[test]
fn a_moment_holds_exactly_what_was_said_before_it() {
    let scene = Scene::that_said(5);
    assert_eq!(scene.said(Until::Moment(999)), [] as [&str; 0]);
    assert_eq!(scene.said(Until::Moment(3_000)), ["line 1", "line 2", "line 3"]);
    assert_eq!(scene.said(Until::Moment(3_999)), ["line 1", "line 2", "line 3"]);
    assert_eq!(scene.said(Until::End).len(), 5);
    let said = Transcripts::new(scene.run_dir.clone()).said(&scene.job, Until::SoFar, None);
    assert_eq!(said.iter().map(|one| one.at).collect::<Vec<_>>(), [1, 2, 3, 4, 5].map(|s| Some(s * 1_000)));
}

#[test]
fn without_an_index_a_moment_holds_nothing_and_the_end_holds_all() {
    let scene = Scene::that_said(3);
    std::fs::remove_file(scene.run_dir.times(&scene.job)).expect("removed");
    assert_eq!(scene.said(Until::Moment(99_000)), [] as [&str; 0]);
    assert_eq!(scene.said(Until::End).len(), 3);
}

#[test]
fn a_moment_in_a_log_that_is_too_large_to_keep_holds_the_last_words_before_it() {
    let scene = Scene::that_said(0);
    let ten = |second: u64| (0..10).map(|n| format!("line {second}.{n}\n")).collect::<String>();
    scene.say((1..=1_000).map(|second| (second * 1_000, ten(second))));
    let said = scene.said(Until::Moment(900_500));
    assert_eq!(said.last().map(String::as_str), Some("line 900.9"));
    assert_eq!(said.len(), 4_000);
}

#[test]
fn what_was_heard_is_not_said_again_and_what_comes_is() {
    let scene = Scene::that_said(2);
    let mut transcripts = Transcripts::new(scene.run_dir.clone());
    let first = transcripts.said(&scene.job, Until::SoFar, None);
    let mark = first.last().map(|one| one.mark);
    append(&scene.run_dir.log(&scene.job), "half");
    assert_eq!(transcripts.said(&scene.job, Until::Now, mark), []);
    append(&scene.run_dir.log(&scene.job), " a line\nlast");
    assert_eq!(texts(&transcripts.said(&scene.job, Until::Now, mark)), ["half a line"]);
    assert_eq!(texts(&transcripts.said(&scene.job, Until::End, mark)), ["half a line", "last"]);
}

#[test]
fn an_earlier_life_of_a_session_is_told_before_the_new_one() {
    use crate::effects::heard::{earlier_log, earlier_times};
    let scene = Scene::that_said(2);
    let (log, times) = (scene.run_dir.log(&scene.job), scene.run_dir.times(&scene.job));
    let mut transcripts = Transcripts::new(scene.run_dir.clone());
    let mark = transcripts.said(&scene.job, Until::Now, None).last().map(|one| one.mark);
    std::fs::rename(&log, earlier_log(&log, 1)).expect("set aside");
    std::fs::rename(&times, earlier_times(&times, 1)).expect("set aside");
    scene.say([(7_000, "again\n".to_owned())].into_iter());
    assert_eq!(texts(&transcripts.said(&scene.job, Until::Now, mark)), ["again"]);
    assert_eq!(scene.said(Until::SoFar), ["line 1", "line 2", "again"]);
    assert_eq!(scene.said(Until::Moment(2_500)), ["line 1", "line 2"]);
}

#[test]
fn a_session_that_was_never_started_says_nothing() {
    let scene = Scene::that_said(1);
    std::fs::remove_file(scene.run_dir.session(&scene.job)).expect("removed");
    assert_eq!(scene.said(Until::End), [] as [&str; 0]);
}
