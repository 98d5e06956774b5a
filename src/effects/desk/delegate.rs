//! A lead delegates: its call is handed to the scheduler, waits for the session that does the work, and is answered with
//! what was found of it.

use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;

use super::arguments::{Delegate, DelegateWord};
use super::session::Session;
use super::wire::Answer;
use crate::domain::id::StoryId;
use crate::domain::role::Role;
use crate::effects::context::Context;
use crate::effects::delegations::Word;
use crate::scheduler::delegation::{Ending, LONGEST_BRIEF, Refusal, Told};
use crate::scheduler::{Event, Job};

/// Says that nobody waits any longer, unless the answer came.
struct Asked<'a> {
    lead: &'a Job,
    call: u32,
    replies: &'a UnboundedSender<Event>,
    answered: bool,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.answered {
            // Gone only when the loop has ended; nobody works for anybody then.
            let _ = self.replies.send(Event::DelegateDropped { job: self.lead.clone(), call: self.call });
        }
    }
}

/// Asks the scheduler and waits. When this is dropped, what it started is taken down.
///
/// # Errors
/// What is wrong with the call, in words for the agent.
pub async fn delegate(
    context: &Context,
    session: &Session,
    ask: Delegate,
    replies: &UnboundedSender<Event>,
) -> Result<Answer, String> {
    let (lead, role) = (&session.errand.job, role_of(ask.role));
    let (story, brief) = (story_of(ask.story.as_deref())?, brief_of(role, &ask.brief)?);
    let mut waiting = context.delegations.begin(lead);
    let call = waiting.call;
    let asked = Event::DelegateAsked { job: lead.clone(), call, role, story, brief };
    let mut drops = Asked { lead, call, replies, answered: false };
    // Gone only when the loop has ended, and this session with it.
    let _ = replies.send(asked);
    let word = waiting.word().await;
    drops.answered = word.is_some();
    Ok(word.map_or_else(|| Answer::refused("nobody will answer this call"), answer))
}

fn role_of(word: DelegateWord) -> Role {
    match word {
        DelegateWord::StoryPlanner => Role::StoryPlanner,
        DelegateWord::Builder => Role::Builder,
        DelegateWord::StoryValidator => Role::StoryValidator,
        DelegateWord::EpicValidator => Role::EpicValidator,
    }
}

fn story_of(story: Option<&str>) -> Result<Option<StoryId>, String> {
    let named = story.map(str::trim).filter(|story| !story.is_empty());
    named.map(StoryId::new).transpose().map_err(|fault| format!("{fault}; `get_epic` tells the stories and their ids"))
}

/// The brief as it is journalled. One that is too long is refused: what is cut off may be what matters.
fn brief_of(role: Role, brief: &str) -> Result<String, String> {
    let brief = brief.trim();
    if brief.is_empty() && role == Role::Builder {
        return Err(
            "a builder sees nothing of your conversation: say in `brief` what is to be done, and where".to_owned()
        );
    }
    if brief.len() > LONGEST_BRIEF {
        return Err(format!(
            "the brief is {} bytes long, more than {LONGEST_BRIEF}: name files instead of quoting them",
            brief.len()
        ));
    }
    Ok(brief.to_owned())
}

fn answer(word: Word) -> Answer {
    let (how, found) = match word.told {
        Told::Refused(refusal) => {
            let advice = after_refusal(&refusal);
            return Answer::refused(format!("Nothing was started: {refusal}. {advice}"));
        }
        Told::Ended { how, .. } => (how, word.found.unwrap_or_default()),
    };
    let mut whole = Map::from_iter([("ended".to_owned(), Value::from(how.to_string()))]);
    whole.extend(found);
    whole.insert("next".to_owned(), after_ending(&how).into());
    let text = format!("{:#}", Value::Object(whole));
    match how {
        Ending::Done | Ending::Failed(_) | Ending::Over(_) => Answer::done(text),
        Ending::TurnedAway { .. } | Ending::Cut | Ending::NotStarted(_) => Answer::refused(text),
    }
}

fn after_refusal(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotALead | Refusal::Ending => "Go on without it.",
        Refusal::Busy(_) => "Wait for its answer before you delegate again.",
        Refusal::Role(_) | Refusal::StoryMissing(_) | Refusal::NoStoryMeant(_) | Refusal::NotAsked(_) => {
            "Correct the call; `get_epic` tells the stories that you are asked for."
        }
        Refusal::UsedUp { .. } => "Do what is left yourself, or report the story as not done.",
        Refusal::Budget => "Report what is done and what is not, and end.",
        Refusal::Parked { .. } => "Do this work yourself, or go on with another story and try again later.",
    }
}

fn after_ending(how: &Ending) -> &'static str {
    match how {
        Ending::Done => {
            "This is what the session left, as git and the runner see it. Look at it before you rely on it."
        }
        Ending::Failed(_) => "Look at what it left, then delegate again what is missing, or do it yourself.",
        Ending::Over(_) => {
            "It hung and was ended. Look at what it left, then delegate a smaller piece, or do it yourself."
        }
        Ending::TurnedAway { .. } => "Nobody is charged for it. Do this work yourself, or try again later.",
        Ending::Cut => "Look at what it left before you go on.",
        Ending::NotStarted(_) => "Do this work yourself.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::event::{FailureKind, SessionFailure};
    use crate::scheduler::{Scope, Task};

    fn told(how: Ending) -> Answer {
        let session = Job { scope: Scope::Fix(1), task: Task::Session(Role::Builder), n: 1 };
        let found = Map::from_iter([("tip".to_owned(), "abc".into())]);
        answer(Word { told: Told::Ended { session, how }, found: Some(found) })
    }

    #[test]
    fn a_brief_that_is_empty_or_too_long_is_refused_with_what_to_do() {
        assert!(brief_of(Role::Builder, " \n").unwrap_err().contains("say in `brief`"));
        assert_eq!(brief_of(Role::StoryValidator, "").as_deref(), Ok(""));
        assert!(brief_of(Role::Builder, &"x".repeat(LONGEST_BRIEF + 1)).unwrap_err().contains("name files"));
        assert_eq!(brief_of(Role::Builder, &"x".repeat(LONGEST_BRIEF)).map(|brief| brief.len()), Ok(LONGEST_BRIEF));
    }

    #[test]
    fn a_lead_is_told_how_it_ended_what_was_found_and_what_to_do_now() {
        for (how, refused, says) in [
            (Ending::Done, false, "ended as it should"),
            (Ending::Failed(SessionFailure::new(FailureKind::Crashed, "exit code 3")), false, "exit code 3"),
            (Ending::NotStarted("no program".to_owned()), true, "no program"),
            (Ending::TurnedAway { reason: "429".to_owned(), rest_ms: 1 }, true, "429"),
        ] {
            let answer = told(how);
            let text: Value = serde_json::from_str(&answer.text).expect("JSON");
            assert_eq!((answer.refused, &text["tip"]), (refused, &Value::from("abc")));
            assert!(text["ended"].as_str().is_some_and(|ended| ended.contains(says)) && text["next"].is_string());
        }
        let refused = answer(Word { told: Told::Refused(Refusal::Budget), found: None });
        assert!(refused.refused && refused.text.contains("budget is used up"), "{}", refused.text);
    }
}
