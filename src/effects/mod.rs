//! Room: effects.

pub mod backend;
pub mod prompt;
