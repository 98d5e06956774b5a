//! A page that is being written: lines, and the evidence of what they claim.

use crate::survey::quote::Quote;

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Page {
    lines: Vec<String>,
    evidence: Vec<(String, Quote)>,
}

impl Page {
    /// The title of the whole.
    pub fn title(&mut self, text: &str) {
        self.lines.push(format!("# {}", plain(text)));
    }

    /// The heading of a section.
    pub fn heading(&mut self, text: &str) {
        self.lines.extend([String::new(), format!("## {text}"), String::new()]);
    }

    /// A line that needs no evidence.
    pub fn line(&mut self, text: &str) {
        self.lines.push(plain(text));
    }

    /// A claim with the lines that back it.
    pub fn claim(&mut self, text: &str, quotes: &[Quote]) {
        let places: Vec<String> = quotes.iter().map(ToString::to_string).collect();
        self.lines.push(format!("{} (from {})", plain(text), places.join(", ")));
        let what = plain(text.trim_start_matches([' ', '-']));
        self.evidence.extend(quotes.iter().map(|quote| (what.clone(), quote.clone())));
    }

    /// The text, with the evidence in a table at its end as far as there is room for it.
    pub fn finish(mut self, most_lines: usize) -> String {
        if !self.evidence.is_empty() {
            self.heading("Evidence");
            self.lines.push("| claim | place | line |".to_owned());
            self.lines.push("|---|---|---|".to_owned());
            let room = most_lines.saturating_sub(self.lines.len() + 2);
            let left_out = self.evidence.len().saturating_sub(room);
            for (claim, quote) in self.evidence.iter().take(room) {
                self.lines.push(format!("| {} | {quote} | {} |", cell(claim, 60), code(&cell(&quote.text, 80))));
            }
            if left_out > 0 {
                self.lines
                    .extend([String::new(), format!("{left_out} more stand in the text above with their places.")]);
            }
        }
        self.lines.truncate(most_lines);
        self.lines.join("\n") + "\n"
    }
}

/// Text as code, whatever is in it.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {} ``", plain(text)) } else { format!("`{}`", plain(text)) }
}

/// One line, without what steers a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned()
}

fn cell(text: &str, most: usize) -> String {
    let mut cell: String = text.chars().take(most).collect();
    if cell.len() < text.len() {
        // An open backtick would swallow the rest of the row.
        cell = format!("{}...", cell.replace('`', ""));
    }
    cell.replace('|', "\\|")
}
