//! `ralph-teams init`: from a wish to a PRD that can be run.
//!
//! **Invariant:** a PRD is written once, whole, after it was found valid and the person agreed; until then there is only a draft.

use std::io::Read as _;
use std::path::Path;

use super::idea::ask::{agrees, has_person, wants};
use super::idea::draft::Draft;
use super::idea::scribe::{BRIEF, CUT, Errand, Scribe, WISH};
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{inputs, lint, plan, preflight, run, summary};
use crate::cli::{InitArgs, PlanArgs};
use crate::config::{BackendFlag, Overrides};
use crate::domain::idea::{look_at_brief, look_at_cut};
use crate::domain::{prd, shell};
use crate::effects::fs::write_atomic;
use crate::effects::prompt::idea::Piece;
use crate::exit::ExitCode;

/// Bytes of a wish at most: more is not a wish but an archive.
const WISH_MAX: u64 = 1024 * 1024;

/// `ralph-teams init`.
///
/// # Errors
/// It is refused, given up, or left; no PRD was written then.
pub fn init(args: &InitArgs) -> Result<ExitCode, Refusal> {
    let person = has_person();
    let wish = args.from.as_deref().map(read_wish).transpose()?;
    refuse_without_person(args, person)?;
    let prd = run::absolute(&args.prd)?;
    let over = may_write_over(args, &prd, person)?;
    let repository = Repository::here()?;
    let env = environment();
    let overrides = Overrides { backend: args.backend.clone().map(BackendFlag::Named), ..Overrides::default() };
    let settings = inputs::settings(&repository.checkout, None, &env, &overrides)?;
    let head = preflight::repository(&repository)?;
    preflight::room(&repository.checkout, settings.min_free_mib)?;
    let scribe = Scribe::new(&repository, &settings, &env, &head)?;
    if let Some(wish) = &wish {
        scribe.draft.write(WISH, wish)?;
    }
    let talks = wish.is_none();
    scribe.write(&Errand { piece: Piece::What, talks, file: BRIEF, epic: None, look: &look_at_brief })?;
    let look = |bytes: &[u8]| {
        let mut faults = look_at_cut(CUT, bytes);
        faults.should.extend(lint::warnings(CUT, bytes));
        faults
    };
    let cut = scribe.write(&Errand { piece: Piece::Cut, talks: false, file: CUT, epic: None, look: &look })?;
    let Ok(checked) = prd::check(&cut) else { return Err(Refusal::internal("a valid cut has faults")) };
    for warning in look(&cut).all() {
        note!("warning: {}", crate::ui::safe::line(warning, 400));
    }
    note!("\n{}", summary::text(&checked.plan));
    if !args.yes && !agrees(&format!("Write this to {}?", args.prd.display()), true, Some(&scribe.draft))? {
        return Err(not_wanted(args, &scribe.draft));
    }
    write(args, &prd, &cut, over, &scribe.draft)?;
    drop(scribe);
    let n_epics = super::validate::count(checked.plan.epics().len(), "epic");
    say!("{} is written: {n_epics}. Next:", args.prd.display());
    let word = shell::word(&args.prd.display().to_string());
    let named = if word == crate::cli::DEFAULT_PRD { String::new() } else { format!(" {word}") };
    say!("  ralph-teams lint{named}   what a critic says of it\n  ralph-teams run{named}");
    let so_far = format!("{} is written; nothing of it is planned yet", args.prd.display());
    if person && !args.yes && wants("Go on, and plan the epics one by one?", false, &so_far) {
        return plan::plan(&PlanArgs { prd: args.prd.clone(), backend: args.backend.clone(), ..PlanArgs::default() });
    }
    Ok(ExitCode::Success)
}

fn not_wanted(args: &InitArgs, draft: &Draft) -> Refusal {
    Refusal::failed(format!(
        "{} is not written; the draft stays: {}\nchange the brief and cut it anew: ralph-teams init --from {}",
        args.prd.display(),
        draft.shown(CUT),
        shell::word(&draft.shown(BRIEF))
    ))
}

fn read_wish(from: &Path) -> Result<Vec<u8>, Refusal> {
    let broken = |error: std::io::Error| {
        let file = from.display();
        Refusal::input(format!("{file} cannot be read: {error}; name a text file, or `-` for standard input"))
    };
    let mut bytes = Vec::new();
    let read = if from == Path::new("-") {
        std::io::stdin().lock().take(WISH_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(from).map_err(broken)?.take(WISH_MAX + 1).read_to_end(&mut bytes)
    };
    read.map_err(broken)?;
    if bytes.len() as u64 > WISH_MAX {
        return Err(Refusal::input(format!("{} is longer than {WISH_MAX} bytes; say what matters", from.display())));
    }
    let text = String::from_utf8(bytes).map_err(|_| Refusal::input(format!("{} is no UTF-8 text", from.display())))?;
    if text.trim().is_empty() {
        return Err(Refusal::input(format!("{} is empty: write down what is wanted", from.display())));
    }
    Ok(text.into_bytes())
}

/// Whoever cannot be asked must have said everything.
fn refuse_without_person(args: &InitArgs, person: bool) -> Result<(), Refusal> {
    if person {
        return Ok(());
    }
    if args.from.is_none() {
        return Err(Refusal::input(
            "an interview needs a terminal; write down what is wanted, then: ralph-teams init --from FILE --yes",
        ));
    }
    if !args.yes {
        return Err(Refusal::input(
            "without a terminal nobody can be asked whether the PRD is right; add --yes to have it written, and look at \
             it afterwards",
        ));
    }
    Ok(())
}

/// Whether a PRD that is there may be written over; found out at once, so that no interview is for nothing.
fn may_write_over(args: &InitArgs, prd: &Path, person: bool) -> Result<bool, Refusal> {
    let shown = args.prd.display();
    if prd.is_dir() {
        return Err(Refusal::input(format!("{shown} is a folder; name a file with --prd")));
    }
    if let Some(folder) = prd.parent().filter(|folder| !folder.is_dir()) {
        let text =
            format!("the folder {} is not there, so {shown} could not be written; make it first", folder.display());
        return Err(Refusal::input(text));
    }
    if args.overwrite || !prd.exists() {
        return Ok(args.overwrite);
    }
    if !person || args.yes {
        return Err(Refusal::input(format!(
            "{shown} is there already; add --overwrite, or name another one with --prd"
        )));
    }
    if agrees(&format!("{shown} is there already. Write over it in the end?"), false, None)? {
        return Ok(true);
    }
    Err(Refusal::input(format!("{shown} is left as it is; name another one with --prd")))
}

/// Writes the PRD, unless somebody else wrote one meanwhile.
fn write(args: &InitArgs, prd: &Path, cut: &[u8], over: bool, draft: &Draft) -> Result<(), Refusal> {
    if !over && prd.exists() {
        return Err(Refusal::environment(format!(
            "{} was written by somebody else meanwhile, and is left as it is; the draft stays: {}",
            args.prd.display(),
            draft.shown(CUT)
        )));
    }
    write_atomic(prd, cut)
        .map_err(|fault| Refusal::environment(fault).and(&format!("the draft stays: {}", draft.shown(CUT))))
}
