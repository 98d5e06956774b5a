//! Asking a person before something is done that they may not want.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use super::refusal::Refusal;

/// Asks a question that is answered by yes or no. Without a terminal nobody can be asked, and the answer is no.
///
/// # Errors
/// The terminal cannot be read.
pub fn agrees(question: &str) -> Result<bool, Refusal> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(false);
    }
    let mut stderr = std::io::stderr();
    // A prompt that is not seen leaves the answer "no".
    let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(Refusal::environment)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
