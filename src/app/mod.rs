//! Room: app.

pub mod summary;
pub mod validate;
