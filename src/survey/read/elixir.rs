//! `mix.exs`: an Elixir project.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Format, Lint, Setup, Test};

const FILE: &str = "mix.exs";

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let project = folder.find(FILE, |line| line.contains("def project"));
    if project.is_none() {
        return;
    }
    found.usual("mix", Format, "mix format --check-formatted", folder.opening(".formatter.exs"));
    found.usual("mix", Lint, "mix credo", folder.find(FILE, |line| line.contains("{:credo")));
    found.usual("mix", Test, "mix test", project);
    found.usual("mix", Setup, "mix deps.get", folder.find(FILE, |line| line.contains("deps: deps")));
}
