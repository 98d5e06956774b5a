//! What docs/tui.md says is what the program does.

use std::fmt::Write as _;
use std::path::Path;

use ralph_teams::ui::tui::keys::{KEYS, When};

/// The table of keys as the document has it.
fn table() -> String {
    let mut table = "| key | what it does | where |\n|---|---|---|\n".to_owned();
    for binding in KEYS {
        let place = match binding.when {
            When::Always => "",
            When::Own => "the run's own screen",
            When::Watch => "`watch`",
        };
        let keys: Vec<String> = binding.shown.split(' ').map(|key| format!("`{key}`")).collect();
        writeln!(table, "| {} | {} | {place} |", keys.join(" "), binding.what).expect("it is written");
    }
    table
}

/// `RALPH_PICTURES=1` writes the table anew, like the pictures.
#[test]
fn the_keys_of_the_document_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tui.md");
    let document = std::fs::read_to_string(&path).expect("the document");
    let marks = ("<!-- keys -->\n", "<!-- end of keys -->");
    let (before, rest) = document.split_once(marks.0).expect("a mark where the table begins");
    let (known, after) = rest.split_once(marks.1).expect("a mark where the table ends");
    if std::env::var_os("RALPH_PICTURES").is_some() {
        let document = format!("{before}{}{}{}{after}", marks.0, table(), marks.1);
        std::fs::write(&path, document).expect("it is written");
    } else {
        assert_eq!(known, table(), "write it anew with RALPH_PICTURES=1");
    }
}

#[test]
fn every_picture_that_a_document_shows_is_there_and_all_are_shown() {
    if std::env::var_os("RALPH_PICTURES").is_some() {
        return; // The documents and pictures are being written meanwhile.
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("a document");
    let texts = [read("README.md"), read("docs/tui.md")];
    for entry in std::fs::read_dir(root.join("docs/pictures")).expect("the pictures") {
        let name = entry.expect("a picture").file_name().into_string().expect("a name");
        assert!(texts.iter().any(|text| text.contains(&format!("pictures/{name}"))), "{name} is shown nowhere");
    }
    for text in texts {
        for part in text.split("pictures/").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '.')).collect();
            let name = name.trim_end_matches('.');
            assert!(root.join("docs/pictures").join(name).is_file(), "there is no picture {name}");
        }
    }
}
