//! The life of a hosted program, from its start until its tree is gone.

use std::io;
use std::time::{Duration, Instant};

use super::exec;
use super::ladder::{Act, Ladder, Word};
use super::reap::Reaper;
use super::spec::{EndedBy, HostExit, HostSpec};
use super::tree;
use super::wake::Wake;
use crate::clock;

/// How long what the program left behind may take to end by itself: most helpers end with their parent.
const GRACE: Duration = Duration::from_millis(100);

/// Starts the program, watches over it, and clears its tree away.
///
/// # Errors
/// When the host cannot even begin to watch; nothing was started then.
pub fn watch(spec: &HostSpec) -> io::Result<HostExit> {
    stand_apart();
    let mut wake = Wake::new()?;
    let mut ladder = Ladder::new(spec);
    if asked_to_end_already(&mut ladder, &mut wake)? {
        let never = HostExit::never_started("it was asked to stop before it began".to_owned());
        return Ok(HostExit { failed_to_start: None, ended_by: ladder.ended_by(), ..never });
    }
    let began = clock::now();
    let mut reaper = match exec::start(spec) {
        Ok(program) => Reaper::new(program),
        Err(reason) => return Ok(HostExit::never_started(reason)),
    };
    if ladder.is_paused() {
        tree::pause(&reaper);
    }
    accompany(&mut ladder, &mut reaper, &mut wake, began);
    let ended = reaper.program_status().map(|_| began.elapsed());
    if ended.is_some() {
        linger(&mut reaper, &mut wake);
    }
    let cleared = tree::clear(&mut reaper, &mut wake);
    let status = reaper.program_status();
    Ok(HostExit {
        code: status.and_then(|status| status.exit_status()),
        signal: status.and_then(|status| status.terminating_signal()),
        ended_by: ladder.ended_by(),
        n_left_over: cleared.n_killed,
        n_survivors: cleared.n_survivors,
        failed_to_start: None,
        took_ms: milliseconds(ended.unwrap_or_else(|| began.elapsed())),
        pid: reaper.program().as_raw_nonzero().get().unsigned_abs(),
    })
}

/// Leaves the terminal's session, so that its Ctrl-C and its hang-up never reach us, and becomes the one to whom
/// orphans of the tree come back.
fn stand_apart() {
    // Fails only where we lead a session or group already, and then it is not needed.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    {
        // Any process id switches it on. It exists since Linux 3.4; without it the direct tree is still cleared.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// The pipe may hold a word already, or be closed: then nothing needs to start.
fn asked_to_end_already(ladder: &mut Ladder, wake: &mut Wake) -> io::Result<bool> {
    for word in wake.wait(Some(Duration::ZERO))? {
        ladder.hear(0, word);
    }
    Ok(ladder.ended_by() != EndedBy::Itself)
}

/// Sleeps until something happens, for as long as the program lives and nobody wants it dead.
fn accompany(ladder: &mut Ladder, reaper: &mut Reaper, wake: &mut Wake, began: Instant) {
    loop {
        reaper.reap();
        if reaper.program_status().is_some() {
            return;
        }
        let now = milliseconds(began.elapsed());
        let patience = ladder.deadline().map(|at| Duration::from_millis(at.saturating_sub(now)));
        // Whoever cannot wait any more cannot keep the promise either, that nothing outlives it: better end it now.
        let words = wake.wait(patience).unwrap_or_else(|_| vec![Word::Kill]);
        reaper.reap();
        if reaper.program_status().is_some() {
            return;
        }
        let now = milliseconds(began.elapsed());
        let heard = words.into_iter().filter_map(|word| ladder.hear(now, word)).collect::<Vec<_>>();
        for act in heard.into_iter().chain(ladder.due(now)) {
            match act {
                Act::Interrupt => tree::interrupt(reaper),
                Act::Terminate => tree::terminate(reaper),
                Act::Pause => tree::pause(reaper),
                Act::Thaw => tree::thaw(reaper),
                Act::Kill => return,
            }
        }
    }
}

/// Gives what the program left a moment to end by itself; a word of the runner ends the moment.
fn linger(reaper: &mut Reaper, wake: &mut Wake) {
    let until = clock::now() + GRACE;
    while reaper.reap() {
        let left = until.saturating_duration_since(clock::now());
        let words = wake.wait(Some(left));
        if left.is_zero() || !matches!(words, Ok(words) if words.is_empty()) {
            return;
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
