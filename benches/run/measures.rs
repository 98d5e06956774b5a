//! The measures, each with its rows of the table.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ralph_teams::effects::host::SUBCOMMAND;
use ralph_teams::effects::host::spec::HostSpec;
use rustix::process::Pid;
use serde_json::json;

use crate::process::{self, Ended};
use crate::scene::{PROGRAM, Scene, Setting};
use crate::stand_in::Span;
use crate::{Row, library};

/// A measure may leave a list that is printed below the table.
type Measure = fn(&mut Vec<String>) -> Vec<Row>;

/// All of them, by name.
pub const ALL: &[(&str, Measure)] = &[
    ("chain", chain),
    ("gates", chain_with_gate),
    ("git-calls", git_calls),
    ("host", host),
    ("memory", memory),
    ("screen", screen),
    ("asleep", asleep),
    ("library", |_| library::rows()),
    ("start", start_up),
];

fn row(what: &str, goal: &'static str, figure: String, note: &str) -> Row {
    Row { what: what.to_owned(), goal, figure, note: note.to_owned() }
}

/// The program from its start to its end; it must have done its work.
fn to_the_end(scene: &Scene) -> Ended {
    let began = Instant::now();
    let ended = process::finish(scene.start(), began);
    assert!(ended.success, "the run failed:\n{}", scene.printed());
    ended
}

/// From the end of each epic's session to the beginning of the next one's.
fn gaps(sessions: &[Span]) -> Vec<(u128, u128)> {
    let epics: Vec<&Span> = sessions.iter().filter(|span| span.what.starts_with("EPIC")).collect();
    epics.windows(2).map(|pair| (pair[0].ended, pair[1].began)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of some seconds")]
fn milliseconds(nanoseconds: u128) -> f64 {
    nanoseconds as f64 / 1e6
}

/// The middle one, the smallest and the largest.
fn spread(values: impl IntoIterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

fn chain(_: &mut Vec<String>) -> Vec<Row> {
    chain_of(&Setting::default(), "no gates")
}

fn chain_with_gate(_: &mut Vec<String>) -> Vec<Row> {
    chain_of(&Setting { gates: vec!["true"], ..Setting::default() }, "one gate, `true`")
}

fn chain_of(setting: &Setting, name: &str) -> Vec<Row> {
    let scene = Scene::new(setting);
    let ended = to_the_end(&scene);
    let n = u32::try_from(setting.n_epics).map_or(1.0, f64::from);
    let (middle, least, most) = spread(gaps(&scene.sessions()).iter().map(|(from, to)| milliseconds(to - from)));
    let what = |what: &str| format!("{what} ({name})");
    vec![
        row(
            &what("runner's own CPU per epic"),
            "< 15 ms",
            format!("{:.1} ms", ended.cpu.own / n),
            &format!("user + system of the runner alone, {n} epics and the final validation, start-up included"),
        ),
        row(
            &what("CPU per epic of all that the runner started"),
            "-",
            format!("{:.0} ms", ended.cpu.children / n),
            "git, hosts, the agents and their git",
        ),
        row(
            &what("an agent's exit to the next epic's start, git included"),
            "-",
            format!("{middle:.0} ms"),
            &format!("median of {} gaps, {least:.0} to {most:.0} ms", setting.n_epics - 1),
        ),
    ]
}

/// The same chain with every call of git written down.
fn git_calls(lists: &mut Vec<String>) -> Vec<Row> {
    let setting = Setting::default();
    let scene = Scene::new(&setting).counting_git();
    to_the_end(&scene);
    let (sessions, calls) = (scene.sessions(), scene.git_calls());
    let gaps = gaps(&sessions);
    let in_gap = |gap: &(u128, u128)| calls.iter().filter(|call| call.began >= gap.0 && call.began < gap.1).count();
    let beyond = |gap: &(u128, u128)| milliseconds(gap.1 - gap.0 - covered(*gap, &calls));
    let (middle, least, most) = spread(gaps.iter().map(beyond));
    let middle_gap = gaps[gaps.len() / 2];
    // In the steady state one epic's worth of calls lies between two ends of sessions.
    let next_end = sessions.iter().map(|span| span.ended).find(|ended| *ended > middle_gap.1).expect("a session");
    let one_epic: Vec<&Span> =
        calls.iter().filter(|call| call.began >= middle_gap.0 && call.began < next_end).collect();
    lists.push(listed(&one_epic, middle_gap.1));
    vec![
        row(
            "an agent's exit to the next epic's start, without git",
            "< 100 ms",
            format!("{middle:.0} ms"),
            &format!("median of {}, {least:.0} to {most:.0} ms; time in which a git ran is taken out", gaps.len()),
        ),
        row(
            "git processes per epic",
            "-",
            one_epic.len().to_string(),
            &format!("{} of them before the next epic's start", in_gap(&middle_gap)),
        ),
    ]
}

/// How much of a gap at least one call of git was running.
fn covered(gap: (u128, u128), calls: &[Span]) -> u128 {
    let (mut total, mut until) = (0, gap.0);
    for call in calls {
        let (from, to) = (call.began.max(until), call.ended.min(gap.1));
        if to > from {
            total += to - from;
            until = to;
        }
    }
    total
}

fn listed(calls: &[&Span], next_start: u128) -> String {
    let mut text = "Git processes of one epic, in their order:\n".to_owned();
    for (n, call) in calls.iter().enumerate() {
        let took = milliseconds(call.ended - call.began);
        let late = if call.began > next_start { " (beside the next session)" } else { "" };
        text.push_str(&format!("\n{}. `{}` {took:.1} ms{late}", n + 1, abbreviated(&call.what)));
    }
    text
}

/// A call without the settings that every call carries, and without names that differ from run to run.
fn abbreviated(call: &str) -> String {
    let mut words = call.split(' ').peekable();
    let mut shown = vec!["git".to_owned()];
    while let Some(word) = words.next() {
        match word {
            "--no-pager" => {}
            "-c" => drop(words.next()),
            "-C" => while words.next_if(|word| !word.starts_with('-')).is_some() {},
            word if word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                shown.push("<commit>".to_owned());
            }
            word if word.starts_with('/') => shown.push("<path>".to_owned()),
            word if word.contains("ralph/") => {
                let kind = if word.contains("/loop/") { "<loop>" } else { "<epic>" };
                shown.push(kind.to_owned());
            }
            word => shown.push(word.to_owned()),
        }
    }
    shown.join(" ")
}

/// A host on its own, without a runner: it has one thread, so its time is exact.
fn host(_: &mut Vec<String>) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let argv = vec!["/bin/true".to_owned()];
    HostSpec::new(argv, Default::default(), folder.path(), &path("log"), &path("exit.json"))
        .write(&path("spec.json"))
        .expect("written");
    let one = |_| {
        let mut command = Command::new(PROGRAM);
        // As from a runner: a pipe that stays open.
        let child = command.arg(SUBCOMMAND).arg(path("spec.json")).stdin(Stdio::piped()).spawn().expect("it starts");
        process::finish_listening(child)
    };
    let ended: Vec<Ended> = (0..30).map(one).collect();
    let (cpu, least, most) = spread(ended.iter().map(|ended| ended.first_thread));
    let (took, ..) = spread(ended.iter().map(|ended| ended.took.as_secs_f64() * 1_000.0));
    vec![row(
        "a host's own CPU",
        "-",
        format!("{cpu:.1} ms"),
        &format!(
            "one host for each session and gate; median of 30 that host `true`, {least:.1} to {most:.1} ms, {took:.0} ms wall"
        ),
    )]
}

/// Eight sessions that print 1 GB together.
fn memory(_: &mut Vec<String>) -> Vec<Row> {
    const EACH: u64 = 125_000_000;
    let flood = |line: u64| {
        let lead = json!([{ "flood": { "bytes": EACH, "line": line } }, "honest"]);
        let scene = Scene::new(&Setting { n_epics: 8, chained: false, slots: 8, lead, ..Setting::default() });
        let ended = to_the_end(&scene);
        (ended.peak_mib, ended.cpu.own, ended.took.as_secs_f64())
    };
    let (lines, without) = (flood(200), flood(0));
    let note =
        |(_, cpu, took): (f64, f64, f64)| format!("VmHWM; {took:.1} s, {:.1} s of the runner's CPU", cpu / 1_000.0);
    vec![
        row("memory with 8 sessions that print 1 GB, lines of 200 bytes", "< 24 MB", mib(lines.0), &note(lines)),
        row("the same without a line break", "< 24 MB", mib(without.0), &note(without)),
    ]
}

/// The same with the screen on a terminal, and a hundred epics of which each fills its transcript.
fn screen(_: &mut Vec<String>) -> Vec<Row> {
    let measure = |what: &str, n_epics: usize, bytes: u64| {
        let lead = json!([{ "flood": { "bytes": bytes, "line": 200 } }, "honest"]);
        let scene = Scene::new(&Setting { n_epics, chained: false, slots: 8, lead, ..Setting::default() });
        let ended = process::finish(scene.start_on_terminal(), Instant::now());
        assert!(ended.success, "the run failed:\n{}", scene.printed());
        let (took, cpu) = (ended.took.as_secs_f64(), ended.cpu.own / 1_000.0);
        row(what, "< 40 MB", mib(ended.peak_mib), &format!("VmHWM; {took:.1} s, {cpu:.1} s of the runner's CPU"))
    };
    vec![
        measure("memory with the screen at 200x60 and 8 sessions that print 1 GB", 8, 125_000_000),
        measure("memory with the screen and 100 epics that print 2 MB each", 100, 2_000_000),
    ]
}

fn mib(mib: f64) -> String {
    format!("{:.1} MB", mib * 1.048_576)
}

/// Four sessions that do nothing for a while.
fn asleep(_: &mut Vec<String>) -> Vec<Row> {
    const WINDOW: Duration = Duration::from_secs(12);
    let lead = json!([{ "sleep_ms": 16_000 }, "honest"]);
    let scene = Scene::new(&Setting { n_epics: 4, chained: false, slots: 4, lead, ..Setting::default() });
    let child = scene.start();
    while scene.sessions().len() < 4 {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(1));
    let (runner, hosts) = over(WINDOW, &child);
    let ended = process::finish(child, Instant::now());
    assert!(ended.success, "the run failed:\n{}", scene.printed());
    let seconds = WINDOW.as_secs();
    vec![
        row(
            "CPU while 4 sessions sleep",
            "< 0.5 % of a core",
            format!("{runner:.2} %"),
            &format!("all threads of the runner, from schedstat, over {seconds} s"),
        ),
        row("their 4 hosts together", "-", format!("{hosts:.2} %"), "the same"),
        row("memory of the runner then", "-", mib(ended.peak_mib), "VmHWM"),
    ]
}

/// Percent of a core that the runner, and its hosts together, used in a window of time.
fn over(window: Duration, child: &Child) -> (f64, f64) {
    let runner = Pid::from_child(child);
    let hosts = process::children_of(runner);
    let all = |pids: &[Pid]| pids.iter().map(|pid| process::exact_cpu_of(*pid)).sum::<f64>();
    let (began, before) = (Instant::now(), (all(&[runner]), all(&hosts)));
    std::thread::sleep(window);
    let percent = |used: f64| used / began.elapsed().as_secs_f64() / 10.0;
    (percent(all(&[runner]) - before.0), percent(all(&hosts) - before.1))
}

fn start_up(_: &mut Vec<String>) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let prd = folder.path().join("prd.json");
    std::fs::write(&prd, library::prd_text(1_000)).expect("written");
    let of = |args: &[&str]| {
        let one = |_| {
            let mut command = Command::new(PROGRAM);
            let began = Instant::now();
            let output = command.args(args).current_dir(folder.path()).output().expect("it starts");
            assert!(output.status.success(), "{args:?}");
            began.elapsed().as_secs_f64() * 1_000.0
        };
        spread((0..40).map(one))
    };
    let note = |(_, least, most): (f64, f64, f64)| format!("wall, median of 40, {least:.1} to {most:.1} ms");
    let (version, validate) = (of(&["--version"]), of(&["validate", "prd.json"]));
    vec![
        row("`ralph-teams --version`", "-", format!("{:.1} ms", version.0), &note(version)),
        row("`ralph-teams validate` of 1,000 epics", "-", format!("{:.1} ms", validate.0), &note(validate)),
    ]
}
