//! Facts and what they mean, one at a time.

use std::path::PathBuf;

use super::*;
use crate::app::doctor::report::Report;

fn agent_at_work() -> AgentFacts {
    AgentFacts {
        name: "claude".to_owned(),
        roles: vec!["team-lead".to_owned()],
        stands_in_for: Vec::new(),
        program: Ok(PathBuf::from("/bin/claude")),
        version: Some(Answer::Said("2.1".to_owned())),
        sign_in: SignIn::Found("ANTHROPIC_API_KEY".to_owned()),
    }
}

/// A machine on which a run just works.
fn good() -> Facts {
    let disk = DiskFacts { what: "repository", path: PathBuf::from("/r"), free_mib: Ok(100_000) };
    Facts {
        git: Some(Ok("2.47.1".to_owned())),
        repository: Some(Ok(RepositoryFacts { checkout: "/r".into(), objection: None, n_dirty: Some(0) })),
        disks: vec![disk],
        min_free_mib: 512,
        memory_mib: Some(8192),
        parallel: 4,
        agents: vec![agent_at_work()],
        terminal: TerminalFacts {
            reads: true,
            writes: true,
            term: Some("xterm".to_owned()),
            size: Some((120, 40)),
            colour: true,
            unicode: true,
            ci: false,
        },
        config: ConfigFacts { file: Some("ralph.config.yml".to_owned()), n_gates: 2, ..ConfigFacts::default() },
        prd: PrdFacts::Valid("prd.json is valid".to_owned()),
        leftovers: Some(Ok(LeftoverFacts::default())),
        bare_root: false,
    }
}

/// The lines that are not as on a good machine: area, level and text with advice.
fn odd(change: impl FnOnce(&mut Facts)) -> Vec<(Area, Level, String)> {
    let usual = judge(&good());
    let mut facts = good();
    change(&mut facts);
    let lines = judge(&facts).into_iter().filter(|line| !usual.contains(line));
    lines.map(|line| (line.area, line.level, format!("{} -> {}", line.text, line.advice.unwrap_or_default()))).collect()
}

#[track_caller]
fn check(change: impl FnOnce(&mut Facts), area: Area, level: Level, words: &[&str]) {
    let found = odd(change);
    let line = found.iter().find(|(of, ..)| *of == area).unwrap_or_else(|| panic!("no line about {area:?}: {found:?}"));
    assert_eq!(line.1, level, "{line:?}");
    for word in words {
        assert!(line.2.contains(word), "{word:?} is not in {line:?}");
    }
}

fn agent_with(change: impl FnOnce(&mut AgentFacts)) -> impl FnOnce(&mut Facts) {
    |facts| change(&mut facts.agents[0])
}

#[test]
fn a_machine_on_which_everything_is_there_has_nothing_but_passes() {
    let report = Report::of(judge(&good()));
    assert!(report.ok);
    insta::assert_snapshot!(report.text(), @"
    pass     git         version 2.47.1
    pass     repository  /r
    pass     config      ralph.config.yml: 2 gates
    pass     prd         prd.json is valid
    pass     agent       claude works as team-lead: /bin/claude, 2.1
    pass     sign-in     claude: ANTHROPIC_API_KEY
    pass     disk        repository: 97.7 GiB free at /r
    pass     memory      8.0 GiB available; 4 sessions of claude take about 1.2 GiB, at an assumed 300 MiB each, and what they build and test comes on top
    pass     leftovers   none
    pass     terminal    120x40, TERM=xterm, colours, UTF-8

    0 fails, 0 warnings, 0 unknown
    ");
}

#[test]
fn without_git_or_a_repository_there_is_a_fail_that_says_what_to_do() {
    check(|f| f.git = Some(Err("git 2.30 is too old".into())), Area::Git, Level::Fail, &["too old", "install git"]);
    check(|f| f.repository = Some(Err("no repository".into())), Area::Repository, Level::Fail, &["no repository"]);
    let objection = |f: &mut Facts| {
        f.repository =
            Some(Ok(RepositoryFacts { objection: Some("no commit yet".into()), ..RepositoryFacts::default() }));
    };
    check(objection, Area::Repository, Level::Fail, &["no commit yet"]);
}

#[test]
fn changes_that_are_not_committed_are_only_told() {
    let dirty = |f: &mut Facts| {
        f.repository = Some(Ok(RepositoryFacts { checkout: "/r".into(), objection: None, n_dirty: Some(1) }));
    };
    assert_eq!(odd(dirty).len(), 1);
    check(dirty, Area::Repository, Level::Info, &["1 file has changes", "--dirty snapshot"]);
}

#[test]
fn room_on_the_disk_fails_below_the_limit_and_warns_below_what_the_epics_may_take() {
    let free = |mib: Result<u64, String>| move |f: &mut Facts| f.disks[0].free_mib = mib;
    check(free(Ok(511)), Area::Disk, Level::Fail, &["511 MiB", "512 MiB (policy.minFreeMb)"]);
    check(free(Ok(512)), Area::Disk, Level::Warn, &["4 epics side by side", "1.0 GiB each"]);
    check(free(Ok(512 + 4 * 1024 - 1)), Area::Disk, Level::Warn, &[]);
    check(free(Ok(512 + 4 * 1024)), Area::Disk, Level::Pass, &[]);
    check(free(Err("gone".into())), Area::Disk, Level::Unknown, &["gone"]);
}

#[test]
fn memory_is_measured_by_the_largest_program_that_works() {
    check(|f| f.memory_mib = Some(1199), Area::Memory, Level::Warn, &["300 MiB each", "--parallel 3"]);
    check(|f| f.memory_mib = Some(1200), Area::Memory, Level::Pass, &[]);
    check(|f| f.memory_mib = Some(10), Area::Memory, Level::Warn, &["--parallel 1"]);
    check(|f| f.memory_mib = None, Area::Memory, Level::Unknown, &["about 1.2 GiB"]);
    let larger = |stands_in: bool| {
        move |f: &mut Facts| {
            let stands_in_for = if stands_in { vec!["team-lead".to_owned()] } else { Vec::new() };
            let name = "opencode".to_owned();
            f.agents.push(AgentFacts { name, roles: Vec::new(), stands_in_for, ..agent_at_work() });
        }
    };
    check(larger(true), Area::Memory, Level::Pass, &["opencode", "650 MiB"]);
    assert!(odd(larger(false)).iter().all(|(area, ..)| *area != Area::Memory));
}

#[test]
fn a_program_that_works_in_a_role_must_be_there_and_start() {
    let absent = || Err("claude was not found: install it".to_owned());
    check(agent_with(|a| a.program = absent()), Area::Agent, Level::Fail, &["install it", "works as team-lead"]);
    let answers = [
        (Answer::Said(String::new()), Level::Unknown, "no version"),
        (Answer::TooLate, Level::Unknown, "in time"),
        (Answer::Failed { exit: "exit status: 1".into(), said: "oh".into() }, Level::Fail, "exit status: 1: oh"),
        (Answer::NotStarted("bad format".into()), Level::Fail, "bad format"),
    ];
    for (answer, level, words) in answers {
        check(agent_with(|a| a.version = Some(answer)), Area::Agent, level, &[words, "/bin/claude --version"]);
    }
}

#[test]
fn a_program_that_only_stands_in_never_fails_the_whole() {
    let stands_in = |a: &mut AgentFacts| {
        a.stands_in_for = std::mem::take(&mut a.roles);
    };
    let absent = |a: &mut AgentFacts| {
        stands_in(a);
        a.program = Err("not found".into());
    };
    check(agent_with(absent), Area::Agent, Level::Warn, &["stands in for team-lead"]);
    let signed_out = |a: &mut AgentFacts| {
        stands_in(a);
        a.sign_in = SignIn::Missing("log in".into());
    };
    check(agent_with(signed_out), Area::SignIn, Level::Warn, &["log in"]);
}

#[test]
fn a_program_that_no_role_uses_is_one_line_of_information() {
    let unused = |a: &mut AgentFacts| {
        a.roles.clear();
        (a.program, a.sign_in) = (Err("not found".into()), SignIn::Missing("log in".into()));
    };
    let found: Vec<_> = odd(agent_with(unused)).into_iter().filter(|(area, ..)| *area != Area::Memory).collect();
    assert_eq!(found, [(Area::Agent, Level::Info, "claude is not there; no role uses it -> ".to_owned())]);
    let of_nobody = AgentFacts { name: "acp".to_owned(), roles: Vec::new(), ..agent_at_work() };
    assert_eq!(odd(|f| f.agents.push(of_nobody)), [], "what cannot be installed is not missed");
}

#[test]
fn a_sign_in_is_there_missing_or_unknown() {
    let table = [
        (SignIn::Missing("run `codex login`".into()), Level::Fail, "run `codex login`"),
        (SignIn::Unknown("in the key ring".into()), Level::Unknown, "in the key ring"),
    ];
    for (sign_in, level, words) in table {
        check(agent_with(|a| a.sign_in = sign_in), Area::SignIn, level, &[words]);
    }
    let none = judge(&Facts { agents: vec![AgentFacts { sign_in: SignIn::NotNeeded, ..agent_at_work() }], ..good() });
    assert!(none.iter().all(|line| line.area != Area::SignIn));
}

#[test]
fn faults_of_configuration_and_prd_fail_and_their_lack_warns() {
    let faulty = |f: &mut Facts| f.config.faults = vec!["r.yml:1:1: a: no such key".into(), "b".into()];
    assert_eq!(odd(faulty).iter().filter(|line| line.0 == Area::Config && line.1 == Level::Fail).count(), 2);
    check(|f| f.config.warnings = vec!["old key".into()], Area::Config, Level::Warn, &["old key"]);
    check(|f| f.config.n_gates = 0, Area::Config, Level::Warn, &["no gates", "config set gates"]);
    check(
        |f| f.prd = PrdFacts::Absent { file: "p.json".into() },
        Area::Prd,
        Level::Warn,
        &["p.json: there is no such file", "ralph-teams init"],
    );
    check(|f| f.prd = PrdFacts::Unreadable("x".into()), Area::Prd, Level::Fail, &[]);
    let faults = PrdFacts::Faulty { file: "p.json".into(), first: "p.json:1:1: bad".into(), n_faults: 3 };
    check(|f| f.prd = faults, Area::Prd, Level::Fail, &["bad, and 2 more", "validate p.json"]);
}

#[test]
fn what_is_left_of_earlier_runs_is_told_with_the_command_that_deals_with_it() {
    let with = |left: LeftoverFacts| move |f: &mut Facts| f.leftovers = Some(Ok(left));
    let none = LeftoverFacts::default;
    let live = LeftoverFacts { live: Some(("run-1".into(), 7)), ..none() };
    check(with(live), Area::Leftovers, Level::Info, &["run-1", "process 7"]);
    let unfinished = LeftoverFacts { unfinished: Some("run-1".into()), ..none() };
    check(with(unfinished), Area::Leftovers, Level::Info, &["ralph-teams resume"]);
    check(with(LeftoverFacts { worktrees: (2, 3), ..none() }), Area::Leftovers, Level::Warn, &["2 worktrees", "prune"]);
    let process = LeftoverFacts { processes: vec![(9, "sleep 1".into())], ..none() };
    check(with(process), Area::Leftovers, Level::Warn, &["sleep 1", "kill 9"]);
    check(with(LeftoverFacts { n_saved: 1, ..none() }), Area::Leftovers, Level::Info, &["ralph-teams recover"]);
    check(|f| f.leftovers = Some(Err("odd".into())), Area::Leftovers, Level::Unknown, &["odd"]);
}

#[test]
fn the_terminal_is_never_a_fail() {
    check(|f| f.terminal.writes = false, Area::Terminal, Level::Info, &["plain lines"]);
    check(|f| f.terminal.ci = true, Area::Terminal, Level::Info, &["CI is set"]);
    check(|f| f.terminal.term = Some("dumb".into()), Area::Terminal, Level::Info, &["TERM is dumb"]);
    check(|f| f.terminal.unicode = false, Area::Terminal, Level::Warn, &["LANG=C.UTF-8"]);
    check(|f| f.terminal.size = Some((59, 40)), Area::Terminal, Level::Warn, &["59x40", "60x20"]);
}

#[test]
fn root_outside_of_a_container_is_warned() {
    check(|f| f.bare_root = true, Area::User, Level::Warn, &["container"]);
}

#[test]
fn only_a_fail_makes_the_report_one_that_is_not_ok() {
    for level in [Level::Pass, Level::Info, Level::Warn, Level::Unknown] {
        assert!(Report::of(vec![Line::new(Area::Git, level, "x")]).ok);
    }
    assert!(!Report::of(vec![Line::new(Area::Git, Level::Fail, "x")]).ok);
}
