//! The scheduler in a simulated world: random projects, random fates, crashes at every half step, Ctrl-C at any moment.
//!
//! Each seed stands for a project ([`generate`]) and for what will happen to each piece of work ([`fates`]). A [`world`]
//! with commits, branches, worktrees, reports and a journal carries out the commands ([`perform`]); the [`driver`] plays
//! the loop of the runner on a virtual clock. After every event the [`invariants`] are asserted, and what the view
//! says is held against the world ([`sight`]), what is consumed against the budget ([`spending`]); events that must change nothing are thrown in ([`garbage`]).
//!
//! Leads delegate to sessions that work for them ([`delegating`]). Sessions go on in their [`conversations`]. A person steers single epics meanwhile ([`steering`]), and
//! pauses the run. In most seeds epics are planned, judged, or both ([`judgements`]). Providers turn sessions away, also in
//! the middle of their work ([`rounds`]).
//!
//! Per seed: the undisturbed run; the same run crashed before and after the journal's write of an event and resumed,
//! sometimes crashed again; the same run stopped by Ctrl-C and resumed. A disturbed run must end like the undisturbed one.
//!
//! Where the comparison is weaker, and why, stands in [`compare`]. Between two lives somebody may edit the plan ([`edits`]).
//!
//! Switches, as environment variables:
//! - `RALPH_SIM_SEEDS=100000`: so many seeds (500 by default); `RALPH_SIM_FROM=n`: beginning with this one;
//! - `RALPH_SIM_SEED=n`: this seed alone, disturbed at every step;
//! - `RALPH_SIM_REPLAY=file cargo test --test sim replay`: tells a saved failure event by event, and plays it again.

mod compare;
mod conversations;
mod delegating;
mod driver;
mod edits;
mod fates;
mod garbage;
mod generate;
mod graph;
mod invariants;
mod judgements;
mod perform;
mod replay;
mod rounds;
mod sight;
mod spending;
mod steering;
mod watch;
mod world;
mod world_test;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use compare::same_end;
use fastrand::Rng;
use ralph_teams::scheduler::event::Stop;

use driver::{Failure, Strike, StrikeKind, play};
use generate::Setup;

/// Seeds of an ordinary test run.
const N_SEEDS: u64 = 500;
/// Disturbed runs of each seed in an ordinary test run.
const N_DISTURBED: usize = 9;

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Plays a seed undisturbed and disturbed. The error is what to tell people.
fn try_seed(seed: u64, thorough: bool) -> Result<(), String> {
    let setup = Arc::new(Setup::of(seed));
    let calm = play(&setup, &[]).map_err(|failure| replay::save(seed, &[], &failure))?;
    for strikes in strikes_of(seed, calm.n_steps, thorough) {
        let struck = play(&setup, &strikes).map_err(|failure| replay::save(seed, &strikes, &failure))?;
        if let Err(violation) = same_end(&setup, &calm.found, &struck.found) {
            let failure = Failure { violation, step: struck.n_steps, journal: struck.journal };
            return Err(replay::save(seed, &strikes, &failure));
        }
    }
    Ok(())
}

/// The disturbances of a seed: each at one step, some with a second one soon after it.
fn strikes_of(seed: u64, n_steps: usize, thorough: bool) -> Vec<Vec<Strike>> {
    let mut rng = Rng::with_seed(seed ^ 0x5717);
    let mut steps: Vec<usize> = (1..n_steps).collect();
    if !thorough {
        rng.shuffle(&mut steps);
        steps.truncate(N_DISTURBED.div_ceil(3));
    }
    let mut all = Vec::new();
    for step in steps {
        let kinds = [
            StrikeKind::CrashBefore,
            StrikeKind::CrashAfter { salt: rng.u64(..) },
            StrikeKind::Stop(if rng.u32(..4) == 0 { Stop::Now } else { Stop::Graceful }),
        ];
        for kind in kinds {
            let mut strikes = vec![Strike { step, kind }];
            if rng.bool() {
                let again = step + rng.usize(1..12);
                strikes.push(Strike { step: again, kind: second(&mut rng) });
            }
            all.push(strikes);
        }
    }
    all
}

fn second(rng: &mut Rng) -> StrikeKind {
    match rng.u32(..3) {
        0 => StrikeKind::CrashBefore,
        1 => StrikeKind::CrashAfter { salt: rng.u64(..) },
        _ => StrikeKind::Stop(Stop::Now),
    }
}

/// Plays seeds on all cores; the failures by seed.
fn try_seeds(from: u64, n_seeds: u64) -> BTreeMap<u64, String> {
    let next = AtomicU64::new(from);
    let worker = || {
        let mut failures = BTreeMap::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + n_seeds {
                return failures;
            }
            if let Err(text) = try_seed(seed, false) {
                failures.insert(seed, text);
            }
        }
    };
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker that ends")).collect()
    })
}

#[test]
fn the_invariants_hold_in_every_world_however_it_is_disturbed() {
    let failures = match number_from("RALPH_SIM_SEED") {
        Some(seed) => try_seed(seed, true).err().map(|text| (seed, text)).into_iter().collect(),
        None => {
            let from = number_from("RALPH_SIM_FROM").unwrap_or(0);
            try_seeds(from, number_from("RALPH_SIM_SEEDS").unwrap_or(N_SEEDS))
        }
    };
    let mut by_invariant: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (seed, text) in &failures {
        by_invariant.entry(text.split(':').next().unwrap_or_default()).or_default().push(*seed);
    }
    by_invariant.iter().for_each(|(invariant, seeds)| println!("{}: {} seeds, {seeds:?}", invariant, seeds.len()));
    let shown: Vec<&String> = failures.values().take(20).collect();
    assert!(failures.is_empty(), "{} seeds failed, the first of them:\n{shown:#?}", failures.len());
}
