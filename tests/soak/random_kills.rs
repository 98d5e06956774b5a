//! Kills and signals at random moments, again and again, until each run is over: the outcome is that of a run that
//! nobody disturbed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;

use crate::life::{HANG, Life};
use crate::outcome::{Outcome, holds_always, holds_at_the_end};
use crate::processes::{Process, within};
use crate::site::Site;
use crate::story::Story;

/// How many blows the default length must at least deal.
const FEWEST_BLOWS: u32 = 60;
/// How long it goes on at least, in seconds.
const SECONDS: u64 = 20;
/// Runs side by side.
const THREADS: u64 = 2;
/// More blows than any run needs: then it makes no headway.
const MOST_BLOWS_OF_A_RUN: u32 = 400;

/// What is done to a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    KillRunner,
    KillHost,
    KillBoth,
    Interrupt,
    Terminate,
    InterruptTwice,
}

fn draw(rng: &mut Rng) -> Blow {
    match rng.u32(0..100) {
        0..45 => Blow::KillRunner,
        45..60 => Blow::KillHost,
        60..78 => Blow::KillBoth,
        78..86 => Blow::Interrupt,
        86..93 => Blow::Terminate,
        _ => Blow::InterruptTwice,
    }
}

/// Blows dealt so far, by kind.
static DEALT: [AtomicU32; 6] = [const { AtomicU32::new(0) }; 6];

fn n_dealt() -> u32 {
    DEALT.iter().map(|count| count.load(Ordering::Relaxed)).sum()
}

fn undisturbed(with_failure: bool) -> Outcome {
    let site = Site::new(|beside| Story::rich(beside, with_failure));
    let end = site.finish();
    assert_eq!(end.code, Some(i32::from(with_failure)), "{end:?}");
    holds_at_the_end(&site);
    assert!(site.processes().is_empty());
    Outcome::of(&site)
}

#[test]
fn kills_and_signals_at_random_moments_change_nothing() {
    let seed =
        std::env::var("RALPH_SOAK_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| Rng::new().u64(..));
    let seconds = std::env::var("RALPH_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    println!("seed: RALPH_SOAK_SEED={seed}");
    let expected = [undisturbed(false), undisturbed(true)];
    let began = Instant::now();
    let n_runs = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (expected, n_runs) = (&expected, &n_runs);
            scope.spawn(move || {
                let mut rng = Rng::with_seed(seed.wrapping_add(thread));
                while n_dealt() < FEWEST_BLOWS || began.elapsed() < Duration::from_secs(seconds) {
                    let with_failure = rng.bool();
                    disturbed(&mut rng, with_failure, &expected[usize::from(with_failure)]);
                    n_runs.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let [runner, host, both, int, term, twice] = DEALT.each_ref().map(|count| count.load(Ordering::Relaxed));
    println!(
        "{} runs, {} blows in {:?}: {runner} kills of the runner, {host} of a host, {both} of the runner and all hosts, \
         {int} SIGINT, {term} SIGTERM, {twice} double SIGINT",
        n_runs.into_inner(),
        n_dealt(),
        began.elapsed()
    );
}

/// One run, struck until it is over.
fn disturbed(rng: &mut Rng, with_failure: bool, expected: &Outcome) {
    let site = Site::new(|beside| Story::rich(beside, with_failure));
    let mut leftovers = Vec::new();
    for n in 0.. {
        assert!(n < MOST_BLOWS_OF_A_RUN, "no headway after {n} blows");
        let records = site.n_records();
        let mut life = site.next_life(&[]);
        let is_over = wait_for_a_moment(rng, &site, &mut life, records);
        if site.n_records() > records {
            // Whatever the life before left has been ended by now.
            let gone = within(HANG, || !leftovers.iter().any(Process::is_alive));
            assert!(gone, "an earlier life's processes are alive: {leftovers:#?}");
        }
        if is_over {
            let end = life.end();
            match end.code {
                Some(0 | 1) => break,
                other => panic!("it ended with {other:?}: {}", end.said),
            }
        }
        let blow = draw(rng);
        DEALT[blow as usize].fetch_add(1, Ordering::Relaxed);
        let over = strike(rng, &site, life, blow);
        holds_always(&site);
        if over {
            break;
        }
        leftovers = site.processes().into_iter().collect();
    }
    site.all_gone();
    holds_at_the_end(&site);
    assert_eq!(&Outcome::of(&site), expected);
}

/// Lets the life write a few records and a little more time pass. Whether it has ended by itself meanwhile.
fn wait_for_a_moment(rng: &mut Rng, site: &Site, life: &mut Life, records: usize) -> bool {
    let wanted = records + rng.usize(0..9);
    let mut has_ended = false;
    let came = within(HANG, || {
        has_ended = life.has_ended();
        has_ended || site.n_records() >= wanted
    });
    assert!(came, "it makes no headway");
    if !has_ended {
        std::thread::sleep(Duration::from_millis(rng.u64(0..60)));
    }
    life.has_ended()
}

/// Deals the blow; whether the run was over before it had an effect.
fn strike(rng: &mut Rng, site: &Site, life: Life, blow: Blow) -> bool {
    match blow {
        Blow::KillRunner => {
            life.kill();
            if rng.bool() {
                // Its hosts clear up by themselves.
                site.all_gone();
            }
            false
        }
        Blow::KillHost => {
            let hosts: Vec<Process> = site.processes().into_iter().filter(Process::is_host).collect();
            if let Some(host) = rng.choice(&hosts) {
                host.kill();
            }
            std::thread::sleep(Duration::from_millis(rng.u64(0..200)));
            life.kill();
            false
        }
        Blow::KillBoth => {
            life.signal(Signal::STOP);
            for host in site.processes().iter().filter(|process| process.is_host()) {
                host.kill();
            }
            life.kill();
            false
        }
        Blow::Interrupt => stopped(life, &[Signal::INT], Duration::ZERO),
        Blow::Terminate => stopped(life, &[Signal::TERM], Duration::ZERO),
        Blow::InterruptTwice => {
            let between = Duration::from_millis(rng.u64(0..80));
            stopped(life, &[Signal::INT, Signal::INT], between)
        }
    }
}

fn stopped(life: Life, signals: &[Signal], between: Duration) -> bool {
    for signal in signals {
        life.signal(*signal);
        std::thread::sleep(between);
    }
    let end = life.end();
    match end.code {
        // `None`: it had not begun to listen yet.
        Some(130) | None => false,
        Some(0 | 1) => true,
        other => panic!("it ended with {other:?} after {signals:?}: {}", end.said),
    }
}
