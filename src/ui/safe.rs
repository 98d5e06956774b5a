//! Makes foreign text safe to show: what agents, gates, git and the PRD say can hold escape sequences that would
//! move the cursor, retitle the window or turn the reading direction around.

/// The longest line that one piece of foreign text becomes, in characters.
pub const LINE_MAX: usize = 400;

/// What stands where text was cut off. Plain ASCII, so that it reads everywhere.
const CUT: &str = "...";

/// The text as one line of at most `max` characters, without escape sequences, control characters and characters
/// that are invisible or turn the reading direction. White space of any kind becomes a single blank.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut n_chars = 0;
    let mut blank = false;
    // One blank can be due before a character, so the bound is looked at before both are added.
    for c in Stripped::new(text) {
        if c.is_whitespace() || c.is_control() {
            blank = n_chars > 0;
            continue;
        }
        if is_deceptive(c) {
            continue;
        }
        if n_chars + usize::from(blank) >= max {
            return cut(line, max);
        }
        if blank {
            line.push(' ');
            n_chars += 1;
            blank = false;
        }
        line.push(c);
        n_chars += 1;
    }
    line
}

/// [`line()`] with the usual bound.
#[must_use]
pub fn short(text: &str) -> String {
    line(text, LINE_MAX)
}

/// The last `n_max` lines of the text that hold anything, each made safe like by [`line()`] but with its indentation kept.
#[must_use]
pub fn tail(text: &str, n_max: usize) -> Vec<String> {
    // Only what can become part of the answer is looked at: a gate may have printed one line of many megabytes.
    let mut lines: Vec<String> = text
        .lines()
        .rev()
        .map(|raw| {
            let indent = raw.chars().take_while(|c| *c == ' ').count().min(16);
            let safe = short(raw);
            if safe.is_empty() { safe } else { format!("{:indent$}{safe}", "") }
        })
        .filter(|safe| !safe.is_empty())
        .take(n_max)
        .collect();
    lines.reverse();
    lines
}

/// The text with its line breaks, at most `max` characters of it from the end, safe otherwise: for machine formats, whose
/// readers may print a field as it is.
#[must_use]
pub fn block(text: &str, max: usize) -> String {
    let safe: Vec<char> = Stripped::new(text)
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !(c.is_control() || is_deceptive(*c)))
        .collect();
    safe[safe.len().saturating_sub(max)..].iter().collect()
}

fn cut(line: String, max: usize) -> String {
    let n_kept = max.saturating_sub(CUT.len());
    let mut kept: String = line.chars().take(n_kept).collect();
    kept.push_str(&CUT[..CUT.len().min(max)]);
    kept
}

/// Characters that are not control characters by Unicode's category, but hide or reorder what stands around them:
/// marks and overrides of direction, invisible spaces and operators, line separators, tag characters. The two joiners stay: many
/// scripts and emoji need them.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// The characters of a text without its escape sequences. A sequence that does not end is given up at the next line
/// break, so that one stray byte cannot swallow the rest.
struct Stripped<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> Stripped<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.chars().peekable() }
    }

    /// Skips the parameters and the final byte of a control sequence.
    fn skip_control_sequence(&mut self) {
        while self.chars.next_if(|c| matches!(c, '\u{20}'..='\u{3F}')).is_some() {}
        self.chars.next_if(|c| matches!(c, '\u{40}'..='\u{7E}'));
    }

    /// Skips a string (window title, hyperlink, ...) up to its terminator.
    fn skip_string(&mut self) {
        while let Some(c) = self.chars.next_if(|c| *c != '\n') {
            match c {
                '\u{7}' | '\u{9C}' => return,
                '\u{1B}' => {
                    self.chars.next_if_eq(&'\\');
                    return;
                }
                _ => {}
            }
        }
    }

    fn skip_escape(&mut self) {
        match self.chars.peek() {
            Some('[') => {
                self.chars.next();
                self.skip_control_sequence();
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                self.chars.next();
                self.skip_string();
            }
            // A short one: intermediate bytes, then the final one.
            Some('\u{20}'..='\u{7E}') => {
                while self.chars.next_if(|c| matches!(c, '\u{20}'..='\u{2F}')).is_some() {}
                self.chars.next_if(|c| matches!(c, '\u{30}'..='\u{7E}'));
            }
            Some(_) | None => {}
        }
    }
}

impl Iterator for Stripped<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            match self.chars.next()? {
                '\u{1B}' => self.skip_escape(),
                '\u{9B}' => self.skip_control_sequence(),
                '\u{90}' | '\u{98}' | '\u{9D}'..='\u{9F}' => self.skip_string(),
                c => return Some(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_go_with_all_their_parameters() {
        assert_eq!(line("\u{1B}[1;31mred\u{1B}[0m", 80), "red");
        assert_eq!(line("\u{1B}]0;your new title\u{7}text", 80), "text");
        assert_eq!(line("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", 80), "link");
        assert_eq!(line("\u{9B}2Jgone", 80), "gone");
        assert_eq!(line("\u{1B}(Bx\u{1B}cy", 80), "xy");
    }

    #[test]
    fn a_sequence_that_never_ends_swallows_one_line_at_most() {
        assert_eq!(line("a\u{1B}]0;title\nb", 80), "a b");
    }

    #[test]
    fn line_breaks_become_blanks_and_direction_marks_vanish() {
        assert_eq!(line(" a\r\n\tb\u{2028}c ", 80), "a b c");
        assert_eq!(line("safe\u{202E}exe.txt", 80), "safeexe.txt");
    }

    #[test]
    fn joiners_stay_because_emoji_need_them() {
        assert_eq!(line("👩\u{200D}🔧", 80), "👩\u{200D}🔧");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(line("abcdefgh", 8), "abcdefgh");
        assert_eq!(line("abcdefghi", 8), "abcde...");
        assert_eq!(line("abc", 2), "..");
    }

    #[test]
    fn a_tail_is_the_last_lines_that_hold_anything() {
        assert_eq!(tail("one\n\n  two\n\u{1B}[0m\nthree\n", 2), ["  two", "three"]);
    }

    #[test]
    fn a_block_keeps_its_line_breaks_and_its_end() {
        assert_eq!(block("a\r\n\u{1B}[1mb", 80), "a\nb");
        assert_eq!(block("abc", 2), "bc");
    }

    /// Text in which the dangerous characters are as frequent as they never are by chance.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            "[\\x00-\\x1f\\x7f-\\u{9f}\\u{200b}-\\u{200f}\\u{2028}-\\u{202e}\\u{2060}-\\u{206f}]",
            "\\x1b[\\[\\]P_(][0-9;]{0,4}[a-zA-Z\\x07\n]",
            "[a-z ]{1,6}",
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_control_character_survives_in_a_line(text in hostile(), max in 0_usize..60) {
            let safe = line(&text, max);
            prop_assert!(!safe.chars().any(|c| c.is_control() || is_deceptive(c)), "{safe:?}");
            prop_assert!(safe.chars().count() <= max);
        }

        #[test]
        fn no_control_character_but_line_breaks_survives_in_a_block(text in hostile(), max in 0_usize..60) {
            let safe = block(&text, max);
            prop_assert!(!safe.chars().any(|c| c != '\n' && (c.is_control() || is_deceptive(c))), "{safe:?}");
            prop_assert!(safe.chars().count() <= max);
        }

        #[test]
        fn no_control_character_survives_in_a_tail(text in hostile()) {
            prop_assert!(tail(&text, 5).iter().all(|l| !l.chars().any(|c| c.is_control() || is_deceptive(c))));
        }

        #[test]
        fn plain_text_stays_as_it_is(text in "[a-z0-9]{1,10}( [a-zäöü日本]{1,10}){0,4}") {
            prop_assert_eq!(line(&text, LINE_MAX), text);
        }
    }
}
