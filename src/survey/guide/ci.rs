//! What continuous integration does: its workflows, when they run, and their jobs.

use super::page::{Page, code};
use crate::survey::listing::Listing;
use crate::survey::quote::Quote;
use crate::survey::tree::{Node, yaml};

/// The most workflows that are told.
const MOST_WORKFLOWS: usize = 12;

/// The files that tell continuous integration what to do.
pub(in crate::survey) fn files(listing: &Listing) -> Vec<&str> {
    let others = [
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "Jenkinsfile",
        ".travis.yml",
        "bitbucket-pipelines.yml",
        ".woodpecker.yml",
        ".drone.yml",
    ];
    let is_workflow =
        |path: &str| path.starts_with(".github/workflows/") && (path.ends_with(".yml") || path.ends_with(".yaml"));
    listing.files.iter().map(String::as_str).filter(|path| is_workflow(path) || others.contains(path)).collect()
}

pub(super) fn write(page: &mut Page, listing: &Listing) {
    let files = files(listing);
    if files.is_empty() {
        return;
    }
    page.heading("Continuous integration");
    for path in files.into_iter().take(MOST_WORKFLOWS) {
        let Some(text) = listing.texts.get(path) else {
            page.line(&format!("- {}", code(path)));
            continue;
        };
        let root = yaml(text);
        let jobs = root.as_ref().and_then(|root| root.get("jobs")).map(Node::entries).unwrap_or_default();
        let names: Vec<String> = jobs.iter().take(8).map(|(name, _)| code(name)).collect();
        let when = root.as_ref().and_then(|root| root.get("on")).map(triggers).unwrap_or_default();
        let about = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let when = if when.is_empty() { String::new() } else { format!(", on {when}") };
        let quote = Quote::first(path, text, |line| line.starts_with("jobs:") || line.starts_with("stages:"));
        let quote = quote.unwrap_or_else(|| Quote::of(path, text, 1));
        page.claim(&format!("- {}{about}{when}", code(path)), &[quote]);
    }
}

fn triggers(on: &Node) -> String {
    let one = on.text().map(str::to_owned);
    let listed = on.items().iter().filter_map(Node::text).map(str::to_owned);
    let keyed = on.entries().iter().map(|(name, _)| name.clone());
    one.into_iter().chain(listed).chain(keyed).collect::<Vec<_>>().join(", ")
}
