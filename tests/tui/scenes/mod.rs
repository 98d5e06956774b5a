//! Models for the tests of the screen: every state, page, tab and question, each with a name.

mod large;
mod shop;
mod states;

pub use shop::*;
pub use states::{gate_red, over, scenes};
