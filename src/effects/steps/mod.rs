//! One file for each kind of work that the scheduler asks for; each function is idempotent and ends with one event.

pub mod gates;
pub mod open;
pub mod prepare;
pub mod plan;
pub mod session;
pub mod delegated;
pub mod ear;
mod earlier;
pub mod brief;
pub mod preview;
pub mod tools;
pub mod helpers;
mod repeats;
mod stagnation;
pub mod check;
pub mod integrate;
pub mod validation;
pub mod files;
pub mod first_start;
