//! The last blocks of `progress.txt`. A block begins where a run began, where it went on, and with each further wave.

use std::collections::VecDeque;
use std::io::{self, Write as _};

use super::{Desk, Stopped};
use crate::app::refusal::Refusal;
use crate::effects::follow::Follow;
use crate::ui::progress::WAVE_MARK;
use crate::ui::safe;

/// The longest line that is shown, in characters.
const LINE_MAX: usize = 2_000;

/// Shows the last `n` blocks, and with `follow` what comes.
pub fn show(desk: &Desk, n: u32, follow: bool) -> Result<(), Stopped> {
    let path = desk.repository.state.progress();
    if !path.exists() && !follow {
        return Err(Stopped::Refused(Refusal::input(
            "there is no progress.txt yet; start a run with `ralph-teams run`",
        )));
    }
    let mut begins = Begins::new(usize::try_from(n).unwrap_or(usize::MAX));
    let mut first_look = Follow::new(&path);
    while first_look.now(&mut |line| begins.take_in(line.offset, &String::from_utf8_lossy(line.bytes)))? > 0 {}
    let from = begins.oldest();
    let (mut lines, stdout) = (Follow::new(&path), io::stdout());
    desk.each_turn(follow, |_| {
        let (mut out, mut told) = (stdout.lock(), Ok(()));
        let mut on_line = |line: crate::effects::follow::Line<'_>| {
            if line.offset >= from && told.is_ok() {
                told = writeln!(out, "{}", safe_line(&String::from_utf8_lossy(line.bytes)));
            }
        };
        while lines.now(&mut on_line)? > 0 {}
        Ok(told?)
    })
}

/// Two blanks between the columns are kept.
fn safe_line(line: &str) -> String {
    let columns: Vec<String> = line.splitn(3, "  ").map(|column| safe::line(column, LINE_MAX)).collect();
    columns.join("  ")
}

/// Where the last blocks begin.
struct Begins {
    room: usize,
    offsets: VecDeque<u64>,
    /// Whether the block has a wave already.
    has_wave: bool,
}

impl Begins {
    fn new(room: usize) -> Self {
        Self { room, offsets: VecDeque::new(), has_wave: false }
    }

    fn take_in(&mut self, offset: u64, line: &str) {
        let mut columns = line.splitn(3, "  ").skip(1);
        if columns.next() != Some("run") {
            return;
        }
        let said = columns.next().unwrap_or_default();
        let is_wave = said.starts_with(WAVE_MARK);
        let is_run = said.starts_with("run ") && (said.contains(" began: ") || said.contains(" goes on; "));
        // What a run does before its first wave belongs to that wave.
        if is_run || (is_wave && self.has_wave) || (is_wave && self.offsets.is_empty()) {
            if self.offsets.len() == self.room {
                self.offsets.pop_front();
            }
            self.offsets.push_back(offset);
        }
        self.has_wave = is_wave || (self.has_wave && !is_run);
    }

    /// Where the oldest of them begins; the beginning of the file when there is none.
    fn oldest(&self) -> u64 {
        self.offsets.front().copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(n: usize, lines: &[&str]) -> Vec<u64> {
        let mut begins = Begins::new(n);
        for (offset, line) in (0..).zip(lines) {
            begins.take_in(offset, &format!("2026-11-20T10:15:00+01:00  {line}"));
        }
        begins.offsets.into()
    }

    #[test]
    fn a_block_is_a_wave_and_the_first_one_holds_what_came_before_it() {
        let lines = [
            "run  run r1 of \"p\" began: 2 epics",
            "run  ready",
            "run  wave 1 of 2 begins",
            "A  a worktree is being made",
            "run  wave 2 of 2 begins",
            "A  the run goes on; wave 3",
            "run  run r1 goes on; 1 piece of work is taken up again",
            "run  wave 3 of 3 begins",
        ];
        assert_eq!(begins(9, &lines), [0, 4, 6]);
        assert_eq!(begins(2, &lines), [4, 6]);
    }

    #[test]
    fn a_file_without_marks_is_one_block() {
        assert!(begins(3, &["A  hello", "run  hello"]).is_empty());
    }
}
