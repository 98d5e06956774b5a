//! Roles that a repository keeps a copy of: where each role's instructions come from, and whether the built-in ones have
//! moved on since the copy was made.
//!
//! **Invariant:** a copy that takes precedence never hides for good that there is something newer: it carries the digest of
//! what it was made from.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::roles::{BUILT_IN, RoleFault, front_matter};
use crate::domain::id::hex;
use crate::domain::role::Role;
use crate::effects::fs::{FsError, create_directory, write_atomic};

/// The key of the front matter that holds the digest of the built-in instructions that a copy was made from.
pub(super) const MADE_FROM: &str = "built-in";

/// Digits of the digest that are written: enough to tell two versions of one text apart.
const DIGITS: usize = 16;

/// Where the instructions of a role come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// They are a part of this program.
    BuiltIn,
    /// The repository has its own, and nothing newer is known.
    Repository,
    /// The repository has its own, made from built-in ones that have changed since.
    Outdated,
}

impl Origin {
    /// A word for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Repository => "repository",
            Self::Outdated => "outdated",
        }
    }
}

/// Why no copy was made.
#[derive(Debug, thiserror::Error)]
pub enum EjectFault {
    /// There is one.
    #[error("{0} is there already: edit it, or remove it to eject the built-in one anew")]
    Exists(PathBuf),
    /// The disk refuses.
    #[error(transparent)]
    Disk(#[from] FsError),
}

/// Where the instructions of a role come from, with `overrides` in place of built-in ones.
///
/// # Errors
/// The repository's file cannot be read.
pub fn origin(overrides: &Path, role: Role) -> Result<Origin, RoleFault> {
    let path = overrides.join(format!("{}.md", role.name()));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Origin::BuiltIn),
        Err(source) => return Err(RoleFault::Unreadable { file: path.display().to_string(), source }),
    };
    let made_from = front_matter(&text, MADE_FROM);
    let is_old = made_from.is_some_and(|digest| digest != digest_of(built_in(role)));
    Ok(if is_old { Origin::Outdated } else { Origin::Repository })
}

/// What to say of copies that were made from built-in instructions which have changed since, one sentence each.
///
/// # Errors
/// A file of the repository cannot be read.
pub fn warnings(overrides: &Path) -> Result<Vec<String>, RoleFault> {
    let mut told = Vec::new();
    for role in Role::ALL {
        if origin(overrides, role)? == Origin::Outdated {
            let file = overrides.join(format!("{}.md", role.name()));
            told.push(format!(
                "{} was made from built-in instructions that have changed since; compare it with `ralph-teams prompts \
                 show {} --built-in`, then write `{MADE_FROM}: {}` into its head, or remove it",
                file.display(),
                role.name(),
                digest_of(built_in(role)),
            ));
        }
    }
    Ok(told)
}

/// Copies the built-in instructions of a role into the repository, where they take precedence from then on.
///
/// # Errors
/// There is a copy already, or the disk refuses.
pub fn eject(overrides: &Path, role: Role) -> Result<PathBuf, EjectFault> {
    let path = overrides.join(format!("{}.md", role.name()));
    if path.exists() {
        return Err(EjectFault::Exists(path));
    }
    create_directory(overrides)?;
    write_atomic(&path, ejected(built_in(role)).as_bytes())?;
    Ok(path)
}

/// The file of a role as this program has it.
#[must_use]
pub fn built_in(role: Role) -> &'static str {
    BUILT_IN.iter().find(|(name, _)| *name == role.name()).map_or("", |(_, text)| text)
}

/// The same text with the digest of it as the last line of its head.
fn ejected(text: &str) -> String {
    let line = format!("\n{MADE_FROM}: {}\n---\n", digest_of(text));
    text.replacen("\n---\n", &line, 1)
}

fn digest_of(text: &str) -> String {
    let mut digest = hex(&Sha256::digest(text));
    digest.truncate(DIGITS);
    digest
}

#[cfg(test)]
mod tests {
    use super::super::AgentRoles;
    use super::*;

    #[test]
    fn a_copy_says_the_same_and_takes_precedence() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = AgentRoles::load(folder.path()).expect("roles");
        for role in Role::ALL {
            assert_eq!(origin(folder.path(), role).expect("an origin"), Origin::BuiltIn);
            let path = eject(folder.path(), role).expect("ejected");
            assert_eq!(origin(folder.path(), role).expect("an origin"), Origin::Repository);
            assert!(matches!(eject(folder.path(), role), Err(EjectFault::Exists(there)) if there == path));
        }
        assert_eq!(AgentRoles::load(folder.path()).expect("roles"), before, "a fresh copy changes nothing");
        assert_eq!(warnings(folder.path()).expect("readable"), [""; 0]);
    }

    #[test]
    fn a_copy_of_an_older_version_is_told_until_its_head_names_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = eject(folder.path(), Role::Builder).expect("ejected");
        let text = std::fs::read_to_string(&path).expect("text");
        let newest = digest_of(built_in(Role::Builder));
        std::fs::write(&path, text.replace(&newest, "0123456789abcdef")).expect("written");
        assert_eq!(origin(folder.path(), Role::Builder).expect("an origin"), Origin::Outdated);
        let told = warnings(folder.path()).expect("readable");
        assert!(told.len() == 1 && told[0].contains("builder.md") && told[0].contains(&newest), "{told:?}");
        std::fs::write(&path, text).expect("written");
        assert_eq!(warnings(folder.path()).expect("readable"), [""; 0]);
    }

    #[test]
    fn a_file_that_was_written_by_hand_is_never_called_outdated() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "---\ndescription: ours\n---\nbuilt-in: is no key down here\n";
        std::fs::write(folder.path().join("builder.md"), text).expect("written");
        assert_eq!(origin(folder.path(), Role::Builder).expect("an origin"), Origin::Repository);
    }
}
