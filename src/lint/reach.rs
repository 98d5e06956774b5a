//! Who waits for whom, directly or not, and how many epics can ever run side by side.

use std::collections::VecDeque;

use crate::domain::plan::Plan;

/// The transitive closure of a plan's dependencies: one bit for each pair of epics.
///
/// Nobody waits for an epic that is completed, nor through one: so does the runner see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// For each epic, the epics that it waits for.
    waits_for: Vec<Bits>,
}

/// A set of small numbers.
type Bits = Vec<u64>;

fn no_bits(n: usize) -> Bits {
    vec![0; n.div_ceil(64)]
}

fn set(bits: &mut Bits, n: usize) {
    bits[n / 64] |= 1 << (n % 64);
}

fn is_set(bits: &Bits, n: usize) -> bool {
    bits[n / 64] >> (n % 64) & 1 == 1
}

/// The lowest number of `bits` that is not in `without`.
fn first_new(bits: &Bits, without: &Bits) -> Option<usize> {
    let mut words = bits.iter().zip(without).map(|(word, not)| word & !not).enumerate();
    words.find(|(_, word)| *word != 0).map(|(n, word)| n * 64 + word.trailing_zeros() as usize)
}

impl Reach {
    /// Follows all dependencies of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let n_epics = plan.epics().len();
        let mut waits_for = vec![no_bits(n_epics); n_epics];
        for position in plan.waves().into_iter().flatten() {
            // Everything that it depends on is in an earlier wave and therefore known.
            let mut own = no_bits(n_epics);
            for &dependency in plan.dependencies(position).iter().filter(|&&n| plan.epics()[n].is_open()) {
                set(&mut own, dependency);
                for (word, more) in own.iter_mut().zip(&waits_for[dependency]) {
                    *word |= more;
                }
            }
            waits_for[position] = own;
        }
        Self { waits_for }
    }

    /// Whether `one` starts only after `other`.
    #[must_use]
    pub fn waits_for(&self, one: usize, other: usize) -> bool {
        is_set(&self.waits_for[one], other)
    }

    /// Whether the two may run at the same time: they are two, and neither waits for the other.
    #[must_use]
    pub fn side_by_side(&self, one: usize, other: usize) -> bool {
        one != other && !self.waits_for(one, other) && !self.waits_for(other, one)
    }

    /// The most of these epics that can ever run at the same time: more slots are never in use.
    ///
    /// By Dilworth's theorem that is the least number of chains that cover them, and so their number less the most
    /// pairs of an epic and the next one in its chain: a matching, grown by one augmenting path each time.
    #[must_use]
    pub fn width(&self, among: &[usize]) -> usize {
        let followers: Vec<Bits> = among.iter().map(|&epic| self.followers(among, epic)).collect();
        let mut before = vec![None; among.len()];
        let n_pairs = (0..among.len()).filter(|&start| augment(&followers, start, &mut before)).count();
        among.len() - n_pairs
    }

    /// Which of these, by their place in the list, wait for an epic.
    fn followers(&self, among: &[usize], epic: usize) -> Bits {
        let mut bits = no_bits(among.len());
        for n in (0..among.len()).filter(|&n| self.waits_for(among[n], epic)) {
            set(&mut bits, n);
        }
        bits
    }
}

/// Looks for a way to give `start` a next one, moving other pairs if need be. `before[n]`: whose next one n is.
fn augment(followers: &[Bits], start: usize, before: &mut [Option<usize>]) -> bool {
    let mut came_from = vec![None; followers.len()];
    let mut seen = no_bits(followers.len());
    let mut queue = VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        while let Some(next) = first_new(&followers[from], &seen) {
            set(&mut seen, next);
            came_from[next] = Some(from);
            match before[next] {
                Some(other) => queue.push_back(other),
                None => {
                    turn_around(next, &came_from, before);
                    return true;
                }
            }
        }
    }
    false
}

/// Makes the pairs along the path that was found, from its free end back to its start, which had no next one yet.
fn turn_around(end: usize, came_from: &[Option<usize>], before: &mut [Option<usize>]) {
    let mut next = end;
    while let Some(from) = came_from[next] {
        let had = before.iter().position(|&owner| owner == Some(from));
        before[next] = Some(from);
        match had {
            Some(had) => next = had,
            None => return,
        }
    }
}
