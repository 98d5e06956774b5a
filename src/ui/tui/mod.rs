//! The full-screen terminal interface. One channel brings messages, a pure [`update()`] changes the [`Model`], pure views
//! draw it, and what the person asks for leaves as an [`Ask`].
//!
//! Read it in this order: [`model`] and [`msg`] are its vocabulary; [`keys`] is the table that is also the help;
//! [`mod@update`], `hear`, `answer` and `steer` change the model; [`areas`] and [`view`] draw it; [`terminal`] and [`screen`] are the only
//! parts that touch a terminal.

pub mod theme;
pub mod transcript;
pub mod msg;
pub mod model;
pub mod keys;
mod hear;
mod answer;
mod steer;
pub mod update;
pub mod areas;
pub mod view;
pub mod terminal;
mod cells;
mod inbox;
pub mod screen;

pub use model::{Facts, Model};
pub use msg::{Ask, Msg, Outside, Seek};
pub use update::update;
