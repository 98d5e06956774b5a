//! Which files a text names. Better to overlook one than to take a web address, a route or a library for a file.

use super::vocabulary::vocabulary;

/// A place in the repository that a text names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// A file with its folder: `src/api/users.rs`.
    File(String),
    /// A file without one, which may be in many places: `README.md`.
    Bare(String),
    /// A folder, with a slash at its end: `src/api/`; also all of a pattern like `src/api/**`.
    Folder(String),
}

/// The places that a text names, in its order.
pub(super) fn named_in(text: &str) -> Vec<Named> {
    let wrapping = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '`' | '"' | '\'' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | '“' | '”' | '<' | '>' | '|'
            )
    };
    text.split(wrapping).filter_map(named).collect()
}

fn named(word: &str) -> Option<Named> {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let word = word.strip_prefix("./").unwrap_or(word);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '*' | '+' | '@');
    // A route begins with a slash; an address has a scheme.
    if !word.chars().all(is_plain)
        || word.starts_with(['/', '@', '-', '*'])
        || word.contains("//")
        || word.contains("..")
    {
        return None;
    }
    match word.rsplit_once('/') {
        None => is_file(word).then(|| Named::Bare(word.to_owned())),
        Some(_) if word.contains('*') => pattern(word),
        Some((folder, "")) => is_folder(folder, 1).then(|| Named::Folder(word.to_owned())),
        Some((_, name)) if is_file(name) => Some(Named::File(word.to_owned())),
        Some(_) => is_folder(word, 3).then(|| Named::Folder(format!("{word}/"))),
    }
}

/// The folder below which everything is that a pattern can match.
fn pattern(word: &str) -> Option<Named> {
    let fixed = &word[..word.find('*')?];
    let folder = &fixed[..=fixed.rfind('/')?];
    Some(Named::Folder(folder.to_owned()))
}

/// Whether it is a path of so many parts that begins as paths in repositories do. ("read/write" is none.)
fn is_folder(path: &str, least_parts: usize) -> bool {
    let mut parts = path.split('/');
    let begins = parts.next().is_some_and(|first| vocabulary().root_folders.contains(first));
    begins && parts.count() + 1 >= least_parts
}

fn is_file(name: &str) -> bool {
    let known = vocabulary();
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    !stem.is_empty()
        && known.extensions.contains(extension)
        && !known.not_files.contains(&name.to_lowercase())
        && !stem.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_told_from_what_only_looks_like_them() {
        let file = |path: &str| vec![Named::File(path.to_owned())];
        let bare = |path: &str| vec![Named::Bare(path.to_owned())];
        let folder = |path: &str| vec![Named::Folder(path.to_owned())];
        for (text, expected) in [
            ("Edit `src/api/users.rs`.", file("src/api/users.rs")),
            ("(see ./web/app.tsx:)", file("web/app.tsx")),
            ("all of src/api/** too", folder("src/api/")),
            ("all below src/", folder("src/")),
            ("in src/api/", folder("src/api/")),
            ("in packages/core/src", folder("packages/core/src/")),
            ("extends README.md", bare("README.md")),
            ("Cargo.toml, of course", bare("Cargo.toml")),
        ] {
            assert_eq!(named_in(text), expected, "{text}");
        }
        for text in [
            "https://example.org/a/b.html",
            "GET /books/list.json",
            "read/write and and/or",
            "client/server",
            "24/7, 1/2",
            "application/json over TCP/IP",
            "Node.js with Next.js",
            "e.g. this etc.",
            "version 1.2.3",
            "ada@example.org",
            "../x.rs",
            "user.name",
        ] {
            assert_eq!(named_in(text), [], "{text}");
        }
    }
}
