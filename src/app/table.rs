//! Lists for people: columns that line up, safe on a terminal, and written so that a reader may leave early.

use std::io::{self, Write as _};

use unicode_width::UnicodeWidthStr as _;

use super::refusal::Refusal;
use crate::exit::ExitCode;
use crate::ui::safe;

/// Columns that line up under their titles, two blanks apart.
#[must_use]
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let titles = titles.iter().map(|title| (*title).to_owned()).collect();
    let rows: Vec<Vec<String>> =
        std::iter::once(&titles).chain(rows).map(|row| row.iter().map(|cell| safe::short(cell)).collect()).collect();
    let width = |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| cell.clone() + &" ".repeat(width - cell.width()));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Writes a text to standard output; a reader that has seen enough is no failure.
///
/// # Errors
/// It cannot be written.
pub fn print(text: &str) -> Result<ExitCode, Refusal> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Refusal::environment(format!("standard output cannot be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(ExitCode::Success),
    }
}

/// The same for JSON.
///
/// # Errors
/// It cannot be written.
pub fn print_json(value: &serde_json::Value) -> Result<ExitCode, Refusal> {
    print(&format!("{value}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        let rows = [vec!["\u{1b}[31m日本".to_owned(), "1".to_owned()], vec!["b".to_owned(), "22".to_owned()]];
        insta::assert_snapshot!(table(&["name", "n"], &rows), @r"
        name  n
        日本  1
        b     22
        ");
    }
}
