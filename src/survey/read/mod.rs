//! One reader for each kind of file: what it says about setting up, building, testing and linting.

mod make;
mod just;
mod taskfile;
mod scripts;
mod node;
mod cargo;
mod python;
mod go;
mod ruby;
mod jvm;
mod php;
mod elixir;
mod cmake;
pub(super) mod ci;

use super::found::Found;
use super::listing::Folder;

/// All readers, those first whose entry points speak for the whole folder.
const READERS: [fn(Folder<'_>, &mut Found); 13] = [
    make::read,
    just::read,
    taskfile::read,
    scripts::read,
    node::read,
    cargo::read,
    python::read,
    go::read,
    ruby::read,
    jvm::read,
    php::read,
    elixir::read,
    cmake::read,
];

/// What the files of a folder say.
pub(super) fn all(folder: Folder<'_>) -> Found {
    let mut found = Found::default();
    for read in READERS {
        read(folder, &mut found);
    }
    found
}

/// Says that a file is there and says nothing.
fn unread(folder: Folder<'_>, name: &str, found: &mut Found) {
    found.notes.push(format!("{} cannot be understood, so nothing was taken from it", folder.path(name)));
}
