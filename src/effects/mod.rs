//! The only hands: what touches the disk, git and processes.
#![expect(clippy::disallowed_methods, reason = "this room is where the world is touched")]

pub mod fs;
pub mod paths;
pub mod worktree_paths;
pub mod lock;
pub mod write_verdict;
pub mod verdict_json;
pub mod report_md;
pub mod markdown;
