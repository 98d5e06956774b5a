//! Room: effects.
