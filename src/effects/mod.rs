//! Room: effects.

pub mod host;
pub mod hosted;
pub mod follow;
pub mod gate;
