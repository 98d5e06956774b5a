//! The only hands: carries out what the scheduler asks for, and answers each job once.
#![expect(clippy::disallowed_methods, reason = "this room is where the world is touched")]

pub mod context;
pub mod hands;
pub mod guard;
pub mod steps;
pub mod delegations;
pub mod desk;
pub mod git;
pub mod worktree;
pub mod host;
pub mod hosted;
pub mod before_run;
pub mod vital;
pub mod session_record;
pub mod follow;
pub mod times;
pub mod heard;
pub mod run_facts;
pub mod gate;
pub mod backend;
pub mod prompt;
pub mod fs;
pub mod disk;
pub mod memory;
pub mod ask;
pub mod paths;
pub mod session_files;
pub mod worktree_paths;
pub mod lock;
pub mod runner;
pub mod write_verdict;
pub mod verdict_json;
pub mod report_md;
pub mod text;
pub mod markdown;
