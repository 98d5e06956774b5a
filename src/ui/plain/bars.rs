//! The bars: one line per running epic at the bottom of the terminal, drawn by indicatif.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::{look::Look, wrap};
use crate::scheduler::view::TrackView;
use crate::scheduler::{RunView, Scope};
use crate::ui::{phrases, summary};

/// Tells the columns and rows of the terminal, as often as it is asked.
pub type Size = Box<dyn Fn() -> (u16, u16) + Send + Sync>;

/// How often a second the bars are drawn at most.
const FRAMES_PER_SECOND: u8 = 8;
/// Columns of a bar's clock with the blanks around it.
const CLOCK: usize = 12;
/// Rows that are left to the lines however many bars there are.
const ROWS_FOR_LINES: u16 = 6;

/// The bars of the tracks that are at work.
pub struct Bars<W> {
    look: Look,
    screen: Screen<W>,
    multi: MultiProgress,
    bars: BTreeMap<Scope, Bar>,
}

struct Bar {
    bar: ProgressBar,
    /// When the track came into its state, to notice that it is another one.
    since: u64,
}

impl<W: Write + Send + 'static> Bars<W> {
    /// No bars yet, on a terminal of this size.
    pub fn new(out: W, look: Look, size: Size) -> Self {
        let screen = Screen { terminal: Arc::new(Mutex::new(Terminal { out, failed: None })), size: Arc::from(size) };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), FRAMES_PER_SECOND);
        Self { look, screen, multi: MultiProgress::with_draw_target(target), bars: BTreeMap::new() }
    }

    /// The columns of the terminal.
    pub fn columns(&self) -> usize {
        usize::from(self.screen.width())
    }

    /// Prints lines above the bars.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        if self.bars.is_empty() {
            // Without a bar there is nothing to draw around, and indicatif would leave an empty line.
            self.screen.write_line(text)?;
            return self.screen.flush();
        }
        self.multi.println(text)?;
        self.health()
    }

    /// Shows what the agent of this track does.
    pub fn activity(&mut self, scope: &Scope, line: String) -> io::Result<()> {
        if let Some(bar) = self.bars.get(scope) {
            bar.bar.set_message(line);
        }
        self.health()
    }

    /// Makes, changes and removes bars, so that there is one for each track that is at work.
    pub fn refresh(&mut self, view: &RunView) -> io::Result<()> {
        let room = usize::from(self.screen.height().saturating_sub(ROWS_FOR_LINES)).max(1);
        let at_work: Vec<&TrackView> =
            view.epics.iter().chain(&view.fixes).filter(|track| track.state.is_at_work()).take(room).collect();
        let gone: Vec<Scope> =
            self.bars.keys().filter(|scope| !at_work.iter().any(|track| track.scope == **scope)).cloned().collect();
        for scope in gone {
            if let Some(bar) = self.bars.remove(&scope) {
                bar.bar.finish_and_clear();
                self.multi.remove(&bar.bar);
            }
        }
        for track in at_work {
            self.show(track);
        }
        self.health()
    }

    fn show(&mut self, track: &TrackView) {
        let room = self.columns().saturating_sub(CLOCK);
        let head = wrap::cut(&head(track, self.look), room).to_owned();
        if let Some(bar) = self.bars.get_mut(&track.scope) {
            if bar.since != track.since {
                bar.since = track.since;
                bar.bar.reset_elapsed();
                bar.bar.set_message("");
            }
            bar.bar.set_prefix(head);
            return;
        }
        // The width of `wide_msg` is what is left of the line: a bar never takes two where its head leaves room for the clock.
        let style = ProgressStyle::with_template("{prefix}  {elapsed_precise}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.multi.add(ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(head);
        self.bars.insert(track.scope.clone(), Bar { bar, since: track.since });
    }

    /// Lets the clocks on the bars go on.
    pub fn tick(&mut self) -> io::Result<()> {
        for bar in self.bars.values() {
            bar.bar.tick();
        }
        self.health()
    }

    /// Takes all bars off the screen.
    pub fn clear(&mut self) -> io::Result<()> {
        for (_, bar) in std::mem::take(&mut self.bars) {
            bar.bar.finish_and_clear();
            self.multi.remove(&bar.bar);
        }
        self.health()
    }

    /// The error of a drawing, which indicatif keeps to itself.
    fn health(&self) -> io::Result<()> {
        self.screen.lock().failed.take().map_or(Ok(()), Err)
    }
}

/// What a bar begins with: who, where it stands, and its stories.
fn head(track: &TrackView, look: Look) -> String {
    let who = wrap::pad(&phrases::who(&track.scope), super::WHO_WIDTH);
    let stories = if track.n_stories == 0 {
        String::new()
    } else {
        format!("  {}/{} stories", track.stories_passed, track.n_stories)
    };
    format!("{} {who}  {}{stories}", look.bar(), summary::state(&track.state))
}

/// The terminal as indicatif wants it, on a writer of ours, so that lines and bars share one and errors are seen.
struct Screen<W> {
    terminal: Arc<Mutex<Terminal<W>>>,
    size: Arc<dyn Fn() -> (u16, u16) + Send + Sync>,
}

struct Terminal<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Screen<W> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Terminal<W>> {
        self.terminal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes, and remembers an error as well as returning it.
    fn write(&self, act: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
        let mut terminal = self.lock();
        act(&mut terminal.out)
            .inspect_err(|error| terminal.failed = Some(io::Error::new(error.kind(), error.to_string())))
    }

    /// Moves the cursor `n` steps; `direction` is the last letter of the control sequence.
    fn step(&self, n: usize, direction: char) -> io::Result<()> {
        if n == 0 { Ok(()) } else { self.write(|out| write!(out, "\x1b[{n}{direction}")) }
    }
}

impl<W> Clone for Screen<W> {
    fn clone(&self) -> Self {
        Self { terminal: Arc::clone(&self.terminal), size: Arc::clone(&self.size) }
    }
}

impl<W> fmt::Debug for Screen<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

impl<W: Write + Send> TermLike for Screen<W> {
    fn width(&self) -> u16 {
        (self.size)().0
    }

    fn height(&self) -> u16 {
        (self.size)().1
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.step(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.step(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.step(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.step(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.write(|out| writeln!(out, "{s}"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.write(|out| out.write_all(s.as_bytes()))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write(|out| out.write_all(b"\r\x1b[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        self.write(Write::flush)
    }
}
