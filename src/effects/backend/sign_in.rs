//! Whether an agent program is signed in, as far as that can be seen without asking anybody: by variables and files that
//! the program documents. No secret is read for more than whether it is there, and nothing is sent anywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What can be seen of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// There is one: the variable or file that says so.
    Found(String),
    /// There is none: what to do.
    Missing(String),
    /// It cannot be seen from outside: why, and how to find out.
    Unknown(String),
    /// The program needs none.
    NotNeeded,
}

/// Where one program keeps its sign-in.
struct Keeps {
    backend: &'static str,
    /// Each of these that is set and not empty is a sign-in, or chooses a provider that needs another one.
    variables: &'static [&'static str],
    /// The folder of its files: a variable that names it, what then follows, and the folder below the home folder.
    folder: (&'static str, &'static str, &'static str),
    /// A file there that exists only after a sign-in.
    file: &'static str,
    /// A file of settings there, and words in it that mean that the sign-in is elsewhere.
    settings: (&'static str, &'static [&'static str]),
    /// What to do without all of these.
    advice: &'static str,
    /// Whether there can be a sign-in that is not seen: in the key ring of the system, or because none is needed.
    can_hide: bool,
}

const KEEPS: &[Keeps] = &[
    Keeps {
        backend: "claude",
        variables: &[
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "CLAUDE_CODE_OAUTH_TOKEN",
            "CLAUDE_CODE_USE_BEDROCK",
            "CLAUDE_CODE_USE_VERTEX",
            "CLAUDE_CODE_USE_FOUNDRY",
        ],
        folder: ("CLAUDE_CONFIG_DIR", "", ".claude"),
        file: ".credentials.json",
        settings: ("settings.json", &["apiKeyHelper", "ANTHROPIC_", "CLAUDE_CODE_USE_", "CLAUDE_CODE_OAUTH_TOKEN"]),
        advice: "start `claude` and type /login, or set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN (`claude setup-token`)",
        // The key chain of macOS.
        can_hide: cfg!(target_os = "macos"),
    },
    Keeps {
        backend: "codex",
        variables: &[
            "CODEX_API_KEY",
            "CODEX_ACCESS_TOKEN",
            "OPENAI_API_KEY",
            "AZURE_OPENAI_API_KEY",
            "CODEX_OSS_BASE_URL",
        ],
        folder: ("CODEX_HOME", "", ".codex"),
        file: "auth.json",
        settings: ("config.toml", &["model_provider", "keyring", "env_key"]),
        advice: "run `codex login`, or set CODEX_API_KEY",
        can_hide: false,
    },
    Keeps {
        backend: "copilot",
        variables: &["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_PROVIDER_BASE_URL"],
        folder: ("COPILOT_HOME", "", ".copilot"),
        file: "",
        settings: ("config.json", &["logged_in_users", "loggedInUsers", "copilot_tokens"]),
        advice: "start `copilot` and type /login, or set GH_TOKEN; the key ring of the system may hold one already",
        can_hide: true,
    },
    Keeps {
        backend: "opencode",
        variables: &[
            "OPENCODE_API_KEY",
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "GEMINI_API_KEY",
            "OPENROUTER_API_KEY",
            "GROQ_API_KEY",
            "MISTRAL_API_KEY",
            "DEEPSEEK_API_KEY",
            "XAI_API_KEY",
            "OPENCODE_CONFIG_CONTENT",
        ],
        folder: ("XDG_DATA_HOME", "opencode", ".local/share/opencode"),
        file: "auth.json",
        settings: ("", &[]),
        advice: "`opencode auth list` shows what it has, `opencode auth login` signs in; some of its models need nothing",
        can_hide: true,
    },
    Keeps {
        backend: "gemini",
        variables: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"],
        folder: ("GEMINI_CLI_HOME", ".gemini", ".gemini"),
        file: "oauth_creds.json",
        settings: (".env", &["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
        advice: "start `gemini` and sign in, or set GEMINI_API_KEY; the key ring of the system may hold one already",
        can_hide: true,
    },
];

/// What can be seen of the sign-in of a backend. `environment` is what its sessions get; files are looked at.
#[must_use]
pub fn sign_in(backend: &str, environment: &BTreeMap<String, String>) -> SignIn {
    let read = |path: &Path| std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    judge(backend, environment, &read)
}

fn judge(backend: &str, environment: &BTreeMap<String, String>, read: &dyn Fn(&Path) -> Option<String>) -> SignIn {
    let Some(keeps) = KEEPS.iter().find(|keeps| keeps.backend == backend) else {
        return match backend {
            "acp" => SignIn::Unknown("the agent behind it signs in by itself".to_owned()),
            "command" => SignIn::Unknown("only your program knows whether it has to sign in".to_owned()),
            _ => SignIn::NotNeeded,
        };
    };
    let is_set = |name: &&&str| environment.get(**name).is_some_and(|value| !value.trim().is_empty());
    if let Some(name) = keeps.variables.iter().find(is_set) {
        return SignIn::Found((*name).to_owned());
    }
    let folder = folder(keeps, environment);
    let content = |file: &str| {
        let path = folder.as_ref().filter(|_| !file.is_empty())?.join(file);
        Some((read(&path).filter(|text| !text.trim().is_empty())?, path.display().to_string()))
    };
    if let Some((_, path)) = content(keeps.file) {
        return SignIn::Found(path);
    }
    let (file, words) = keeps.settings;
    match content(file) {
        Some((text, path)) if words.iter().any(|word| text.contains(word)) => SignIn::Found(path),
        Some(_) | None if keeps.can_hide => SignIn::Unknown(keeps.advice.to_owned()),
        Some(_) | None => SignIn::Missing(keeps.advice.to_owned()),
    }
}

fn folder(keeps: &Keeps, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let value = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let (variable, below, usual) = keeps.folder;
    value(variable).map(|folder| folder.join(below)).or_else(|| Some(value("HOME")?.join(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::backend::{BACKEND_NAMES, Settings, backend};

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn with(backend: &str, variables: &[(&str, &str)], files: &[(&str, &str)]) -> SignIn {
        let read = |path: &Path| {
            files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, content)| (*content).to_owned())
        };
        let variables: Vec<_> = variables.iter().copied().chain([("HOME", "/h")]).collect();
        judge(backend, &environment(&variables), &read)
    }

    fn found(by: &str) -> SignIn {
        SignIn::Found(by.to_owned())
    }

    #[test]
    fn a_variable_or_a_file_is_a_sign_in() {
        assert_eq!(with("claude", &[("ANTHROPIC_API_KEY", "k")], &[]), found("ANTHROPIC_API_KEY"));
        let files = [("/h/.claude/.credentials.json", "{}"), ("/h/.codex/auth.json", "{}")];
        assert_eq!(with("claude", &[("ANTHROPIC_API_KEY", " ")], &files), found("/h/.claude/.credentials.json"));
        assert_eq!(with("codex", &[], &files), found("/h/.codex/auth.json"));
        let moved = [("/x/auth.json", "{}"), ("/d/opencode/auth.json", "{}"), ("/g/.gemini/oauth_creds.json", "{}")];
        assert_eq!(with("codex", &[("CODEX_HOME", "/x")], &moved), found("/x/auth.json"));
        assert_eq!(with("opencode", &[("XDG_DATA_HOME", "/d")], &moved), found("/d/opencode/auth.json"));
        assert_eq!(with("gemini", &[("GEMINI_CLI_HOME", "/g")], &moved), found("/g/.gemini/oauth_creds.json"));
        let settings = [("/h/.claude/settings.json", r#"{"apiKeyHelper": "x"}"#)];
        assert_eq!(with("claude", &[], &settings), found("/h/.claude/settings.json"));
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn without_one_it_is_missing_where_that_can_be_known() {
        assert!(matches!(with("claude", &[], &[("/h/.claude/.credentials.json", " ")]), SignIn::Missing(_)));
        assert!(matches!(with("claude", &[], &[("/h/.claude/settings.json", "{}")]), SignIn::Missing(_)));
        assert!(matches!(with("codex", &[], &[]), SignIn::Missing(_)));
        for hidden in ["copilot", "opencode", "gemini", "acp", "command"] {
            assert!(matches!(with(hidden, &[], &[]), SignIn::Unknown(_)), "{hidden}");
        }
        assert_eq!(with("rehearsal", &[], &[]), SignIn::NotNeeded);
    }

    #[test]
    fn a_variable_that_counts_reaches_the_sessions() {
        for keeps in KEEPS {
            assert!(BACKEND_NAMES.contains(&keeps.backend));
            let adapter = backend(keeps.backend, Settings::default(), PathBuf::from("/bin/sh")).expect("an adapter");
            for name in keeps.variables {
                assert!(adapter.needs(name), "{}: sessions do not see {name}", keeps.backend);
            }
        }
    }
}
