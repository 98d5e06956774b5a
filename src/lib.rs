//! ralph-teams.
#![warn(missing_docs)]

pub mod domain;
pub mod scheduler;
pub mod journal;
pub mod effects;
pub mod ui;
pub mod config;
pub mod clock;
pub mod signals;
pub mod driver;
pub mod cli;
pub mod app;
pub mod exit;
