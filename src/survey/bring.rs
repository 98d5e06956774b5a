//! Files that git ignores and that work needs: settings and secrets of this machine, which nobody can make anew.

use super::listing::Listing;
use super::proposal::Bring;

/// The ignored files that each worktree should get.
pub(super) fn files(listing: &Listing) -> Vec<Bring> {
    let wanted = listing.ignored.iter().filter(|ignored| is_setting(&ignored.path));
    wanted.map(|ignored| Bring { path: ignored.path.clone(), rule: ignored.rule.clone() }).collect()
}

/// Whether a file holds settings of a machine, by its name.
#[must_use]
pub fn is_setting(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_environment = name == ".env" || name.starts_with(".env.");
    let ending = |ending: &str| name.to_lowercase().ends_with(ending);
    let is_local =
        [".local.json", ".local.yml", ".local.yaml", ".local.toml", ".local.js", ".local.ts"].iter().any(|e| ending(e));
    let is_known = matches!(
        name,
        ".envrc"
            | ".dev.vars"
            | ".npmrc"
            | ".yarnrc"
            | "local.properties"
            | "master.key"
            | "local_settings.py"
            | "local.settings.json"
            | "terraform.tfvars"
    );
    // A copy that an editor or a person left behind is nobody's setting.
    let is_left_over = [".bak", ".orig", ".swp", "~"].iter().any(|e| ending(e));
    // `*` and `[` would be read as patterns.
    let is_plain = !path.contains(['*', '?', '[', '\\']);
    (is_environment || is_local || is_known) && !is_left_over && is_plain
}
