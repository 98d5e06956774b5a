//! Models for the tests of the screen: every state, page, tab and question, each with a name.

mod large;
mod nasty;
mod shop;
mod states;

pub use large::{ledger, ledger_over};
pub use nasty::{NASTY, nasty_activities, nasty_everywhere};
pub use shop::*;
pub use states::{gate_red, over, scenes};
