//! What the fake agent prints.

use std::io::{ErrorKind, Write as _};

use serde_json::{Value, json};

use crate::session::Fault;

/// Prints bytes and flushes. A reader that went away is no fault: real agents go on too.
pub fn print(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints many bytes as fast as the system takes them, in lines of this length (0: none ends).
pub fn flood(bytes: u64, line: usize) -> Result<(), Fault> {
    let mut block = vec![b'x'; 64 * 1024];
    if line != 0 {
        // Whole lines only, so that blocks can follow one another.
        block.resize(block.len().next_multiple_of(line), b'x');
        block.iter_mut().skip(line - 1).step_by(line).for_each(|byte| *byte = b'\n');
    }
    let mut left = bytes;
    while left > 0 {
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        print(&block[..n])?;
        left -= n as u64;
    }
    Ok(())
}

/// Prints each value as one line.
pub fn stream(values: &[Value]) -> Result<(), Fault> {
    values.iter().try_for_each(|value| print(format!("{value}\n").as_bytes()))
}

/// Prints what claude prints for a turn of one answer.
pub fn claude_turn(session: &str, text: &str) -> Result<(), Fault> {
    let usage = json!({ "input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 0 });
    stream(&[
        json!({ "type": "system", "subtype": "init", "session_id": session, "model": "fake-model", "tools": ["Bash"] }),
        json!({ "type": "assistant", "session_id": session,
                "message": { "role": "assistant", "content": [{ "type": "text", "text": text }], "usage": usage } }),
        json!({ "type": "result", "subtype": "success", "is_error": false, "session_id": session, "result": text,
                "num_turns": 1, "duration_ms": 12, "total_cost_usd": 0.0123, "usage": usage }),
    ])
}
