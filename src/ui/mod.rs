//! Room: ui.
