//! Having an agent write something, and looking at it until it is good: a brief, a cut, a plan.
//!
//! **Invariant:** only what was looked at and found good is handed on; whatever else was written stays in the draft.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::draft::Draft;
use super::interview::{Talked, talk};
use crate::app::refusal::Refusal;
use crate::app::repository::{Repository, worktree_places};
use crate::app::team::{self, this_program};
use crate::config::settings::Settings;
use crate::domain::activity::Activity;
use crate::domain::id::{CommitId, SessionId};
use crate::domain::idea::Faults;
use crate::domain::plan::Epic;
use crate::domain::role::Role;
use crate::effects::backend::{AgentRoles, InterviewAsk, ROLES_DIRECTORY};
use crate::effects::before_run::{Sitting, SittingEnd, ThrowAway, hold};
use crate::effects::context::Seat;
use crate::effects::fs::write_atomic;
use crate::effects::prompt::PROMPTS_DIRECTORY;
use crate::effects::prompt::idea::{IdeaFacts, Piece, render};
use crate::effects::session_files::SessionFiles;
use crate::signals::{Signal, Signals};
use crate::ui::phrases;

/// How often something goes back to its writer.
const CORRECTIONS: u32 = 3;

/// The role in which sessions before a run work.
const ROLE: Role = Role::EpicPlanner;

/// Files of a draft that sessions read and write.
pub const WISH: &str = "wish.md";
/// What is wanted.
pub const BRIEF: &str = "brief.md";
/// How it is cut.
pub const CUT: &str = "prd.json";
/// The epic that is planned.
const EPIC: &str = "epic.json";

/// Something that is to be written.
pub struct Errand<'a> {
    /// What it is.
    pub piece: Piece,
    /// Whether the person talks with the agent about it.
    pub talks: bool,
    /// The file of the draft that comes of it.
    pub file: &'a str,
    /// The epic, for a plan.
    pub epic: Option<&'a Epic>,
    /// What is wrong with it.
    pub look: &'a dyn Fn(&[u8]) -> Faults,
}

/// How a session ended, as far as it matters when what it wrote is not good.
struct Wrote {
    failure: Option<String>,
    /// The conversation, where it can be gone on with.
    session: Option<SessionId>,
}

/// Has agents write.
pub struct Scribe<'a> {
    repository: &'a Repository,
    settings: &'a Settings,
    env: &'a BTreeMap<String, String>,
    head: &'a CommitId,
    /// Where everything is written.
    pub draft: Draft,
    seat: Seat,
    role_text: String,
    runtime: tokio::runtime::Runtime,
    stops: RefCell<UnboundedReceiver<()>>,
}

impl<'a> Scribe<'a> {
    /// Puts everything together; nothing is started.
    ///
    /// # Errors
    /// The agent program is missing, or the disk refuses.
    pub fn new(
        repository: &'a Repository,
        settings: &'a Settings,
        env: &'a BTreeMap<String, String>,
        head: &'a CommitId,
    ) -> Result<Self, Refusal> {
        let folder = repository.checkout.join(ROLES_DIRECTORY);
        crate::app::prompts::warn_of_outdated(&folder)?;
        let roles = AgentRoles::load(&folder).map_err(Refusal::environment)?;
        let seat = team::seat(ROLE, &roles, settings, env)?;
        seat.backend.locate().map_err(Refusal::environment)?;
        let role_text = roles.get(ROLE.name()).map(|role| role.instructions.clone()).unwrap_or_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
        let stops = RefCell::new(listen(&runtime)?);
        let draft = Draft::begin(repository)?;
        Ok(Self { repository, settings, env, head, draft, seat, role_text, runtime, stops })
    }

    /// Has it written, and goes back with what is wrong until it is good.
    ///
    /// # Errors
    /// It is given up, the person left, or the session failed. What was written is in the draft.
    pub fn write(&self, errand: &Errand<'_>) -> Result<Vec<u8>, Refusal> {
        let mut faults = Faults::default();
        let mut continues: Option<SessionId> = None;
        for n in 0..=CORRECTIONS {
            let end = self.session(errand, n, &faults, continues.take())?;
            let Some(bytes) = self.draft.read(errand.file)? else {
                if errand.talks && end.failure.is_none() {
                    return Err(self.draft.left());
                }
                faults.must = vec![format!("{} was not written", errand.file)];
                self.judge(end.failure)?;
                continues = end.session;
                continue;
            };
            faults = (errand.look)(&bytes);
            if faults.is_empty() {
                return Ok(bytes);
            }
            self.judge(end.failure)?;
            for fault in faults.all() {
                note!("  {}", crate::ui::safe::line(fault, 400));
            }
            continues = end.session;
        }
        match self.draft.read(errand.file)? {
            Some(bytes) if faults.must.is_empty() => Ok(bytes),
            Some(_) | None => Err(self.given_up(errand, &faults)),
        }
    }

    fn given_up(&self, errand: &Errand<'_>, faults: &Faults) -> Refusal {
        Refusal::failed(format!(
            "it is still not right after {CORRECTIONS} corrections:\n  {}\nthe draft stays: {}",
            faults.all().join("\n  "),
            self.draft.shown(errand.file)
        ))
    }

    /// A session that failed is no matter while what it wrote is good.
    fn judge(&self, failure: Option<String>) -> Result<(), Refusal> {
        match failure {
            Some(failure) => Err(Refusal::environment(format!(
                "the session of {} failed: {failure}; the draft stays in {}",
                self.seat.backend.name(),
                self.draft.shown("")
            ))),
            None => Ok(()),
        }
    }

    /// One session.
    fn session(
        &self,
        errand: &Errand<'_>,
        n: u32,
        faults: &Faults,
        continues: Option<SessionId>,
    ) -> Result<Wrote, Refusal> {
        let again = if faults.is_empty() { "" } else { ", to mend what is wrong with it" };
        let with = self.seat.backend.name();
        note!("{}: a session of {with}{again}", words(errand.piece));
        if errand.talks {
            return self.talk(errand, n, faults);
        }
        let end = self.alone(errand, n, faults, continues.as_ref())?;
        if end.lost_conversation && continues.is_some() {
            return self.alone(errand, n, faults, None).map(Wrote::from);
        }
        Ok(end.into())
    }

    fn talk(&self, errand: &Errand<'_>, n: u32, faults: &Faults) -> Result<Wrote, Refusal> {
        self.epic_file(errand, &self.draft.path(EPIC))?;
        let prompt = self.prompt(errand, &|file| self.draft.shown(file), faults, false)?;
        let prompt_file = format!("{}.prompt.md", name_of(errand, n));
        self.draft.write(&prompt_file, prompt.as_bytes())?;
        let Seat { backend, model, effort } = &self.seat;
        let ask = InterviewAsk {
            model: model.as_deref(),
            effort: effort.as_deref(),
            prompt: &prompt,
            prompt_file: &self.draft.path(&prompt_file),
        };
        let launch = backend.interview(&ask).map_err(Refusal::environment)?;
        let own = variables(errand, n, &|file| self.draft.path(file).to_string_lossy().into_owned());
        match talk(&launch, &own, &self.repository.checkout) {
            Ok(Talked::ToItsEnd) => Ok(Wrote { failure: None, session: None }),
            Ok(Talked::Badly(status)) => Ok(Wrote { failure: Some(status.to_string()), session: None }),
            Ok(Talked::Interrupted) => Err(self.draft.left()),
            Err(error) => Err(Refusal::environment(format!("{} cannot be started: {error}", backend.name()))),
        }
    }

    fn alone(
        &self,
        errand: &Errand<'_>,
        n: u32,
        faults: &Faults,
        continues: Option<&SessionId>,
    ) -> Result<SittingEnd, Refusal> {
        let name = name_of(errand, n);
        let place = self.throw_away()?;
        let files = SessionFiles::of(place.path());
        crate::effects::fs::create_directory(files.path()).map_err(Refusal::environment)?;
        for file in [WISH, BRIEF, errand.file] {
            if let Some(bytes) = self.draft.read(file)? {
                write_atomic(&files.path().join(file), &bytes).map_err(Refusal::environment)?;
            }
        }
        self.epic_file(errand, &files.path().join(EPIC))?;
        let prompt = self.prompt(errand, &shown_in_worktree, faults, continues.is_some())?;
        let host_program = this_program()?;
        let sitting = Sitting {
            draft: &self.draft.id,
            name: &name,
            seat: &self.seat,
            role: ROLE,
            prompt: &prompt,
            continues,
            worktree: place.path(),
            job_dir: &self.draft.path(&name),
            git: &self.repository.git,
            env: self.env,
            own: variables(errand, n, &shown_in_worktree),
            host_program: &host_program,
            idle_timeout_ms: self.settings.policy.idle_timeout_ms,
            life_timeout_ms: self.settings.policy.epic_timeout_ms,
        };
        let mut stops = self.stops.borrow_mut();
        let held = self.runtime.block_on(hold(&sitting, &mut stops, tell));
        if let Ok(bytes) = std::fs::read(files.path().join(errand.file)) {
            self.draft.write(errand.file, &bytes)?;
        }
        match held {
            Ok(end) if end.interrupted => Err(self.draft.left()),
            Ok(end) => Ok(end),
            Err(failure) => Err(Refusal::environment(failure.what)),
        }
    }

    fn throw_away(&self) -> Result<ThrowAway, Refusal> {
        let (repository, settings) = (self.repository, self.settings);
        let places = worktree_places(repository, settings.worktrees_dir.as_deref(), self.env, &self.draft.id)?;
        let root = places.path().parent().unwrap_or(places.path()).to_owned();
        ThrowAway::make(&repository.git, &root, &places.validation(), &self.draft.id, self.head)
            .map_err(Refusal::environment)
    }

    fn epic_file(&self, errand: &Errand<'_>, path: &Path) -> Result<(), Refusal> {
        let Some(epic) = errand.epic else { return Ok(()) };
        let text = serde_json::to_vec_pretty(epic).map_err(Refusal::internal)?;
        write_atomic(path, &text).map_err(Refusal::environment)
    }

    fn prompt(
        &self,
        errand: &Errand<'_>,
        at: &dyn Fn(&str) -> String,
        faults: &Faults,
        continued: bool,
    ) -> Result<String, Refusal> {
        let wish = self.draft.read(WISH)?.unwrap_or_default();
        let facts = IdeaFacts {
            piece: errand.piece,
            talks: errand.talks,
            wish: &String::from_utf8_lossy(&wish),
            wish_file: &at(WISH),
            brief: &at(BRIEF),
            result: &at(errand.file),
            role_text: &self.role_text,
            epic: errand.epic,
            gates: &self.settings.policy.gates,
            faults: &faults.all(),
            continued,
        };
        render(&self.repository.checkout.join(PROMPTS_DIRECTORY), &facts).map_err(Refusal::environment)
    }
}

impl From<SittingEnd> for Wrote {
    fn from(end: SittingEnd) -> Self {
        Self { failure: end.failure.map(|failure| failure.detail), session: end.session }
    }
}

/// The name of a session in its draft; an epic's plan is named by its file.
fn name_of(errand: &Errand<'_>, n: u32) -> String {
    let piece = match errand.piece {
        Piece::What | Piece::Cut => errand.piece.name(),
        Piece::Plan => errand.file.trim_end_matches(".md"),
    };
    format!("{piece}.{}", n + 1)
}

/// What the session is, for programs that are told by their environment.
fn variables(errand: &Errand<'_>, n: u32, at: &dyn Fn(&str) -> String) -> BTreeMap<String, String> {
    let mut own = BTreeMap::from([
        ("RALPH_ROLE".to_owned(), ROLE.name().to_owned()),
        ("RALPH_ATTEMPT".to_owned(), (n + 1).to_string()),
        ("RALPH_PURPOSE".to_owned(), errand.piece.name().to_owned()),
        ("RALPH_RESULT".to_owned(), at(errand.file)),
        ("RALPH_WISH".to_owned(), at(WISH)),
        ("RALPH_BRIEF".to_owned(), at(BRIEF)),
    ]);
    if let Some(epic) = errand.epic {
        own.insert("RALPH_EPIC_ID".to_owned(), epic.id.to_string());
        own.insert("RALPH_EPIC_FILE".to_owned(), at(EPIC));
    }
    own
}

/// A file of the draft as a session without a person sees it.
fn shown_in_worktree(file: &str) -> String {
    format!("{}/{file}", SessionFiles::NAME)
}

fn words(piece: Piece) -> &'static str {
    match piece {
        Piece::What => "what is wanted",
        Piece::Cut => "how it is cut",
        Piece::Plan => "how it is built",
    }
}

/// Shows what a session says and does, one line each.
fn tell(activity: &Activity) {
    if let Some(text) = phrases::activity(activity) {
        note!("  {}", crate::ui::safe::short(&text));
    }
}

/// Signals of people, as wishes to stop.
fn listen(runtime: &tokio::runtime::Runtime) -> Result<UnboundedReceiver<()>, Refusal> {
    let (wish, stops) = unbounded_channel();
    let _inside = runtime.enter();
    let mut signals = Signals::listen().map_err(Refusal::environment)?;
    runtime.spawn(async move {
        loop {
            match signals.next().await {
                Signal::Interrupt | Signal::Terminate | Signal::HangUp => {
                    if wish.send(()).is_err() {
                        return;
                    }
                }
                // A session that stands still is not better than one that goes on.
                Signal::Suspend => {}
            }
        }
    });
    Ok(stops)
}
