//! While a person is asked at the terminal: a signal that asks us to go is heeded at once, and not after the answer.
//!
//! **Invariant:** nothing is begun while somebody is asked, so the program can end at any moment of it; the terminal is then
//! what it was before, and no signal that came before the answer is lost.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::refusal::Refusal;

/// Shows the cursor, which a question may have hidden, and ends its line.
const AFTER_A_QUESTION: &[u8] = b"\x1b[?25h\x1b[0m\r\n";

/// Until it is dropped, INT, TERM and HUP end the program.
pub struct Asking {
    listeners: Vec<SigId>,
    watcher: Option<JoinHandle<()>>,
}

impl Asking {
    /// Begins to heed them. `left`: what is said then, and the exit code.
    ///
    /// # Errors
    /// The system gives no pipe or no thread.
    pub fn begin(left: Refusal) -> io::Result<Self> {
        let mut asking = Self { listeners: Vec::new(), watcher: None };
        let (woken, wake) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            asking.listeners.push(signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?);
        }
        // The last of the other sides is closed with the last listener, which ends the thread.
        drop(wake);
        let modes = Modes::remembered();
        let watch = move || {
            if is_woken(woken) {
                leave(modes, &left);
            }
        };
        asking.watcher = Some(std::thread::Builder::new().name("asking".to_owned()).spawn(watch)?);
        Ok(asking)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        for listener in self.listeners.drain(..) {
            signal_hook::low_level::unregister(listener);
        }
        if let Some(watcher) = self.watcher.take() {
            // A signal that came before the answer still ends the program, here.
            let _ = watcher.join();
        }
    }
}

/// Waits for a signal; `false`: nobody is asked any more.
fn is_woken(mut woken: UnixStream) -> bool {
    loop {
        match woken.read(&mut [0; 1]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return matches!(read, Ok(1..)),
        }
    }
}

fn leave(modes: Modes, left: &Refusal) -> ! {
    drop(modes);
    // The terminal may be gone.
    let _ = io::stderr().write_all(AFTER_A_QUESTION);
    std::process::exit(left.tell().number().into())
}

/// The terminal's modes, put back when dropped.
pub struct Modes(Option<Termios>);

impl Modes {
    /// As they are now.
    #[must_use]
    pub fn remembered() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        if let Some(modes) = &self.0 {
            // The terminal may be gone.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
    }
}
