//! What several tests share.

pub mod repo;
