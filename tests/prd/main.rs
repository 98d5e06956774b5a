//! prd.json from the outside: its faults, its edits, its schema, and what must hold for any bytes at all.

mod any_input;
mod edits;
mod faults;
mod generated;
mod schema;
