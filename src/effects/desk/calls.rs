//! The calls of one session by their names: a caller whose connection broke makes its call again under the same name, because
//! it cannot know what became of it.
//!
//! **Invariant:** of the calls of one name at most one is at work at a time, and once one of them came to its end no other is
//! carried out: each gets the answer of that one. What starts something outside of the desk is not even begun twice
//! ([`AfterACut::Refused`]).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::wire::Answer;

/// Calls that are remembered after their end: far more than are made in the minutes in which one is made again.
const MOST_REMEMBERED: usize = 64;

/// What a call is told that was begun, and cut short when its connection broke.
const CUT_SHORT: &str = "the connection broke while this call was at work, which cut it short, and it is not carried out \
                         again by itself: look at what it left in the worktree, then call anew if something is missing";

/// What becomes of a call that is made again after it was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterACut {
    /// It is carried out anew: it leaves nothing behind before its end.
    CarriedOut,
    /// It is refused: it may have started something.
    Refused,
}

/// The calls of one session.
#[derive(Debug, Default)]
pub struct Calls(Mutex<VecDeque<(String, Arc<Call>)>>);

/// One call: whoever holds it works on it.
type Call = tokio::sync::Mutex<Stage>;

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Fresh,
    /// Somebody began to work on it. Found by another, it was cut short.
    Begun,
    Ended(Answer),
}

impl Calls {
    /// Carries a call out, unless one of this name came to its end already. One that is still at work is waited for.
    ///
    /// When this is dropped, the work is dropped with it.
    pub async fn once(&self, name: &str, after_a_cut: AfterACut, work: impl Future<Output = Answer>) -> Answer {
        let call = self.named(name);
        let mut stage = call.lock().await;
        match (&*stage, after_a_cut) {
            (Stage::Ended(answer), _) => return answer.clone(),
            (Stage::Begun, AfterACut::Refused) => return Answer::refused(CUT_SHORT),
            (Stage::Fresh, _) | (Stage::Begun, AfterACut::CarriedOut) => {}
        }
        *stage = Stage::Begun;
        let answer = work.await;
        *stage = Stage::Ended(answer.clone());
        answer
    }

    /// The call of this name. The oldest that are over make room for a new one.
    fn named(&self, name: &str) -> Arc<Call> {
        // Nothing in here can panic half way.
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, call)) = calls.iter().find(|(known, _)| known == name) {
            return Arc::clone(call);
        }
        if calls.len() >= MOST_REMEMBERED
            && let Some(oldest) = calls.iter().position(|(_, call)| is_over(call))
        {
            calls.remove(oldest);
        }
        let call = Arc::<Call>::default();
        calls.push_back((name.to_owned(), Arc::clone(&call)));
        call
    }
}

/// Whether nobody works on a call, or is about to.
fn is_over(call: &Arc<Call>) -> bool {
    Arc::strong_count(call) == 1
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    async fn answered(calls: &Calls, name: &str, text: &str) -> String {
        calls.once(name, AfterACut::Refused, async { Answer::done(text) }).await.text
    }

    /// Begins to work and is dropped.
    async fn cut(calls: &Calls, name: &str) {
        let work = calls.once(name, AfterACut::Refused, pending());
        assert!(is_at_work(work).await, "it is at work");
    }

    /// Polls a future once; whether it is still at work.
    async fn is_at_work(work: impl Future<Output = Answer>) -> bool {
        tokio::select! {
            biased;
            _ = work => false,
            () = async {} => true,
        }
    }

    #[tokio::test]
    async fn a_call_that_came_to_its_end_is_answered_again_and_not_carried_out_again() {
        let calls = Calls::default();
        assert_eq!(answered(&calls, "1", "first").await, "first");
        assert_eq!(answered(&calls, "1", "second").await, "first");
        assert_eq!(answered(&calls, "2", "other").await, "other");
    }

    #[tokio::test]
    async fn a_call_that_was_cut_short_is_carried_out_anew_only_where_that_does_no_harm() {
        let calls = Calls::default();
        cut(&calls, "1").await;
        assert!(answered(&calls, "1", "again").await.contains("cut it short"));
        let anew = calls.once("1", AfterACut::CarriedOut, async { Answer::done("anew") }).await;
        assert_eq!(anew, Answer::done("anew"));
    }

    #[tokio::test]
    async fn a_call_that_is_still_at_work_is_waited_for() {
        let calls = Calls::default();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let first = calls.once("1", AfterACut::Refused, async {
            let _ = ended.await;
            Answer::done("first")
        });
        let second = async {
            let second = calls.once("1", AfterACut::Refused, async { Answer::done("second") });
            tokio::pin!(second);
            assert!(is_at_work(&mut second).await, "it waits");
            let _ = end.send(());
            second.await
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!((first.text.as_str(), second.text.as_str()), ("first", "first"));
    }

    #[tokio::test]
    async fn the_oldest_that_are_over_are_forgotten_and_one_that_is_at_work_never_is() {
        let calls = Calls::default();
        let at_work = calls.once("at work", AfterACut::Refused, pending());
        tokio::pin!(at_work);
        assert!(is_at_work(&mut at_work).await);
        for n in 0..MOST_REMEMBERED * 2 {
            answered(&calls, &n.to_string(), "x").await;
        }
        assert_eq!(calls.0.lock().expect("calls").len(), MOST_REMEMBERED);
        let again = calls.once("at work", AfterACut::Refused, async { Answer::done("twice") });
        tokio::pin!(again);
        assert!(is_at_work(&mut again).await, "it waits for the one that is at work");
        assert_eq!(answered(&calls, &(MOST_REMEMBERED * 2 - 1).to_string(), "y").await, "x");
    }
}
