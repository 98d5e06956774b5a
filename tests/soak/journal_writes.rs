//! A run that dies at a write to the journal, before it or after it, for every write there is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

use crate::outcome::{Outcome, holds_always, holds_at_the_end};
use crate::site::Site;
use crate::story::Story;

/// Runs side by side.
const THREADS: usize = 2;
/// Each run is killed in this many lives, at writes that lie this far apart: all writes are covered in sum.
const STRIDE: usize = 9;

/// How an undisturbed run ends, and how many writes it takes.
fn undisturbed() -> (Outcome, usize) {
    let site = Site::new(|beside| Story::rich(beside, false));
    let end = site.finish();
    assert_eq!(end.code, Some(0), "{end:?}");
    (Outcome::of(&site), site.n_records())
}

/// Dies once at the `first` write, then again and again `STRIDE` writes further on. The records at which it died.
fn dying_on(site: &Site, first: usize, side: &str) -> Vec<usize> {
    let mut died_at = Vec::new();
    let mut nth = first;
    loop {
        let before = site.n_records();
        let point = format!("journal:{nth}:{side}");
        let end = site.next_life(&[("RALPH_FAILPOINT", &point)]).end();
        holds_always(site);
        match end.code {
            Some(0) => return died_at,
            // An abort is a death by signal.
            None => {
                let written = if side == "after" { nth } else { nth - 1 };
                assert_eq!(site.n_records(), before + written, "{point}: {end:?}");
                died_at.push(before + nth);
            }
            Some(_) => panic!("{point}: {end:?}"),
        }
        nth = STRIDE;
    }
}

#[test]
fn a_death_at_any_write_to_the_journal_changes_nothing() {
    let (expected, n_writes) = undisturbed();
    let began = Instant::now();
    let sides = ["before", "after"];
    let next = AtomicUsize::new(0);
    let n_deaths = AtomicU32::new(0);
    let covered = Mutex::new([vec![false; n_writes + 1], vec![false; n_writes + 1]]);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let (first, side) = (n / sides.len() + 1, n % sides.len());
                    if first > STRIDE {
                        return;
                    }
                    let site = Site::new(|beside| Story::rich(beside, false));
                    let died_at = dying_on(&site, first, sides[side]);
                    holds_at_the_end(&site);
                    assert_eq!(Outcome::of(&site), expected, "{} of {first} and so on", sides[side]);
                    n_deaths.fetch_add(u32::try_from(died_at.len()).unwrap(), Ordering::Relaxed);
                    let mut covered = covered.lock().unwrap();
                    died_at.into_iter().filter(|at| *at <= n_writes).for_each(|at| covered[side][at] = true);
                }
            });
        }
    });
    let covered = covered.into_inner().unwrap();
    for (side, covered) in sides.iter().zip(&covered) {
        let missing: Vec<usize> = (1..=n_writes).filter(|at| !covered[*at]).collect();
        assert!(missing.is_empty(), "nothing died {side} writes {missing:?} of {n_writes}");
    }
    println!("{} deaths at {n_writes} writes, before and after, in {:?}", n_deaths.into_inner(), began.elapsed());
}
