//! The critic of plans: each rule beside a near miss, what must hold for any plan, and the command itself.
#![expect(clippy::disallowed_methods, reason = "tests make files and processes of their own")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../prd/generated.rs"]
mod generated;

mod command;
mod fix;
mod good;
mod plans;
mod properties;
mod rules;
mod shape;
