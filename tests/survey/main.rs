//! What is proposed for repositories of many kinds, with the line that backs each proposal; and what is refused.

mod bringing;
mod refusing;
mod repositories;
mod scene;
