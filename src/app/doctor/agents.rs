//! The agent programs: which role uses which, where they are, what version, and whether they are signed in.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::facts::AgentFacts;
use crate::app::repository::Repository;
use crate::app::team;
use crate::config::settings::Settings;
use crate::effects::ask::{Answer, ask};
use crate::effects::backend::BACKEND_NAMES;
use crate::effects::backend::sign_in::sign_in;

/// Programs that are known to answer `--version`. Others are not started: nobody knows what they would do.
const TELL_VERSION: [&str; 5] = ["claude", "codex", "copilot", "opencode", "gemini"];

/// Looks at all of them; only programs that a role uses are started, side by side, each for at most `limit`.
pub(super) fn look(
    repository: Option<&Repository>,
    settings: &Settings,
    env: &BTreeMap<String, String>,
    limit: Duration,
) -> Vec<AgentFacts> {
    let used = used(repository, settings, env);
    let mut found: Vec<AgentFacts> = BACKEND_NAMES
        .iter()
        .map(|name| {
            let (roles, stands_in_for) = used.get(*name).cloned().unwrap_or_default();
            let adapter = team::make(name, settings, env).map_err(|refusal| refusal.text().to_owned());
            let mut environment = env.clone();
            environment.extend(team::start_of(name, settings, env).variables());
            AgentFacts {
                name: (*name).to_owned(),
                roles,
                stands_in_for,
                program: adapter.and_then(|adapter| adapter.locate()),
                version: None,
                sign_in: sign_in(name, &environment),
            }
        })
        .collect();
    let versions = versions(&found, limit);
    for agent in &mut found {
        agent.version = versions.get(&agent.name).cloned();
    }
    // Those that work come first.
    found.sort_by_key(|agent| (agent.roles.is_empty(), agent.stands_in_for.is_empty()));
    found
}

/// For each backend: the roles that it works in, and those in which it stands in.
type Used = BTreeMap<String, (Vec<String>, Vec<String>)>;

fn used(repository: Option<&Repository>, settings: &Settings, env: &BTreeMap<String, String>) -> Used {
    let mut used = Used::new();
    match repository.and_then(|repository| team::assemble(repository, settings, env).ok()) {
        Some(team) => {
            for (role, names) in team::backends(&team) {
                for (n, name) in names.into_iter().enumerate() {
                    let (works, stands_in) = used.entry(name).or_default();
                    if n == 0 { works } else { stands_in }.push(role.name().to_owned());
                }
            }
        }
        // Without a repository nobody can work anyway.
        None => used.entry(settings.backend.clone()).or_default().0.push("every role".to_owned()),
    }
    used
}

fn versions(found: &[AgentFacts], limit: Duration) -> BTreeMap<String, Answer> {
    let is_asked = |agent: &&AgentFacts| {
        let is_used = !agent.roles.is_empty() || !agent.stands_in_for.is_empty();
        is_used && TELL_VERSION.contains(&agent.name.as_str())
    };
    let asked: Vec<(String, PathBuf)> = found
        .iter()
        .filter(is_asked)
        .filter_map(|agent| Some((agent.name.clone(), agent.program.clone().ok()?)))
        .collect();
    std::thread::scope(|scope| {
        let answers: Vec<_> = asked
            .into_iter()
            .map(|(name, program)| (name, scope.spawn(move || ask(&program, &["--version"], limit))))
            .collect();
        answers.into_iter().filter_map(|(name, answer)| Some((name, answer.join().ok()?))).collect()
    })
}
