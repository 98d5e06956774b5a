//! The roles' instructions, `agents/*.md`: built in, each overridable by a file of the same name in the repository.

use std::path::Path;

use super::ejected::MADE_FROM;
pub use crate::domain::role::Tier;

/// The built-in roles, in the order in which people read of them.
pub(super) const BUILT_IN: [(&str, &str); 8] = [
    ("team-lead", include_str!("../../../agents/team-lead.md")),
    ("epic-planner", include_str!("../../../agents/epic-planner.md")),
    ("story-planner", include_str!("../../../agents/story-planner.md")),
    ("builder", include_str!("../../../agents/builder.md")),
    ("story-validator", include_str!("../../../agents/story-validator.md")),
    ("epic-validator", include_str!("../../../agents/epic-validator.md")),
    ("resolver", include_str!("../../../agents/resolver.md")),
    ("final-validator", include_str!("../../../agents/final-validator.md")),
];

/// Where a repository keeps its own versions, relative to its main worktree. They are read there and never in a
/// session's worktree, so that no agent can rewrite the rules of the one that judges it.
pub const ROLES_DIRECTORY: &str = ".ralph-teams/agents";

/// The instructions of one role.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AgentRole {
    /// Its name, also that of its file.
    pub name: String,
    /// One sentence: what it is for. A lead chooses by it.
    pub description: String,
    /// How strong a model it needs.
    pub tier: Tier,
    /// The tools that it may use, in Claude Code's words. Empty: all.
    pub tools: Vec<String>,
    /// What it may write, in words for people: checked by the runner, not by a sandbox.
    pub may_write: String,
    /// Its instructions.
    pub instructions: String,
}

/// All roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRoles(Vec<AgentRole>);

/// Why a role's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RoleFault {
    /// The file cannot be read.
    #[error("{file} cannot be read ({source}): mend or remove it")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a role.
    #[error("{file}: {what}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong and what is expected.
        what: String,
    },
}

impl AgentRoles {
    /// The roles, with the files in `overrides` (usually [`ROLES_DIRECTORY`]) in place of built-in ones.
    ///
    /// # Errors
    /// The first file that cannot be read or is not a role.
    pub fn load(overrides: &Path) -> Result<Self, RoleFault> {
        let load = |(name, built_in): &(&str, &str)| {
            let path = overrides.join(format!("{name}.md"));
            let (file, text) = match std::fs::read_to_string(&path) {
                Ok(text) => (path.display().to_string(), text),
                Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                    (format!("agents/{name}.md"), (*built_in).to_owned())
                }
                Err(source) => return Err(RoleFault::Unreadable { file: path.display().to_string(), source }),
            };
            parse(name, &text).map_err(|what| RoleFault::Malformed { file, what })
        };
        BUILT_IN.iter().map(load).collect::<Result<_, _>>().map(Self)
    }

    /// The role of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&AgentRole> {
        self.0.iter().find(|role| role.name == name)
    }

    /// All roles.
    pub fn iter(&self) -> impl Iterator<Item = &AgentRole> {
        self.0.iter()
    }
}

/// Reads front matter of the form `key: value` between two lines `---`, and the instructions behind it.
fn parse(name: &str, text: &str) -> Result<AgentRole, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let expected = "expected a first line \"---\", lines \"key: value\", a line \"---\", and then the instructions";
    let rest = text.strip_prefix("---\n").ok_or(expected)?;
    let (head, body) = rest.split_once("\n---\n").ok_or(expected)?;
    let mut role = AgentRole {
        name: name.to_owned(),
        description: String::new(),
        tier: Tier::Medium,
        tools: Vec::new(),
        may_write: String::new(),
        instructions: body.trim().to_owned(),
    };
    for (n, line) in head.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = n + 2;
        let (key, value) = line.split_once(':').ok_or_else(|| format!("line {at}: expected \"key: value\""))?;
        match (key.trim(), value.trim()) {
            ("name", value) if value == name => {}
            ("name", value) => {
                return Err(format!("line {at}: the name is {value:?}, but the file is that of {name:?}"));
            }
            ("description", value) => value.clone_into(&mut role.description),
            ("tier", value) => role.tier = tier(value).ok_or_else(|| bad_tier(at, value))?,
            ("tools", "all") => role.tools.clear(),
            ("tools", value) => role.tools = value.split(',').map(|tool| tool.trim().to_owned()).collect(),
            ("may-write", value) => value.clone_into(&mut role.may_write),
            // For whoever asks where the file came from; it changes nothing of the role.
            (MADE_FROM, _) => {}
            (key, _) => {
                return Err(format!(
                    "line {at}: unknown key {key:?}; known: name, description, tier, tools, may-write"
                ));
            }
        }
    }
    if role.description.is_empty() || role.instructions.is_empty() {
        return Err("a role needs a description and instructions".to_owned());
    }
    Ok(role)
}

/// The value of a key in the front matter of a role's file.
pub(super) fn front_matter(text: &str, key: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let (head, _) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let value =
        |line: &str| line.split_once(':').filter(|(name, _)| name.trim() == key).map(|(_, value)| value.to_owned());
    head.lines().find_map(value).map(|value| value.trim().to_owned())
}

fn tier(value: &str) -> Option<Tier> {
    Tier::ALL.into_iter().find(|tier| tier.name() == value)
}

fn bad_tier(at: usize, value: &str) -> String {
    format!("line {at}: unknown tier {value:?}; known: light, medium, heavy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_role_is_whole() {
        let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
        assert_eq!(roles.iter().count(), 8);
        for role in roles.iter() {
            assert!(!role.may_write.is_empty() && role.instructions.len() > 200, "{}", role.name);
            assert!(role.instructions.len() < 6000, "{} is long", role.name);
        }
    }

    #[test]
    fn every_role_has_instructions_that_say_what_to_answer_when_to_stop_and_what_to_do_when_blocked() {
        use crate::domain::role::Role;
        let roles = AgentRoles::load(Path::new("/nonexistent")).expect("roles");
        for role in Role::ALL {
            let role = roles.get(role.name()).expect("a role");
            for part in ["Your answer", "When to stop", "When you are blocked"] {
                let n = role.instructions.lines().filter(|line| *line == part).count();
                assert_eq!(n, 1, "{}: {part}", role.name);
            }
        }
    }

    #[test]
    fn a_file_in_the_repository_takes_the_place_of_a_built_in_role() {
        let directory = tempfile::tempdir().expect("a directory");
        let text = "---\r\nname: builder\r\ndescription: ours\r\ntier: light\r\ntools: Bash, Read\r\n---\r\nDo it.\r\n";
        std::fs::write(directory.path().join("builder.md"), text).expect("a file");
        let roles = AgentRoles::load(directory.path()).expect("roles");
        let builder = roles.get("builder").expect("a builder");
        assert_eq!((builder.description.as_str(), builder.instructions.as_str()), ("ours", "Do it."));
        assert_eq!(
            (builder.tier, builder.tools.as_slice()),
            (Tier::Light, &["Bash".to_owned(), "Read".to_owned()][..])
        );
        assert_ne!(roles.get("team-lead").expect("a lead").description, "ours");
    }

    #[test]
    fn a_faulty_file_is_named_with_its_line() {
        for (text, what) in [
            ("no front matter", "expected a first line"),
            ("---\nname: x\n---\nDo it.", "the file is that of"),
            ("---\ndescription: d\ntier: huge\n---\nDo it.", "line 3: unknown tier"),
            ("---\ncolour: red\n---\nDo it.", "line 2: unknown key"),
            ("---\ndescription\n---\nDo it.", "line 2: expected"),
            ("---\ndescription: d\n---\n \n", "needs a description and instructions"),
        ] {
            let fault = parse("builder", text).expect_err(text);
            assert!(fault.contains(what), "{text}: {fault}");
        }
    }
}
