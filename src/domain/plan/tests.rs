//! Plans: what is refused, and in which order things follow from them.

use super::*;

fn epic(id: &str, depends_on: &[&str]) -> Epic {
    let id = EpicId::new(id).expect("an id");
    Epic {
        title: id.to_string(),
        description: String::new(),
        status: Status::Pending,
        planned: false,
        depends_on: depends_on.iter().map(|d| EpicId::new(d).expect("an id")).collect(),
        touches: vec![],
        user_stories: vec![],
        id,
    }
}

fn check(epics: &[(&str, &[&str])]) -> Result<Plan, Vec<PlanFault>> {
    Plan::check("p", "", epics.iter().map(|(id, deps)| epic(id, deps)).collect())
}

#[test]
fn waves_are_the_depths_of_the_graph() {
    let plan = check(&[("d", &["b", "c"]), ("a", &[]), ("b", &["a"]), ("c", &["a"])]).expect("a plan");
    assert_eq!((0..4).map(|p| plan.wave(p)).collect::<Vec<_>>(), [3, 1, 2, 2]);
    assert_eq!(plan.n_waves(), 3);
    assert_eq!(plan.remaining_path_weights(), [1, 3, 2, 2]);
}

#[test]
fn the_critical_path_is_the_chain_with_the_most_open_work() {
    let plan = check(&[("d", &["b", "c"]), ("a", &[]), ("b", &["a"]), ("c", &["a"]), ("e", &[])]).expect("a plan");
    assert_eq!(plan.critical_path(), CriticalPath { epics: vec![1, 2, 0], weight: 3 });
    assert_eq!((plan.waves(), plan.widest_wave()), (vec![vec![1, 4], vec![2, 3], vec![0]], 2));
}

#[test]
fn completed_epics_are_no_part_of_the_critical_path() {
    let mut epics = vec![epic("a", &[]), epic("b", &["a"]), epic("c", &["b"]), epic("d", &[])];
    epics[1].status = Status::Completed;
    let plan = Plan::check("p", "", epics.clone()).expect("a plan");
    assert_eq!(plan.critical_path(), CriticalPath { epics: vec![0, 2], weight: 2 });
    epics.iter_mut().for_each(|epic| epic.status = Status::Completed);
    let plan = Plan::check("p", "", epics).expect("a plan");
    assert_eq!((plan.critical_path().weight, plan.widest_wave()), (0, 0));
}

#[test]
fn a_cycle_is_named_as_its_exact_path() {
    let faults = check(&[("x", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]).expect_err("a cycle");
    assert_eq!(faults, [PlanFault::Cycle { path: vec![1, 2, 3, 1] }]);
}

#[test]
fn all_faults_are_reported_at_once() {
    let faults = check(&[("a", &["a", "z"]), ("b", &["a", "a"]), ("a", &[])]).expect_err("faults");
    assert_eq!(
        faults,
        [
            PlanFault::DuplicateEpic { epic: 2, first: 0 },
            PlanFault::SelfDependency { epic: 0, entry: 0 },
            PlanFault::UnknownDependency { epic: 0, entry: 1 },
            PlanFault::DuplicateDependency { epic: 1, entry: 1 },
        ]
    );
}

#[test]
fn a_plan_survives_the_journal() {
    let plan = check(&[("a", &[]), ("b", &["a"])]).expect("a plan");
    let text = serde_json::to_string(&plan).expect("json");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
}

#[test]
fn what_an_epic_touches_survives_the_journal_and_older_ones_do_not_say_it() {
    let silent = Plan::check("p", "", vec![epic("a", &[])]).expect("a plan");
    let text = serde_json::to_string(&silent).expect("json");
    assert!(!text.contains("touches"), "{text}");
    let mut speaking = epic("a", &[]);
    speaking.touches = vec![PathPattern::new("src/**").expect("a pattern")];
    let plan = Plan::check("p", "", vec![speaking]).expect("a plan");
    let text = serde_json::to_string(&plan).expect("json");
    assert!(text.contains(r#""touches":["src/**"]"#), "{text}");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
}
