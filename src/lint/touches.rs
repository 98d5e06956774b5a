//! Epics that may run side by side and say by `touches` that they change the same files. What an epic without `touches`
//! names in its text counts beside it, but less.

use super::finding::{Field, Finding, Severity, Spot};
use super::paths::{Named, named_in};
use super::reach::Reach;
use super::shared::{clash, texts_of};
use crate::domain::pattern::PathPattern;
use crate::domain::plan::{Epic, Plan};

/// Looks at all epics that are still to be done. Two of which neither has `touches` are left to [`super::shared`].
pub(super) fn look(plan: &Plan, reach: &Reach, found: &mut Vec<Finding>) {
    let claims: Vec<Vec<Claim>> =
        plan.epics().iter().enumerate().map(|(position, epic)| claims_of(position, epic)).collect();
    for later in 0..claims.len() {
        let beside = |&earlier: &usize| reach.side_by_side(later, earlier);
        let meetings = (0..later)
            .filter(beside)
            .filter_map(|earlier| meeting(&claims[earlier], &claims[later]).map(|meeting| (earlier, meeting)));
        found.extend(finding(plan, later, &meetings.collect::<Vec<_>>()));
    }
}

/// What an epic says about one place.
struct Claim {
    pattern: PathPattern,
    at: Spot,
    by: By,
}

/// How sure a claim is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// By `touches`.
    Touches,
    /// By a file or a folder that the text names.
    Text,
    /// By a file name without a folder that the text names.
    BareName,
}

/// Two claims that meet: of the earlier epic and of the later one.
struct Meeting<'c> {
    severity: Severity,
    earlier: &'c Claim,
    later: &'c Claim,
}

fn claims_of(position: usize, epic: &Epic) -> Vec<Claim> {
    if !epic.is_open() {
        return Vec::new();
    }
    if epic.touches.is_empty() {
        return texts_of(position, epic)
            .into_iter()
            .flat_map(|(at, text)| named_in(text).into_iter().filter_map(move |named| claim_of_text(at, named)))
            .collect();
    }
    let claim = |(n, pattern): (usize, &PathPattern)| Claim {
        pattern: pattern.clone(),
        at: Spot::epic(position, Field::Touches(n)),
        by: By::Touches,
    };
    epic.touches.iter().enumerate().map(claim).collect()
}

fn claim_of_text(at: Spot, named: Named) -> Option<Claim> {
    let (text, by) = match named {
        Named::File(path) => (path, By::Text),
        Named::Bare(name) => (name, By::BareName),
        // A folder at the top, like `src/`, is everybody's.
        Named::Folder(folder) if folder.matches('/').count() < 2 => return None,
        Named::Folder(folder) => (folder, By::Text),
    };
    PathPattern::new(&text).ok().map(|pattern| Claim { pattern, at, by })
}

/// The worst meeting of two epics, the first of several.
fn meeting<'c>(earlier: &'c [Claim], later: &'c [Claim]) -> Option<Meeting<'c>> {
    let mut worst: Option<Meeting> = None;
    for one in earlier {
        for other in later {
            let severity = severity(one, other);
            if severity > worst.as_ref().map(|known| known.severity) {
                worst = severity.map(|severity| Meeting { severity, earlier: one, later: other });
            }
        }
    }
    worst
}

/// How bad it is that both stand in one plan; `None`: they do not meet, or neither is by `touches`.
fn severity(one: &Claim, other: &Claim) -> Option<Severity> {
    let meets = || one.pattern.meets(&other.pattern);
    match (one.by, other.by) {
        // One names a path, and the other covers it; two folders may well be worked in side by side.
        (By::Touches, By::Touches) => meets().then(|| {
            let names_path = one.pattern.path().is_some() || other.pattern.path().is_some();
            if names_path { Severity::Warning } else { Severity::Hint }
        }),
        (By::Touches, By::Text) | (By::Text, By::Touches) => meets().then(|| {
            let is_same = one.pattern.path().is_some() && one.pattern.path() == other.pattern.path();
            if is_same { Severity::Warning } else { Severity::Hint }
        }),
        (By::Touches, By::BareName) => is_named(&one.pattern, &other.pattern).then_some(Severity::Hint),
        (By::BareName, By::Touches) => is_named(&other.pattern, &one.pattern).then_some(Severity::Hint),
        (By::Text | By::BareName, By::Text | By::BareName) => None,
    }
}

/// Whether a pattern names one file, and it has this name.
fn is_named(pattern: &PathPattern, name: &PathPattern) -> bool {
    let file_name = pattern.path().and_then(|path| path.rsplit('/').next());
    file_name.is_some() && file_name == name.path()
}

/// One finding for an epic, however many earlier ones it meets; the worst meeting is shown.
fn finding(plan: &Plan, later: usize, meetings: &[(usize, Meeting)]) -> Option<Finding> {
    let severity = meetings.iter().map(|(_, meeting)| meeting.severity).max()?;
    let (earlier, shown) = meetings.iter().find(|(_, meeting)| meeting.severity == severity)?;
    let others = meetings.iter().map(|(epic, _)| *epic).filter(|epic| epic != earlier);
    let epics: Vec<usize> = [*earlier, later].into_iter().chain(others).collect();
    let (one, other) = (shown.earlier.pattern.as_str(), shown.later.pattern.as_str());
    let files = if one == other {
        format!("touch {one}")
    } else {
        let id = |epic: usize| &plan.epics()[epic].id;
        format!("touch the same files by {one} of {} and {other} of {}", id(*earlier), id(later))
    };
    Some(clash(plan, &epics, &files, shown.later.at, severity))
}
