//! `ralph-teams plan`: an implementation plan for each epic that has none, before anything is built.
//!
//! **Invariant:** an epic is called planned only when its plan is there and was found whole.

use std::path::{Path, PathBuf};

use super::idea::ask::{agrees, has_person};
use super::idea::draft::Draft;
use super::idea::scribe::{Errand, Scribe};
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{inputs, preflight, run};
use crate::cli::PlanArgs;
use crate::clock::Clock;
use crate::config::{BackendFlag, Overrides};
use crate::domain::id::EpicId;
use crate::domain::idea::look_at_plan;
use crate::domain::plan::{Epic, Plan};
use crate::domain::prd;
use crate::effects::fs::{create_directory, write_atomic};
use crate::effects::lock;
use crate::effects::paths::StateDir;
use crate::effects::prompt::idea::Piece;
use crate::exit::ExitCode;
use crate::ui::safe;

/// `ralph-teams plan`.
///
/// # Errors
/// It is refused, given up, or left; plans that were agreed on before that stay.
pub fn plan(args: &PlanArgs) -> Result<ExitCode, Refusal> {
    let whole = inputs::plan(&args.prd)?;
    let prd = run::absolute(&args.prd)?;
    let wanted = wanted(&whole, args)?;
    if wanted.is_empty() {
        say!("nothing is left to plan in {}", args.prd.display());
        return Ok(ExitCode::Success);
    }
    if !args.auto && !has_person() {
        return Err(Refusal::input(
            "a talk about a plan needs a terminal; let the epic-planner do it alone: ralph-teams plan --auto",
        ));
    }
    let repository = Repository::of(prd.parent().unwrap_or(&prd))?;
    refuse_beside_run(&repository)?;
    let env = environment();
    let overrides = Overrides { backend: args.backend.clone().map(BackendFlag::Named), ..Overrides::default() };
    let settings = inputs::settings(&repository.checkout, None, &env, &overrides)?;
    let head = preflight::repository(&repository)?;
    preflight::room(&repository.checkout, settings.min_free_mib)?;
    let scribe = Scribe::new(&repository, &settings, &env, &head)?;
    for epic in wanted {
        plan_one(&scribe, &repository, &prd, epic, args.auto)?;
    }
    Ok(ExitCode::Success)
}

/// The epics that are to be planned.
fn wanted<'a>(plan: &'a Plan, args: &PlanArgs) -> Result<Vec<&'a Epic>, Refusal> {
    let is_left = |epic: &&Epic| epic.is_open() && !epic.planned;
    if args.epics.is_empty() {
        return Ok(plan.epics().iter().filter(is_left).collect());
    }
    let mut wanted = Vec::new();
    for id in &args.epics {
        let Some(epic) = plan.epic(id) else {
            let known: Vec<&str> = plan.epics().iter().map(|epic| epic.id.as_str()).collect();
            return Err(Refusal::input(format!("there is no epic {id}; there are: {}", known.join(", "))));
        };
        if !epic.is_open() {
            note!("note: {id} is completed, so there is nothing to plan");
        } else if epic.planned {
            note!("note: {id} is planned already; write \"planned\": false into the PRD to plan it anew");
        } else if !wanted.iter().any(|other: &&Epic| other.id == *id) {
            wanted.push(epic);
        }
    }
    Ok(wanted)
}

/// A run writes the PRD, and has told its sessions of the plans that there were.
fn refuse_beside_run(repository: &Repository) -> Result<(), Refusal> {
    match lock::holder(repository.git.common_dir()) {
        Some(holder) => Err(Refusal::environment(format!(
            "run {} is at work in this repository (process {}); stop it first with `ralph-teams stop`, or wait",
            holder.run, holder.pid
        ))),
        None => Ok(()),
    }
}

fn plan_one(scribe: &Scribe<'_>, repository: &Repository, prd: &Path, epic: &Epic, auto: bool) -> Result<(), Refusal> {
    say!("{}: {}", epic.id, safe::short(&epic.title));
    let place = place(&repository.state, &epic.id);
    let file = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let look = |bytes: &[u8]| look_at_plan(epic, bytes);
    let text =
        scribe.write(&Errand { piece: Piece::Plan, talks: !auto, file: &file, epic: Some(epic), look: &look })?;
    let shown = scribe.draft.shown(&file);
    if !auto && !agrees(&format!("Take {shown} as the plan of {}?", epic.id), true, Some(&scribe.draft))? {
        say!("{} stays unplanned; the draft stays: {shown}", epic.id);
        return Ok(());
    }
    keep(repository, &scribe.draft, prd, epic, &place, &text)
        .map_err(|refusal| refusal.and(&format!("the draft stays: {shown}")))?;
    say!("{} is planned: {}", epic.id, place.strip_prefix(&repository.checkout).unwrap_or(&place).display());
    Ok(())
}

/// Where sessions look for the plan first.
fn place(state: &StateDir, epic: &EpicId) -> PathBuf {
    state.plan_by_id(epic).unwrap_or_else(|| state.plan(epic))
}

/// Whether this is a whole plan of the epic as the PRD has it now.
fn is_plan_of(prd: &str, epic: &EpicId, text: &[u8]) -> bool {
    let Ok(checked) = prd::check(prd.as_bytes()) else { return false };
    checked.plan.epic(epic).is_some_and(|epic| look_at_plan(epic, text).is_empty())
}

/// The plan first, then the word of it: cut short in between, the epic counts as not planned.
fn keep(
    repository: &Repository,
    draft: &Draft,
    prd: &Path,
    epic: &Epic,
    place: &Path,
    text: &[u8],
) -> Result<(), Refusal> {
    // No run may begin between the look at the PRD and the write.
    let _lock = run::lock(repository, &draft.id, &Clock::going_on_from(0).stamp())?;
    let (file, id) = (prd.display(), &epic.id);
    let broken = |fault: &dyn std::fmt::Display| {
        Refusal::environment(format!("{file} cannot be marked: {fault}; write \"planned\": true into {id}"))
    };
    let before = std::fs::read_to_string(prd).map_err(|fault| broken(&fault))?;
    if !is_plan_of(&before, id, text) {
        return Err(Refusal::environment(format!(
            "{id} was changed in {file} meanwhile, so this is no whole plan of it, and it stays unplanned; plan it again"
        )));
    }
    let folder = place.parent().unwrap_or(place);
    create_directory(folder).and_then(|()| write_atomic(place, text)).map_err(Refusal::environment)?;
    let edited = prd::set_planned(&before, std::slice::from_ref(id)).map_err(|fault| broken(&fault))?;
    write_atomic(prd, edited.text.as_bytes()).map_err(|fault| broken(&fault))
}
