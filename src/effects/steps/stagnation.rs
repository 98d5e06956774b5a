//! Tells the scheduler of a session that does the same again and again while nothing changes in its worktree.

use std::path::Path;

use super::ear::Ear;
use super::repeats::Stage;
use crate::effects::context::{Context, blocking};
use crate::effects::vital::traces;

/// Remembers what the worktree looked like when a repetition began.
#[derive(Debug, Default)]
pub(super) struct Stagnation {
    before: Option<String>,
}

impl Stagnation {
    /// Looks whether what was heard last makes a repetition full, and nothing came of it.
    pub(super) async fn look(&mut self, context: &Context, worktree: &Path, ear: &mut Ear<'_>) {
        match ear.repetition() {
            Stage::None => self.before = None,
            Stage::Begun if self.before.is_some() => {}
            Stage::Begun => self.before = look_at(context, worktree).await,
            Stage::Full => {
                let now = look_at(context, worktree).await;
                if self.before.is_some() && self.before == now {
                    ear.say_stagnant();
                }
                ear.count_anew();
                self.before = None;
            }
        }
    }
}

/// A worktree that cannot be read tells nothing, and then nobody is blamed.
async fn look_at(context: &Context, worktree: &Path) -> Option<String> {
    let (git, worktree) = (context.git.clone(), worktree.to_owned());
    blocking(move || traces(&git, &worktree)).await.ok()
}
