//! `go.mod`: a Go module.

use crate::survey::found::Found;
use crate::survey::listing::Folder;
use crate::survey::purpose::Purpose::{Build, Lint, Test};

pub(super) fn read(folder: Folder<'_>, found: &mut Found) {
    let module = folder.find("go.mod", |line| line.starts_with("module "));
    let settings = [".golangci.yml", ".golangci.yaml"].iter().find_map(|name| folder.opening(name));
    if module.is_some() && settings.is_some() {
        found.usual("go", Lint, "golangci-lint run", settings);
    } else {
        found.usual("go", Lint, "go vet ./...", module.clone());
    }
    found.usual("go", Build, "go build ./...", module.clone());
    found.usual("go", Test, "go test ./...", module);
}
