//! From a wish to a plan: what `init`, `plan` and `task` share.

pub mod ask;
pub mod draft;
pub mod interview;
pub mod scribe;
