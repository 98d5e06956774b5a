//! Texts as words of a shell, in commands that people are told to type.

/// The text as a shell takes it for one word; as it stands where that is possible.
#[must_use]
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ',' | ':' | '@');
    let is_one_word = !text.is_empty() && text.chars().all(is_plain);
    if is_one_word { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_take_apart_is_quoted() {
        for plain in ["a", "/tmp/a-b_c.d", "ralph/loop/x", "日本", "a@b:1,2+3"] {
            assert_eq!(word(plain), plain);
        }
        for (text, quoted) in
            [("", "''"), ("a b", "'a b'"), ("a;b", "'a;b'"), ("~", "'~'"), ("it's", r"'it'\''s'"), ("$x", "'$x'")]
        {
            assert_eq!(word(text), quoted);
        }
    }
}
