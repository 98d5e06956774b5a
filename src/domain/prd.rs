//! prd.json as written.
