//! `ralph-teams` reads a `prd.json`, runs its epics side by side in git worktrees with AI coding agents, proves each
//! finished epic with the user's own gates, merges it into a loop branch, lets a final validator judge the whole, and
//! writes a verdict. An agent *reports*, the runner *checks*, and only the runner says what passes.
//!
//! # The one idea
//!
//! One pure state machine, the [`scheduler`], decides. Every event that it sees is first written to the [`journal`]
//! and synced; state is only ever a fold of that journal. Everything else brings it events or carries out its commands.
//! So resuming needs no code of its own, and a test can crash the program after any event.
//!
//! # The rooms, in reading order
//!
//! | room | what it is | it may use |
//! |---|---|---|
//! | [`domain`] | PURE. What the words mean: ids, PRD, plan, policy, gates, reports, verdict | nothing |
//! | [`scheduler`] | PURE. Events in; commands, notices and a picture of the run out | domain |
//! | [`journal`] | what survives: records, checksums, torn tails | scheduler, domain |
//! | [`driver`] | the loop: the only place where scheduler, journal, hands and sinks meet | all of these, ui, clock, signals |
//! | [`effects`] | the only hands: git, worktrees, hosts, sessions, gates, files | scheduler, domain, clock |
//! | [`ui`] | only looks: one wording as plain lines, as JSON, and in `progress.txt` | scheduler, domain |
//! | [`lint`] | PURE. A critic of valid plans: what is likely to cost time, and how long a plan takes | domain |
//! | [`config`] | flags, environment and `ralph.config.yml` become checked settings; a pure merge | domain |
//! | [`survey`] | PURE. What a repository's files say about itself, each claim with the line that backs it | domain |
//! | [`cli`] | what can be typed: clap types and nothing else | config, domain |
//! | [`app`] | composition root: each command as one function | everything |
//! | [`clock`] | the only reader of the clocks | domain |
//! | [`signals`] | INT, TERM, HUP and TSTP as a stream | nothing |
//! | [`exit`] | the exit codes, a promise to scripts | domain |
//!
//! # What always holds
//!
//! 1. Live state equals the fold of the journal, at every step.
//! 2. [`scheduler::Scheduler::handle`] is total: a stale, repeated or impossible event changes nothing and never panics.
//! 3. There are at most as many sessions as slots, and never two in one worktree.
//! 4. An epic starts only after all its dependencies are merged, and is merged at most once; one merge is in flight.
//! 5. Every command is idempotent and gets exactly one closing answer that names its job, also when its task panics.
//! 6. A stop starts nothing and ends within its bound.
//! 7. Finished work is never thrown away, and an attempt that we cut short is never charged.
//! 8. A run with crashes and interruptions comes to the same outcome as an undisturbed one.
//! 9. `verdict.json`, `prd.json`, journal and git agree, and each file is written whole or not at all.
//! 10. The user's checkout and branches are never touched; the loop branch is checked out nowhere.
//! 11. No process of a session outlives it.
//! 12. No screen can slow or stop a run.
//! 13. Every epic that is not done is in exactly one state, and the view can say why it waits.
//! 14. Only checked evidence turns a story to `passes: true`.
//!
//! `docs/architecture.md` says who keeps each of these and which test asserts it; `tests/tidy.rs` holds the walls.
// Lints for the tests as well stand in Cargo.toml; these are about the code that runs for a user.
#![deny(clippy::unwrap_used, clippy::expect_used)] // a panic would tear down a run: errors are typed and told
#![deny(clippy::print_stdout, clippy::print_stderr)] // while a run lives, only its sinks write to the terminal

pub mod domain;
pub mod lint;
pub mod scheduler;
pub mod journal;
pub mod driver;
pub mod effects;
pub mod ui;
pub mod config;
pub mod survey;
pub mod cli;
pub mod app;
pub mod clock;
pub mod signals;
pub mod exit;
