//! Hosts with real processes: whatever a program does, it ends within its bound and nothing outlives it.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]
#![cfg(target_os = "linux")]

mod agent;
mod ends;
mod flood;
mod gates;
mod git_locks;
mod leftovers;
mod scene;
mod stops;
