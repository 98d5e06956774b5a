//! From all that was found to the gates that are proposed: what continuous integration runs before the repository's own
//! entry points, and those before what is usual.

use super::found::{Candidate, Found};
use super::proposal::{Proposal, Strength};
use super::purpose::Purpose;

/// How many gates of one purpose are proposed at most.
const MOST_OF_A_PURPOSE: usize = 3;

/// From this rank on, a command is too costly or too special to be proposed where there is another.
pub(super) const SPECIAL: u8 = 3;

/// The gates that are proposed, and those that could be taken as well.
pub(super) fn gates(found: &Found) -> (Vec<Proposal>, Vec<Proposal>) {
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for purpose in Purpose::GATES {
        let mut of_purpose: Vec<&Candidate> =
            found.candidates.iter().filter(|candidate| candidate.purpose == purpose).collect();
        of_purpose.sort_by_key(|candidate| candidate.rank);
        let taken = best(&of_purpose);
        for candidate in of_purpose {
            let list = if taken.contains(&candidate) { &mut chosen } else { &mut others };
            list.push(proposal(candidate));
        }
    }
    name_apart(&mut chosen, &[]);
    name_apart(&mut others, &chosen);
    (chosen, others)
}

fn best<'a>(candidates: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let plain: Vec<&Candidate> = candidates.iter().copied().filter(|candidate| candidate.rank < SPECIAL).collect();
    let pool = if plain.is_empty() { candidates.to_vec() } else { plain };
    let Some(strongest) = pool.iter().map(|candidate| candidate.strength).max() else { return Vec::new() };
    let strong: Vec<&Candidate> = pool.into_iter().filter(|candidate| candidate.strength == strongest).collect();
    match strongest {
        Strength::Ci => {
            let own: Vec<&Candidate> = strong.iter().copied().filter(|candidate| candidate.own).collect();
            let mut taken = if own.is_empty() { strong } else { own };
            taken.truncate(MOST_OF_A_PURPOSE);
            taken
        }
        Strength::Own => match strong.iter().find(|candidate| candidate.whole) {
            Some(whole) => vec![*whole],
            None => one_of_each_family(&strong),
        },
        Strength::Usual => one_of_each_family(&strong),
    }
}

fn one_of_each_family<'a>(candidates: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let mut taken: Vec<&Candidate> = Vec::new();
    for candidate in candidates {
        if !taken.iter().any(|known| known.family == candidate.family) {
            taken.push(candidate);
        }
    }
    taken.truncate(MOST_OF_A_PURPOSE);
    taken
}

pub(super) fn proposal(candidate: &Candidate) -> Proposal {
    Proposal {
        name: candidate.purpose.name().to_owned(),
        purpose: candidate.purpose,
        command: candidate.command.clone(),
        proves: candidate.purpose.proves().to_owned(),
        strength: candidate.strength,
        quotes: candidate.quotes.clone(),
    }
}

/// Gives each a name that no other has: `test`, then `test 2`.
fn name_apart(proposals: &mut [Proposal], known: &[Proposal]) {
    let mut names: Vec<String> = known.iter().map(|proposal| proposal.name.clone()).collect();
    for proposal in proposals {
        let plain = proposal.name.clone();
        let mut n = 1;
        while names.contains(&proposal.name) {
            n += 1;
            proposal.name = format!("{plain} {n}");
        }
        names.push(proposal.name.clone());
    }
}
