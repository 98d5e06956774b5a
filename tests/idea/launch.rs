//! How each agent program is opened for a person: its interactive mode, with our text as the first message.

use std::path::{Path, PathBuf};

use ralph_teams::effects::backend::{BACKEND_NAMES, InterviewAsk, Settings, backend};

fn ask() -> InterviewAsk<'static> {
    let prompt_file = Path::new("/draft/prompt.md");
    InterviewAsk { model: Some("m"), effort: Some("high"), prompt: "What is wanted?", prompt_file }
}

fn settings() -> Settings {
    Settings {
        program: Some("/bin/sh".to_owned()),
        args: vec!["--of-sessions".to_owned()],
        argv: vec!["/bin/sh".to_owned(), "-e".to_owned()],
        env: [("KEY".to_owned(), "value".to_owned())].into(),
        ..Settings::default()
    }
}

#[test]
fn each_program_is_opened_with_the_text_as_its_first_message() {
    let table: [(&str, &[&str]); 6] = [
        ("claude", &["--model", "m", "--effort", "high", "What is wanted?"]),
        ("codex", &["-m", "m", "-c", "model_reasoning_effort=high", "What is wanted?"]),
        ("copilot", &["--model", "m", "--reasoning-effort", "high", "-i", "What is wanted?"]),
        ("opencode", &["--model", "m", "--prompt", "What is wanted?"]),
        ("gemini", &["--model", "m", "--prompt-interactive", "What is wanted?"]),
        ("command", &["-e", "--of-sessions"]),
    ];
    for (name, args) in table {
        let launch = backend(name, settings(), PathBuf::from("/bin/sh")).unwrap().interview(&ask()).unwrap();
        assert_eq!(launch.argv[0], "/bin/sh", "{name}");
        assert_eq!(launch.argv[1..], *args, "{name}: what is meant for sessions without a person is left out");
        assert_eq!(launch.env["KEY"], "value", "{name}");
        let file = launch.env.get("RALPH_PROMPT_FILE").map(String::as_str);
        assert_eq!(file, (name == "command").then_some("/draft/prompt.md"), "{name}");
    }
}

#[test]
fn no_program_of_a_table_is_forgotten_and_what_has_no_terminal_says_what_to_do() {
    for name in BACKEND_NAMES {
        let opened = backend(name, settings(), PathBuf::from("/bin/sh")).unwrap().interview(&ask());
        match name {
            "acp" => assert!(opened.unwrap_err().contains("--from")),
            _ => assert!(opened.is_ok(), "{name}"),
        }
    }
}

#[test]
fn without_wishes_for_a_model_none_is_named() {
    let ask = InterviewAsk { model: None, effort: None, ..ask() };
    let launch = backend("claude", settings(), PathBuf::from("/bin/sh")).unwrap().interview(&ask).unwrap();
    assert_eq!(launch.argv, ["/bin/sh", "What is wanted?"]);
}
