//! Models by tier: the table that is built in, `models` of the configuration, which changes and extends it, and the choice
//! of one role's model.

use std::collections::BTreeMap;

use super::reader::{Section, text};
use super::settings::{BACKENDS, Settings};
use crate::domain::role::{Role, Tier};

/// The table that is built in.
const TABLE: &str = include_str!("models.json");

/// Which model of each backend stands for each tier.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Models(BTreeMap<String, BTreeMap<Tier, String>>);

#[derive(serde::Deserialize)]
struct Table {
    models: Models,
}

impl Models {
    /// The models that are built in.
    #[must_use]
    pub fn built_in() -> Self {
        // That the table can be read is tested; without it every program would only choose by itself.
        serde_json::from_str::<Table>(TABLE).map(|table| table.models).unwrap_or_default()
    }

    /// The model of a tier. `None`: the backend's own choice.
    #[must_use]
    pub fn of(&self, backend: &str, tier: Tier) -> Option<&str> {
        self.0.get(backend)?.get(&tier).map(String::as_str)
    }
}

/// Reads `models`: for each backend `{light, medium, heavy}`.
pub(super) fn read(root: &mut Section<'_>, models: &mut Models) {
    root.section("models", |section| {
        for (backend, _) in BACKENDS {
            section.section(backend, |tiers| {
                for tier in Tier::ALL {
                    let mut model: Option<String> = None;
                    tiers.read(tier.name(), text, &mut model);
                    if let Some(model) = model {
                        models.0.entry((*backend).to_owned()).or_default().insert(tier, model);
                    }
                }
            });
        }
    });
}

impl Settings {
    /// The model of a role of this tier on a backend, in that backend's words: what is said of the role, else what is said
    /// of all roles, else the one of its tier. `None`: the backend's own choice.
    ///
    /// The first two are words of the backend that the role is meant for; one that only stands in for it goes by its tier.
    #[must_use]
    pub fn model_of(&self, role: Role, tier: Tier, backend: &str, stands_in: bool) -> Option<String> {
        let own = self.roles.get(role.name()).and_then(|own| own.model.clone());
        let chosen = own.or_else(|| self.model.clone()).filter(|_| !stands_in);
        chosen.or_else(|| self.models.of(backend, tier).map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, Source, settle};

    fn settled(text: &str) -> Settings {
        let source = Source { name: "c.yml", bytes: text.as_bytes() };
        settle(Some(source), &BTreeMap::new(), &Overrides::default()).expect("settings")
    }

    #[test]
    fn the_table_can_be_read_and_names_backends_that_exist() {
        let table: Table = serde_json::from_str(TABLE).expect("the table");
        for backend in table.models.0.keys() {
            assert!(BACKENDS.iter().any(|(name, _)| name == backend), "{backend}");
        }
        assert!(!table.models.0.is_empty());
    }

    #[test]
    fn the_nearest_word_on_a_role_counts() {
        let tiers = "models: { claude: { heavy: best }, codex: { heavy: big, light: small } }\n";
        for (more, role, tier, backend, stands_in, model) in [
            ("", Role::TeamLead, Tier::Heavy, "claude", false, Some("best")),
            ("", Role::Builder, Tier::Medium, "claude", false, Some("sonnet")),
            ("", Role::Builder, Tier::Medium, "codex", false, None),
            ("", Role::Builder, Tier::Medium, "gemini", false, None),
            ("execution: { model: all }", Role::TeamLead, Tier::Heavy, "claude", false, Some("all")),
            ("execution: { model: all }", Role::TeamLead, Tier::Heavy, "codex", true, Some("big")),
            ("execution: { model: all }", Role::TeamLead, Tier::Light, "opencode", true, None),
            (
                "execution: { model: all }\nagents: { builder: own }",
                Role::Builder,
                Tier::Medium,
                "claude",
                false,
                Some("own"),
            ),
            ("agents: { builder: own }", Role::TeamLead, Tier::Heavy, "claude", false, Some("best")),
            ("roles: { resolver: { model: own } }", Role::Resolver, Tier::Medium, "claude", false, Some("own")),
            ("roles: { resolver: { model: own } }", Role::Resolver, Tier::Light, "codex", true, Some("small")),
        ] {
            let found = settled(&format!("{tiers}{more}\n")).model_of(role, tier, backend, stands_in);
            assert_eq!(found.as_deref(), model, "{more:?}, {role:?} on {backend}, stands in: {stands_in}");
        }
    }

    #[test]
    fn a_misspelt_backend_or_tier_is_a_fault_with_the_right_word() {
        for (text, meant) in
            [("models: { cluade: { heavy: x } }", "claude"), ("models: { codex: { hevy: x } }", "heavy")]
        {
            let source = Source { name: "c.yml", bytes: text.as_bytes() };
            let faults = settle(Some(source), &BTreeMap::new(), &Overrides::default()).expect_err(text);
            assert!(faults.to_string().contains(meant), "{faults}");
        }
    }
}
