//! What people are told of the planning and the judging of an epic.

use super::phrases::{bounded, listed};
use super::safe::short;
use super::text::{Tone, Words, neutral};
use super::units::count;

pub(super) fn planned(missing: Option<&str>) -> Words {
    match missing {
        None => neutral("is planned; its lead begins".to_owned()),
        Some(reason) => (Tone::Doubtful, format!("goes on without a plan: {}", short(reason)), vec![]),
    }
}

pub(super) fn epic_validated(pass: bool, findings: &[String]) -> Words {
    let found = match findings.len() {
        0 => String::new(),
        n => format!(" with {}", count(n, "finding", "findings")),
    };
    let details = bounded(findings.iter().map(|finding| short(finding)));
    if pass {
        (Tone::Good, format!("its validator passes it{found}"), details)
    } else {
        (Tone::Bad, format!("its validator fails it{found}"), details)
    }
}

pub(super) fn not_validated(reason: &str) -> Words {
    (Tone::Doubtful, format!("is merged though nobody judged it: {}", short(reason)), vec![])
}

pub(super) fn put_back(saved: &[String]) -> Words {
    let line =
        format!("put back to the commit that it stood on; what else was in its worktree is saved as {}", listed(saved));
    (Tone::Doubtful, line, vec![])
}
