//! The shape of a plan against brute force on small graphs, and what is known of time.

use proptest::prelude::*;
use ralph_teams::domain::id::{EpicId, RunId};
use ralph_teams::domain::plan::Plan;
use ralph_teams::lint::{Basis, Estimate, History, PastEpic, Reach, makespan, schedule};
use serde_json::json;

use crate::plans::{epic, plan, stories};

/// Plans of up to seven epics, some of them completed, each with up to four stories and any earlier dependencies.
fn small_plan() -> impl Strategy<Value = Plan> {
    let one = (1_usize..5, any::<u8>(), prop::bool::weighted(0.2));
    prop::collection::vec(one, 1..8).prop_map(|sizes| {
        let epics = sizes.iter().enumerate().map(|(n, (size, mask, completed))| {
            let before: Vec<String> = (0..n).filter(|d| mask >> d & 1 == 1).map(|d| format!("E{d}")).collect();
            let before: Vec<&str> = before.iter().map(String::as_str).collect();
            let status = if *completed { "completed" } else { "pending" };
            epic(
                &format!("E{n}"),
                &before,
                json!({ "userStories": stories(&format!("E{n}"), *size), "status": status }),
            )
        });
        plan(&epics.collect::<Vec<_>>())
    })
}

fn is_open(plan: &Plan, epic: usize) -> bool {
    plan.epics()[epic].is_open()
}

/// Every set of epics that are still to be done, as lists of positions.
fn sets(plan: &Plan) -> Vec<Vec<usize>> {
    let open: Vec<usize> = (0..plan.epics().len()).filter(|&epic| is_open(plan, epic)).collect();
    let members =
        |mask: usize| open.iter().enumerate().filter(|(n, _)| mask >> n & 1 == 1).map(|(_, epic)| *epic).collect();
    (0..1_usize << open.len()).map(members).collect()
}

/// Whether `one` waits for `other`, by walking every way.
fn waits(plan: &Plan, one: usize, other: usize) -> bool {
    plan.dependencies(one).iter().any(|&next| is_open(plan, next) && (next == other || waits(plan, next, other)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_width_is_that_of_the_largest_set_in_which_nobody_waits(plan in small_plan()) {
        let reach = Reach::of(&plan);
        let n = plan.epics().len();
        for (one, other) in (0..n).flat_map(|one| (0..n).map(move |other| (one, other))) {
            prop_assert_eq!(reach.waits_for(one, other), waits(&plan, one, other));
        }
        let free = |set: &Vec<usize>| set.iter().all(|&one| set.iter().all(|&other| !waits(&plan, one, other)));
        let brute = sets(&plan).into_iter().filter(free).map(|set| set.len()).max();
        prop_assert_eq!(Some(schedule(&plan, &History::default()).width), brute);
    }

    #[test]
    fn the_critical_path_is_the_heaviest_chain(plan in small_plan()) {
        let weigh = |set: &[usize]| set.iter().map(|&epic| plan.epics()[epic].pending().count()).sum::<usize>();
        let is_chain = |set: &Vec<usize>| set.windows(2).all(|pair| plan.dependencies(pair[1]).contains(&pair[0]));
        let heaviest = sets(&plan).into_iter().filter(is_chain).map(|set| weigh(&set)).max();
        let path = schedule(&plan, &History::default()).critical_path;
        prop_assert_eq!(Some(path.weight), heaviest);
        prop_assert_eq!(weigh(&path.epics), path.weight);
        prop_assert!(is_chain(&path.epics));
    }

    #[test]
    fn beyond_the_useful_slots_nothing_gets_faster_and_below_it_does(plan in small_plan()) {
        let found = schedule(&plan, &History::default());
        for slots in found.useful_slots.max(1)..=plan.epics().len() {
            prop_assert_eq!(makespan(&plan, slots), found.critical_path.weight, "{} slots", slots);
        }
        prop_assert!(found.useful_slots <= 1 || makespan(&plan, found.useful_slots - 1) > found.critical_path.weight);
    }
}

#[test]
fn a_completed_plan_has_nothing_to_schedule() {
    let done =
        epic("A", &[], json!({ "status": "completed", "userStories": [{ "id": "S", "title": "s", "passes": true }] }));
    let found = schedule(&plan(&[done]), &History::default());
    assert_eq!((found.width, found.useful_slots, found.effort, found.bars.len()), (0, 0, 0, 0));
    assert!(found.critical_path.epics.is_empty());
}

#[test]
fn a_thousand_epics_are_scheduled_without_a_hang() {
    let ids: Vec<String> = (0..1_000).map(|n| format!("E{n}")).collect();
    let epics: Vec<_> = (0..ids.len())
        .map(|n| {
            epic(&ids[n], &ids[n.saturating_sub(n % 7)..n].iter().map(String::as_str).collect::<Vec<_>>(), json!({}))
        })
        .collect();
    let found = schedule(&plan(&epics), &History::default());
    assert_eq!((found.critical_path.weight, found.width, found.useful_slots), (7, 143, 63));
}

fn past(run: &str, n_stories: usize, minutes: u64) -> PastEpic {
    let run = RunId::new(run).expect("a run");
    PastEpic { run, epic: EpicId::new("A").expect("an id"), n_stories, took_ms: minutes * 60_000 }
}

#[test]
fn an_estimate_is_the_median_of_what_is_known_and_says_on_what_it_rests() {
    let plan = plan(&[
        epic("A", &[], json!({ "userStories": stories("A", 2) })),
        epic("B", &[], json!({ "userStories": stories("B", 3) })),
    ]);
    let estimate = |epics: &[PastEpic]| schedule(&plan, &History { epics: epics.to_vec() }).estimate;
    assert_eq!(estimate(&[]), None);
    assert_eq!(estimate(&[past("1", 0, 9)]), None, "an epic without stories tells nothing");
    let known = [past("2", 2, 20), past("1", 1, 6), past("1", 1, 90)];
    let minutes = |n: u64| n * 60_000;
    let runs = ["1", "2"].map(|run| RunId::new(run).expect("a run")).to_vec();
    let expected = Estimate {
        story_ms: minutes(10),
        wall_ms: minutes(30),
        alone_ms: minutes(50),
        basis: Basis { runs, n_epics: 3, n_stories: 4 },
    };
    assert_eq!(estimate(&known), Some(expected));
    assert_eq!(
        estimate(&known[..2]).map(|estimate| estimate.story_ms),
        Some(minutes(8)),
        "between the two in the middle"
    );
}
