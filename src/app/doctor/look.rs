//! Gathers the facts. Nothing in here can make the whole fail: what cannot be seen is a fact too.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::agents;
use super::facts::{ConfigFacts, DiskFacts, Facts, LeftoverFacts, PrdFacts, RepositoryFacts, TerminalFacts};
use crate::app::refusal::Refusal;
use crate::app::repository::{Repository, environment, worktree_places};
use crate::app::{history, inputs, preflight, validate, worktrees};
use crate::cli::DoctorArgs;
use crate::config::{FILE_NAME, Faults, Overrides, Parallel, Settings, Source, settle};
use crate::domain::id::RunId;
use crate::domain::prd;
use crate::effects::backend::{ROLES_DIRECTORY, ejected};
use crate::effects::disk::MIB;
use crate::effects::fs::free_space;
use crate::effects::git::Program;
use crate::effects::host::sweep::{Mark, find};
use crate::effects::{lock, memory};
use crate::ui::plain::Look;

/// Variables and files that a container leaves behind.
const CONTAINER_VARIABLES: [&str; 6] =
    ["IS_SANDBOX", "container", "CODESPACES", "REMOTE_CONTAINERS", "KUBERNETES_SERVICE_HOST", "DEVCONTAINER"];
const CONTAINER_FILES: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Looks at everything.
pub(super) fn look(args: &DoctorArgs) -> Facts {
    let env = environment();
    let repository = Repository::here();
    let (config, settings) = config(repository.as_ref().ok(), args, &env);
    let found = repository.as_ref().ok();
    Facts {
        git: Some(Program::new("git").version().map_err(|fault| fault.to_string())),
        disks: found.map(|found| disks(found, &settings, &env)).unwrap_or_default(),
        min_free_mib: settings.min_free_mib,
        memory_mib: memory::available_mib(),
        parallel: settings.policy.slots,
        agents: agents::look(found, &settings, &env, Duration::from_secs(args.timeout.into())),
        terminal: terminal(&env),
        config,
        prd: prd_facts(&args.prd),
        leftovers: found.map(|found| leftovers(found, &settings).map_err(|refusal| refusal.text().to_owned())),
        bare_root: rustix::process::geteuid().is_root() && !in_container(&env),
        repository: Some(match &repository {
            Ok(repository) => Ok(repository_facts(repository, &args.prd)),
            Err(refusal) => Err(refusal.text().to_owned()),
        }),
    }
}

fn repository_facts(repository: &Repository, prd: &Path) -> RepositoryFacts {
    RepositoryFacts {
        checkout: repository.checkout.clone(),
        objection: preflight::repository(repository).err().map(|refusal| refusal.text().to_owned()),
        n_dirty: repository.git.dirty(Some(prd)).ok().map(|changes| changes.len()),
    }
}

/// The configuration, and the settings that the rest is judged by: the built-in ones when it cannot be used.
fn config(
    repository: Option<&Repository>,
    args: &DoctorArgs,
    env: &BTreeMap<String, String>,
) -> (ConfigFacts, Settings) {
    let usual = || repository.map(|repository| repository.checkout.join(FILE_NAME));
    let path = args.config.clone().or_else(usual);
    let bytes = match path.as_deref().map(|path| inputs::config_bytes(path, args.config.is_none())) {
        Some(Err(refusal)) => {
            let facts = ConfigFacts { faults: vec![refusal.text().to_owned()], ..ConfigFacts::default() };
            return (facts, Settings::default());
        }
        Some(Ok(bytes)) => bytes,
        None => None,
    };
    let name = args.config.as_ref().map_or(FILE_NAME.to_owned(), |path| path.display().to_string());
    let source = bytes.as_deref().map(|bytes| Source { name: &name, bytes });
    let parallel = Some(args.parallel.map_or(Parallel::Configured, Parallel::Slots));
    let settled = settle(source, env, &Overrides { parallel, ..Overrides::default() });
    let file = source.map(|source| source.name.to_owned());
    match settled {
        Ok(settings) => {
            let (mut warnings, n_gates) = (settings.warnings.clone(), settings.policy.gates.len());
            warnings.extend(repository.map(outdated_roles).unwrap_or_default());
            (ConfigFacts { file, faults: Vec::new(), warnings, n_gates }, settings)
        }
        Err(Faults(faults)) => {
            let faults = faults.iter().map(ToString::to_string).collect();
            (ConfigFacts { file, faults, ..ConfigFacts::default() }, Settings::default())
        }
    }
}

/// Instructions of the repository's own that were made from built-in ones which have changed since.
fn outdated_roles(repository: &Repository) -> Vec<String> {
    let told = ejected::warnings(&repository.checkout.join(ROLES_DIRECTORY));
    told.unwrap_or_else(|fault| vec![fault.to_string()])
}

fn prd_facts(path: &Path) -> PrdFacts {
    let file = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return PrdFacts::Absent { file },
        Err(error) => return PrdFacts::Unreadable(format!("{file} cannot be read: {error}")),
    };
    match prd::check(&bytes) {
        Err(faults) => {
            let first = faults.first().map(|fault| fault.in_file(&file).to_string()).unwrap_or_default();
            PrdFacts::Faulty { file, first, n_faults: faults.len() }
        }
        valid @ Ok(_) => {
            let report = validate::report(&file, &valid).text;
            PrdFacts::Valid(report.lines().last().unwrap_or_default().to_owned())
        }
    }
}

fn disks(repository: &Repository, settings: &Settings, env: &BTreeMap<String, String>) -> Vec<DiskFacts> {
    let disk = |what, path: &Path| {
        let existing = path.ancestors().find(|path| path.exists()).unwrap_or(path);
        let free_mib = free_space(existing).map(|bytes| bytes / MIB).map_err(|fault| fault.to_string());
        DiskFacts { what, path: existing.to_owned(), free_mib }
    };
    let worktrees = RunId::new("any").map_err(Refusal::internal).and_then(|run| {
        let places = worktree_places(repository, settings.worktrees_dir.as_deref(), env, &run)?;
        Ok(disk("worktrees", places.path()))
    });
    let failed = |refusal: Refusal| DiskFacts {
        what: "worktrees",
        path: PathBuf::new(),
        free_mib: Err(refusal.text().to_owned()),
    };
    vec![disk("repository", &repository.checkout), worktrees.unwrap_or_else(failed)]
}

fn leftovers(repository: &Repository, settings: &Settings) -> Result<LeftoverFacts, Refusal> {
    let live = lock::holder(repository.git.common_dir());
    let past = history::past_runs(repository)?;
    let is_live = |run: &RunId| live.as_ref().is_some_and(|holder| holder.run == *run);
    let dead: Vec<&str> = past.iter().filter(|past| !is_live(&past.run)).map(|past| past.run.as_str()).collect();
    let processes = find(&Mark { runs: &dead, job: None });
    let newest = past.first().filter(|past| !is_live(&past.run) && past.can_go_on());
    let (n_worktrees, bytes) = worktrees::prunable(Repository::of(&repository.checkout)?, settings)?;
    Ok(LeftoverFacts {
        unfinished: newest.map(|past| past.run.to_string()),
        live: live.map(|holder| (holder.run.to_string(), holder.pid)),
        worktrees: (n_worktrees, bytes / MIB),
        processes: processes.into_iter().map(|process| (process.pid, process.command)).collect(),
        n_saved: repository.git.backups().map_err(Refusal::environment)?.len(),
    })
}

fn terminal(env: &BTreeMap<String, String>) -> TerminalFacts {
    let value = |name: &str| env.get(name).filter(|value| !value.is_empty()).cloned();
    let (reads, writes) = (std::io::stdin().is_terminal(), std::io::stdout().is_terminal());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value);
    let term = value("TERM");
    let look = Look::new(writes, env.get("NO_COLOR").map(String::as_str), term.as_deref(), locale.as_deref());
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
    TerminalFacts {
        reads,
        writes,
        term,
        size: size.filter(|_| writes).map(|size| (size.ws_col, size.ws_row)),
        colour: look.colour,
        unicode: look.unicode,
        ci: value("CI").is_some(),
    }
}

fn in_container(env: &BTreeMap<String, String>) -> bool {
    CONTAINER_VARIABLES.iter().any(|name| env.get(*name).is_some_and(|value| !value.is_empty()))
        || CONTAINER_FILES.iter().any(|path| Path::new(path).exists())
}
