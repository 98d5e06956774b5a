//! What several benchmarks share: made-up PRDs, and the journal of a long run.

#![allow(dead_code, reason = "each benchmark uses another part of it, so an expectation cannot hold in all of them")]

pub mod life;
pub mod prd;
pub mod terminal;
