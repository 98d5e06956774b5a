//! What only the merged whole can tell: names that must exist, keys that need each other.

use super::draft::Draft;
use super::fault::not_among;
use super::file::takes_argv;
use super::reader::Log;
use super::settings::{BACKENDS, Settings};

/// Notes the faults that no single key shows.
pub(super) fn check(draft: &mut Draft) {
    let Draft { settings, log, .. } = draft;
    check_backend(settings, log, "execution.backend", &settings.backend);
    for (n, backend) in settings.fallback.iter().enumerate() {
        check_backend(settings, log, &format!("execution.fallback[{n}]"), backend);
    }
    for (role, wishes) in &settings.roles {
        for (n, backend) in wishes.fallback.iter().enumerate() {
            check_backend(settings, log, &format!("roles.{role}.fallback[{n}]"), backend);
        }
        if let Some(backend) = &wishes.backend {
            check_backend(settings, log, &format!("roles.{role}.backend"), backend);
        }
    }
}

fn check_backend(settings: &Settings, log: &mut Log, path: &str, backend: &str) {
    let known: Vec<&str> = BACKENDS.iter().map(|(name, _)| *name).collect();
    if !known.contains(&backend) {
        let problem = format!("no backend is called `{}`. {}", backend.escape_debug(), not_among(backend, &known));
        return log.fault_of(path, problem);
    }
    let argv = settings.backends.get(backend).and_then(|settings| settings.argv.first());
    if takes_argv(backend) && argv.is_none_or(|program| program.trim().is_empty()) {
        let example = if backend == "acp" { "[\"gemini\", \"--acp\"]" } else { "[\"my-agent\", \"--headless\"]" };
        let problem = format!(
            "the backend `{backend}` needs its program in `backends.{backend}.argv`, for example `argv: {example}`"
        );
        log.fault_of(path, problem);
    }
}
