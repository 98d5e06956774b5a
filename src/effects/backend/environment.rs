//! The environment of a session: an allow-list of the runner's own, what its backend needs, and what the runner adds.
//!
//! An allow-list, because agents act on what they find: a token for production that is set in the shell where a run was
//! started must not be one `env` away. It is broad on purpose where builds are concerned.

use std::collections::BTreeMap;

use super::Backend;

/// Variables that every session may see.
const COMMON: &[&str] = &[
    // Who and where.
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "TZ",
    "TMPDIR",
    "HOSTNAME",
    "CI",
    "SSH_AUTH_SOCK",
    "GNUPGHOME",
    "DBUS_SESSION_BUS_ADDRESS",
    // Looking at a page in a browser.
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "CHROME_BIN",
    "CHROME_PATH",
    // The way out.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    // Compilers and linkers.
    "CC",
    "CXX",
    "AR",
    "LD",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH",
    "LD_LIBRARY_PATH",
    "PKG_CONFIG_PATH",
    "PKG_CONFIG_SYSROOT_DIR",
    "SDKROOT",
    "DEVELOPER_DIR",
    // Toolchains that say where they live in single variables.
    "GOPATH",
    "GOROOT",
    "GOBIN",
    "GOCACHE",
    "GOMODCACHE",
    "GOPROXY",
    "GOPRIVATE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "GOFLAGS",
    "GOTOOLCHAIN",
    "CGO_ENABLED",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "VOLTA_HOME",
    "PNPM_HOME",
    "BUN_INSTALL",
    "DENO_DIR",
    "DENO_INSTALL",
    "VIRTUAL_ENV",
    "JAVA_HOME",
    "JDK_HOME",
    "M2_HOME",
    "KOTLIN_HOME",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "ANDROID_NDK_HOME",
    "GEM_HOME",
    "GEM_PATH",
    "RUBYLIB",
    "SDKMAN_DIR",
    "FLUTTER_ROOT",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    // The author of commits and the user's own git configuration; every other GIT_ variable names a repository.
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_SSL_CAINFO",
    "GIT_EXEC_PATH",
];

/// Beginnings of variables that every session may see: toolchains with many variables. Of what begins so, a secret is left
/// out ([`is_secret`]): with one that publishes packages an agent could do what nobody asked for.
const COMMON_PREFIXES: &[&str] = &[
    "LC_",
    "XDG_",
    "CARGO_",
    "RUSTUP_",
    "RUST_",
    "RUSTC_",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "SCCACHE_",
    "CCACHE_",
    "NVM_",
    "FNM_",
    "npm_config_",
    "NPM_CONFIG_",
    "YARN_",
    "COREPACK_",
    "PLAYWRIGHT_",
    "PUPPETEER_",
    "CYPRESS_",
    "PYENV_",
    "PYTHON",
    "PIP_",
    "UV_",
    "POETRY_",
    "CONDA_",
    "MAVEN_",
    "GRADLE_",
    "DOTNET_",
    "NUGET_",
    "RBENV_",
    "BUNDLE_",
    "COMPOSER_",
    "ASDF_",
    "MISE_",
    "NIX_",
    "HOMEBREW_",
    "CMAKE_",
    "TESTCONTAINERS_",
];

/// Variables that name the inner state of something that the runner may itself run under. A job server of `make` or
/// `cargo` would be joined, and a session would wait for ever for tokens that nobody gives back.
const NEVER: &[&str] =
    &["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "npm_config_local_prefix", "XDG_SESSION_ID"];

/// Beginnings of what agents, their terminals and earlier runs leave behind. A backend can still ask for one by name.
const LEFTOVER_PREFIXES: &[&str] = &[
    "CLAUDECODE",
    "CLAUDE_",
    "OPENCODE",
    "CODEX_",
    "COPILOT_",
    "GEMINI_",
    "CURSOR_",
    "AI_AGENT",
    "RALPH_",
    "GIT_",
    "CARGO_PKG_",
    "CARGO_BIN_",
    "CARGO_MANIFEST_",
    "CARGO_CFG_",
    "CARGO_FEATURE_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_CRATE_NAME",
];

/// The whole environment of a session. `base` is the runner's own, `launch` what [`Backend::launch`] adds, `own` what the
/// runner adds (`RALPH_*`, `GIT_CEILING_DIRECTORIES`); later ones win.
#[must_use]
pub fn environment(
    base: &BTreeMap<String, String>,
    backend: &dyn Backend,
    launch: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let passed = base.iter().filter(|(name, _)| common(name) || backend.needs(name));
    passed.chain(launch).chain(own).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether a variable is one that every session may see.
fn common(name: &str) -> bool {
    let is_of_toolchain = || COMMON_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    COMMON.contains(&name) || (is_of_toolchain() && !is_secret(name) && !leftover(name))
}

/// Whether the name of a variable says that its value is a secret: `CARGO_REGISTRY_TOKEN`, `npm_config__authToken`.
fn is_secret(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).rev();
    let last = words.next().unwrap_or_default();
    let always = ["token", "authtoken", "secret", "password", "passwd", "apikey"];
    // At the end only: what goes on, as in `SCCACHE_GCS_KEY_PATH`, says where a secret is.
    matches!(last.as_str(), "auth" | "key") || std::iter::once(last).chain(words).any(|word| always.contains(&&*word))
}

/// Whether a variable is one of these: names in full, or beginnings that end in `_`.
pub(super) fn is_named(variable: &str, names: &[&str]) -> bool {
    let is = |name: &&str| if name.ends_with('_') { variable.starts_with(*name) } else { variable == *name };
    names.iter().any(is)
}

/// Whether a variable was left behind by an agent, an earlier run or a build that the runner runs under.
pub(super) fn leftover(name: &str) -> bool {
    !COMMON.contains(&name)
        && (NEVER.contains(&name) || LEFTOVER_PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use super::super::{Claude, CommandLine, Settings};
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn names(base: &[(&str, &str)], backend: &dyn Backend) -> Vec<String> {
        environment(&map(base), backend, &BTreeMap::new(), &BTreeMap::new()).into_keys().collect()
    }

    const BASE: &[(&str, &str)] = &[
        ("ANTHROPIC_API_KEY", "k"),
        ("CARGO_HOME", "/c"),
        ("CARGO_MAKEFLAGS", "--jobserver"),
        ("CARGO_PKG_NAME", "x"),
        ("CARGO_REGISTRIES_OURS_TOKEN", "t"),
        ("CARGO_REGISTRY_TOKEN", "t"),
        ("CLAUDECODE", "1"),
        ("CLAUDE_CODE_ENTRYPOINT", "cli"),
        ("CLAUDE_CODE_OAUTH_TOKEN", "t"),
        ("CLAUDE_CONFIG_DIR", "/d"),
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_DIR", "/elsewhere/.git"),
        ("GIT_INDEX_FILE", "/elsewhere/index"),
        ("LC_ALL", "C"),
        ("OPENCODE_SERVER", "x"),
        ("PATH", "/bin"),
        ("PRODUCTION_TOKEN", "secret"),
        ("RALPH_JOB", "outer"),
    ];

    #[test]
    fn claude_sees_builds_and_its_own_sign_in_but_no_leftovers_and_no_secrets() {
        let claude = Claude::new(Settings::default());
        let expected = [
            "ANTHROPIC_API_KEY",
            "CARGO_HOME",
            "CLAUDE_CODE_OAUTH_TOKEN",
            "CLAUDE_CONFIG_DIR",
            "GIT_AUTHOR_NAME",
            "LC_ALL",
            "PATH",
        ];
        assert_eq!(names(BASE, &claude), expected);
    }

    #[test]
    fn a_secret_of_a_toolchain_is_told_from_a_setting() {
        for secret in [
            "UV_PUBLISH_TOKEN",
            "POETRY_PYPI_TOKEN_PYPI",
            "HOMEBREW_GITHUB_API_TOKEN",
            "npm_config_//registry.npmjs.org/:_authToken",
            "NPM_CONFIG__AUTH",
            "COMPOSER_AUTH",
            "GRADLE_PUBLISH_SECRET",
            "GRADLE_PUBLISH_KEY",
            "UV_INDEX_OURS_PASSWORD",
        ] {
            assert!(!common(secret), "{secret}");
        }
        for setting in
            ["UV_KEYRING_PROVIDER", "PIP_INDEX_URL", "CARGO_NET_OFFLINE", "XDG_CACHE_HOME", "npm_config_cache"]
        {
            assert!(common(setting), "{setting}");
        }
    }

    #[test]
    fn a_program_of_the_users_sees_all_but_leftovers() {
        let command = CommandLine::new(Settings::default());
        let expected = [
            "ANTHROPIC_API_KEY",
            "CARGO_HOME",
            "CARGO_REGISTRIES_OURS_TOKEN",
            "CARGO_REGISTRY_TOKEN",
            "GIT_AUTHOR_NAME",
            "LC_ALL",
            "PATH",
            "PRODUCTION_TOKEN",
        ];
        assert_eq!(names(BASE, &command), expected);
    }

    #[test]
    fn what_the_runner_adds_wins() {
        let command = CommandLine::new(Settings::default());
        let whole = environment(
            &map(&[("A", "base"), ("B", "base"), ("C", "base")]),
            &command,
            &map(&[("B", "launch"), ("C", "launch")]),
            &map(&[("C", "own"), ("RALPH_JOB", "j")]),
        );
        assert_eq!(whole, map(&[("A", "base"), ("B", "launch"), ("C", "own"), ("RALPH_JOB", "j")]));
    }
}
