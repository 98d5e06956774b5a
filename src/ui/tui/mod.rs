//! The full-screen terminal interface. One channel brings messages, a pure [`update()`] changes the [`Model`], pure views
//! draw it, and what the person asks for leaves as an [`Ask`].
//!
//! Read it in this order: [`model`] and [`msg`] are its vocabulary; [`keys`] is the table that is also the help;
//! [`mod@update`], `hear`, `answer` and `steer` change the model; [`areas`] and [`view`] draw it; [`terminal`] and
//! [`screen`] with what they are made of ([`input`], [`cells`], [`ground`]) are the only parts that touch a terminal.

pub mod theme;
pub mod transcript;
pub mod msg;
pub mod model;
pub mod keys;
mod hear;
pub mod tree;
mod answer;
mod steer;
pub mod update;
pub mod areas;
pub mod view;
pub mod ground;
pub mod input;
pub mod terminal;
pub mod cells;
mod alarm;
mod inbox;
mod show;
pub mod screen;

pub use model::{Facts, Model};
pub use msg::{Ask, Msg, Outside, Seek};
pub use update::update;
