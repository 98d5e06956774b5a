//! Room: effects.
pub mod git;
pub mod worktree;
