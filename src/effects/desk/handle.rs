//! One call of a tool: whether the caller has it, what is looked at, what is written, what is answered.
//!
//! The judging stands in `story`, `validation` and `epic` and is pure; here the facts are brought to it.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;

use super::arguments::{self, NoteWord, ReportStory, read};
use super::delegate::delegate;
use super::epic::{self, Means};
use super::session::{Records, Session};
use super::story::Look;
use super::tools::Tool;
use super::wire::{Answer, Request};
use super::{plan, record, story, validation};
use crate::domain::id::EpicId;
use crate::domain::note::{Note, NoteKind};
use crate::domain::report::StoryClaim;
use crate::effects::context::{Context, blocking};
use crate::effects::hands::Cancel;
use crate::effects::session_files::SessionFiles;
use crate::effects::steps::gates::{Ran, prove};
use crate::effects::text::one_line;
use crate::scheduler::Event;
use crate::scheduler::notes::MOST_NOTES_OF_ONE;

/// Answers one call, and one that is made again as it was answered before. When it is dropped, what it started is taken
/// down.
pub async fn handle(
    context: &Context,
    session: &Arc<Session>,
    request: Request,
    replies: &UnboundedSender<Event>,
) -> Answer {
    let Request { call, tool, arguments, .. } = request;
    let own = &session.errand.tools;
    let Some(tool) = Tool::named(&tool).filter(|tool| own.contains(tool)) else {
        let own: Vec<&str> = own.iter().map(|tool| tool.name()).collect();
        let (tool, role) = (one_line(&tool), session.errand.caller.name());
        return Answer::refused(format!("the role {role} has no tool {tool:?}; it has: {}", own.join(", ")));
    };
    let work = carry_out(context, session, tool, arguments, replies);
    if tool.only_reads() { work.await } else { session.calls.once(&call, tool.after_a_cut(), work).await }
}

async fn carry_out(
    context: &Context,
    session: &Arc<Session>,
    tool: Tool,
    arguments: Map<String, Value>,
    replies: &UnboundedSender<Event>,
) -> Answer {
    let answered = match tool {
        Tool::GetEpic => read(arguments).map(|arguments::GetEpic {}| Answer::done(get_epic(context, session))),
        Tool::ReportStory => match read(arguments) {
            Ok(report) => report_story(context, session, report).await,
            Err(fault) => Err(fault),
        },
        Tool::ReportPlan => read(arguments).and_then(|plan| report_plan(context, session, &plan)),
        Tool::ReportValidation => read(arguments).and_then(|report| report_validation(context, session, &report)),
        Tool::Note => read(arguments).and_then(|note| leave_note(session, &note, replies)),
        Tool::Blocked => read(arguments).and_then(|block| blocked(session, &block)),
        Tool::Delegate => match read(arguments) {
            Ok(ask) => delegate(context, session, ask, replies).await,
            Err(fault) => Err(fault),
        },
    };
    answered.unwrap_or_else(Answer::refused)
}

fn get_epic(context: &Context, session: &Session) -> String {
    let has_plan = SessionFiles::of(&session.errand.worktree).plan().is_file();
    let means = Means {
        plan: &context.plan,
        gates: &context.gates,
        setup: context.setup.as_ref().map(|setup| setup.command.as_str()),
        plan_file: has_plan.then_some(".ralph/plan.md"),
    };
    epic::tell(&session.errand, &means)
}

async fn report_story(context: &Context, session: &Arc<Session>, report: ReportStory) -> Result<Answer, String> {
    let errand = &session.errand;
    let id = story::asked(errand, &report.story)?;
    let (claim, look) = if report.passes {
        let look = look(context, session, &report).await?;
        let claim = story::done(id, &report, &look, errand.branch.as_deref())?;
        if report.run_gates {
            run_gates(context, session).await?;
        }
        (claim, look)
    } else {
        (story::given_up(id, &report)?, Look::default())
    };
    take(session, &look, |_| Ok(vec![claim]))
}

async fn look(context: &Context, session: &Arc<Session>, report: &ReportStory) -> Result<Look, String> {
    let (git, rules, loop_branch) = (context.git.clone(), context.rules.clone(), context.run.loop_branch());
    let (session, named) = (Arc::clone(session), report.commit.clone());
    let look = blocking(move || story::look(&git, &session.errand, &rules, &loop_branch, named.as_deref())).await;
    look.map_err(|failure| failure.what)
}

async fn run_gates(context: &Context, session: &Session) -> Result<(), String> {
    let _alone = session.gates.lock().await;
    // Nobody cancels by this: a call that is cancelled is dropped, and its gates with it.
    let (_wish, cancel) = Cancel::pair();
    let ran = prove(context, &session.errand.job, &session.errand.worktree, cancel).await;
    match ran.map_err(|failure| failure.what)? {
        Ran::Done(gates) => story::gates_green(&gates),
        Ran::Cut => Err("the gates were cut short; report again".to_owned()),
    }
}

/// Writes claims into the report, and says what was accepted.
fn take(
    session: &Session,
    look: &Look,
    claims: impl FnOnce(&[StoryClaim]) -> Result<Vec<StoryClaim>, String>,
) -> Result<Answer, String> {
    let errand = &session.errand;
    let epic = epic_of(session)?;
    let write = |records: &mut Records| -> Result<Answer, String> {
        let mut reported = record::reported(&errand.files, epic, &records.claims)?;
        let new = claims(&reported)?;
        record::write_claims(&errand.files, epic, &reported, &new)?;
        for claim in &new {
            records.take(claim.clone());
        }
        reported.extend(new.iter().cloned());
        Ok(Answer::done(story::accepted(&new, look, errand, &reported)))
    };
    Ok(session.record(|records| write(records).unwrap_or_else(Answer::refused)))
}

fn blocked(session: &Session, block: &arguments::Blocked) -> Result<Answer, String> {
    take(session, &Look::default(), |reported| story::blocked(&session.errand, block, reported))
}

fn report_plan(context: &Context, session: &Session, plan: &arguments::ReportPlan) -> Result<Answer, String> {
    let errand = &session.errand;
    let epic = epic_of(session)?;
    let keep = || match errand.is_delegated {
        true => plan::keep_here(&errand.files, &plan.text).map(|()| "the lead that asked for it is told"),
        false => plan::keep(&context.state, epic, &errand.files, &plan.text)
            .map(|()| "the sessions that build the epic will be told of it"),
    };
    Ok(session.record(|_| match keep() {
        Ok(who) => Answer::done(format!("the plan is kept; {who}")),
        Err(fault) => Answer::refused(fault),
    }))
}

fn report_validation(
    context: &Context,
    session: &Session,
    report: &arguments::ReportValidation,
) -> Result<Answer, String> {
    let errand = &session.errand;
    let criteria = epic::criteria(errand, &context.plan);
    let file = validation::file_of(report, &criteria, errand.caller, &context.clock.stamp())?;
    Ok(session.record(|_| match record::write_report(&errand.files, file.as_bytes()) {
        Ok(()) => Answer::done("accepted; no report file has to be written"),
        Err(fault) => Answer::refused(fault),
    }))
}

fn leave_note(session: &Session, note: &arguments::Note, replies: &UnboundedSender<Event>) -> Result<Answer, String> {
    let kind = match note.kind {
        NoteWord::Decision => NoteKind::Decision,
        NoteWord::Discovery => NoteKind::Discovery,
        NoteWord::Convention => NoteKind::Convention,
    };
    let note = Note::new(kind, &note.text)?;
    Ok(session.record(|records| {
        if records.n_notes >= MOST_NOTES_OF_ONE {
            return Answer::refused(format!("{MOST_NOTES_OF_ONE} notes of a session are kept; this is one too many"));
        }
        records.n_notes += 1;
        // Gone only when the loop has ended; then no session comes after this one.
        let _ = replies.send(Event::Noted { job: session.errand.job.clone(), note });
        Answer::done("noted; the sessions that begin from now on are told")
    }))
}

fn epic_of(session: &Session) -> Result<&EpicId, String> {
    let epic = session.errand.job.scope.epic();
    epic.ok_or_else(|| "this session is about no single epic: there is nothing to report of one".to_owned())
}
