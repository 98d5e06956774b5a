//! Hooks that stand in the configuration (`hook.<name>.command`, git 2.54 and newer): `core.hooksPath` does not reach
//! them, so each is switched off by its name. Older versions do not know the setting.

use std::collections::BTreeSet;

use git2::Config;

use super::{Git, Linked};

impl Git {
    /// The names of all hooks in the configuration that a call would read. A configuration that cannot be read names
    /// none: git itself then refuses to work.
    pub(super) fn configured_hooks(&self, linked: Option<&Linked>) -> BTreeSet<String> {
        let of_repository = self.repository().and_then(|repository| repository.config().map_err(self.reading("read")));
        let own = linked.map(|linked| linked.git_dir.join("config.worktree")).filter(|path| path.is_file());
        let of_worktree = own.and_then(|path| Config::open(&path).ok());
        of_repository.ok().iter().chain(&of_worktree).flat_map(names_in).collect()
    }
}

fn names_in(config: &Config) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Ok(entries) = config.entries(Some("^hook\\..*\\.(command|event)$")) else { return names };
    // A later entry that cannot be read hides none before it.
    let _ = entries.for_each(|entry| {
        let name = entry.name().ok().and_then(|name| name.strip_prefix("hook."));
        names.extend(name.and_then(|name| name.rsplit_once('.')).map(|(name, _)| name.to_owned()));
    });
    names
}
