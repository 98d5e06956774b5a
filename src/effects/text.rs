//! Somebody else's text, made harmless before it goes into a message, a prompt or a report of ours.

/// White space and control characters become single spaces, so that no text can begin a line. Escape sequences of a
/// terminal lose their escape.
#[must_use]
pub fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_begins_a_line_or_steers_a_terminal() {
        assert_eq!(one_line(" a\r\n\tb\u{1b}[31m\u{85}c\0 "), "a b [31m c");
        assert_eq!(one_line("\n"), "");
    }
}
