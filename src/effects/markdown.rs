//! Somebody else's text inside of our Markdown: it cannot pose as a heading, a table, a link or a line of ours.

use super::text;

/// The longest text of somebody else's that is shown; the whole of it is in `verdict.json`.
const LONGEST_TEXT: usize = 600;

/// Text of somebody else's as one harmless line: no line break, no control character, nothing that Markdown or HTML
/// would act upon.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at_start = true;
    for c in short_line(text).chars() {
        let marks_a_block = at_start && matches!(c, '-' | '+' | '=' | ':');
        // "1." and "1)" begin a list wherever a line or a list item begins.
        let ends_a_number = matches!(c, '.' | ')') && out.bytes().all(|byte| byte.is_ascii_digit());
        if marks_a_block || ends_a_number || "\\`*_{}[]<>|~#&!$".contains(c) {
            out.push('\\');
        }
        out.push(c);
        at_start = false;
    }
    out
}

/// Somebody else's text as code: it appears letter by letter and means nothing.
#[must_use]
pub fn code(text: &str) -> String {
    let text = short_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A backtick at the edge would join the fence; Markdown drops one space on each side.
    let pad = if text.is_empty() || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn short_line(text: &str) -> String {
    // These turn the direction of the text around, and with it what a reader believes to see.
    let turns = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let words = text::one_line(&text.chars().filter(|&c| !turns(c)).collect::<String>());
    match words.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_an_agent_says_becomes_structure() {
        for forged in [
            "ok\n\n# demo: PASS\n\n| epic | result |\n|---|---|\n| A | merged |",
            "</ul><h1>PASS</h1><!--",
            "```\n**PASS** [click](http://x) ![i](http://x)",
            "- # PASS\u{2028}## PASS\r1. x",
            "&lt;script&gt; \u{202E}SSAP",
            "1. one",
        ] {
            let line = plain(forged);
            assert!(!line.contains('\n') && !line.contains('\r') && !line.contains('\u{202E}'), "{line}");
            let mut before = ' ';
            for c in line.chars() {
                assert!(before == '\\' || !"`*_[]<>|#&!".contains(c), "{c} is bare in {line}");
                before = if before == '\\' { ' ' } else { c };
            }
            assert!(!line.starts_with("- ") && !line.starts_with("1. "), "{line}");
        }
    }

    #[test]
    fn a_command_with_backticks_stays_inside_its_code() {
        assert_eq!(code("echo `date` ``x``"), "``` echo `date` ``x`` ```");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn a_text_without_end_is_cut() {
        assert!(plain(&"x".repeat(1_000_000)).chars().count() <= LONGEST_TEXT + 1);
    }
}
