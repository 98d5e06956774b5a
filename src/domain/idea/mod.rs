//! From a wish to a plan that can be run: what a brief, a cut and an implementation plan must hold to be of use. Pure.

mod brief;
mod cut;
mod plan_file;
mod sections;
mod task;

pub use brief::look_at_brief;
pub use cut::look_at_cut;
pub use plan_file::{criteria_of, look_at_plan};
pub use task::{TASK_PREFIX, task_prd};

/// What keeps a piece of writing from being used, in sentences that its writer can act on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// It cannot be used with any of these.
    pub must: Vec<String>,
    /// It can be used all the same, but should not have these.
    pub should: Vec<String>,
}

impl Faults {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.must.is_empty() && self.should.is_empty()
    }

    /// All of them, the gravest first.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        self.must.iter().chain(&self.should).map(String::as_str).collect()
    }

    /// A text of which nothing can be said but that it is no text.
    fn unreadable() -> Self {
        Self { must: vec!["it is not UTF-8 text".to_owned()], should: Vec::new() }
    }
}
