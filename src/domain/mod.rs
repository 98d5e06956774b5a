//! What the words mean: the types that every other room speaks in. Pure; uses no other room.

pub mod id;
pub mod role;
pub mod shell;
pub mod activity;
pub mod prd;
pub mod pattern;
pub mod plan;
pub mod policy;
pub mod gate;
pub mod report;
pub mod note;
pub mod usage;
pub mod budget;
pub mod price;
pub mod outcome;
pub mod verdict;
pub mod idea;
