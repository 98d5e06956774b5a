//! The order of a graph: the wave of each position, or the cycles that leave it without an order.

/// The waves and the cycles of a graph. With a cycle the waves mean nothing.
pub(super) struct Order {
    /// Per position, the length of the longest chain below it, plus one.
    pub(super) waves: Vec<usize>,
    /// Separate cycles as paths whose first and last positions are equal; each knot of the graph holds at least one.
    pub(super) cycles: Vec<Vec<usize>>,
}

/// Finds the order of a graph that is given as the direct dependencies of each position.
///
/// Peels off what has no open dependency left. What cannot be peeled hangs on a cycle; that cycle is noted, taken out
/// as if it were done, and the peeling goes on, so that all knots of the graph are found in one go.
pub(super) fn order_of(dependencies: &[Vec<usize>]) -> Order {
    let mut peeling = Peeling::new(dependencies);
    let mut cycles = Vec::new();
    for start in 0..dependencies.len() {
        peeling.peel();
        while !peeling.peeled[start] {
            let cycle = peeling.cycle_from(start);
            peeling.take_out(&cycle);
            cycles.push(cycle);
            peeling.peel();
        }
    }
    Order { waves: peeling.waves, cycles }
}

struct Peeling<'a> {
    dependencies: &'a [Vec<usize>],
    dependents: Vec<Vec<usize>>,
    /// Per position, how many of its dependencies are not peeled yet.
    open: Vec<usize>,
    peeled: Vec<bool>,
    waves: Vec<usize>,
    /// Positions that can be peeled and whose dependents have not been told.
    ready: Vec<usize>,
}

impl<'a> Peeling<'a> {
    fn new(dependencies: &'a [Vec<usize>]) -> Self {
        let mut dependents = vec![Vec::new(); dependencies.len()];
        for (position, own) in dependencies.iter().enumerate() {
            for &dependency in own {
                dependents[dependency].push(position);
            }
        }
        let open: Vec<usize> = dependencies.iter().map(Vec::len).collect();
        let ready = (0..open.len()).filter(|&position| open[position] == 0).collect();
        let peeled = open.iter().map(|&open| open == 0).collect();
        Self { dependencies, dependents, open, peeled, waves: vec![1; dependencies.len()], ready }
    }

    fn peel(&mut self) {
        while let Some(position) = self.ready.pop() {
            for &dependent in &self.dependents[position] {
                self.waves[dependent] = self.waves[dependent].max(self.waves[position] + 1);
                self.open[dependent] -= 1;
                if self.open[dependent] == 0 && !self.peeled[dependent] {
                    self.peeled[dependent] = true;
                    self.ready.push(dependent);
                }
            }
        }
    }

    /// Walks along dependencies that are not peeled until it comes back to a place that it has seen. The path begins
    /// with the earliest position of the cycle.
    fn cycle_from(&self, start: usize) -> Vec<usize> {
        let mut step_of = vec![None; self.dependencies.len()];
        let mut path = Vec::new();
        let mut here = start;
        loop {
            if let Some(first) = step_of[here] {
                return closed(&path[first..]);
            }
            path.push(here);
            step_of[here] = Some(path.len() - 1);
            // What is not peeled has a dependency that is not peeled, else it would have been peeled.
            here = self.dependencies[here].iter().copied().find(|&next| !self.peeled[next]).unwrap_or(start);
        }
    }

    fn take_out(&mut self, cycle: &[usize]) {
        for &position in cycle {
            if !self.peeled[position] {
                self.peeled[position] = true;
                self.ready.push(position);
            }
        }
    }
}

/// The path around a cycle that is given as its positions, each once.
fn closed(cycle: &[usize]) -> Vec<usize> {
    let earliest = (0..cycle.len()).min_by_key(|&step| cycle[step]).unwrap_or(0);
    let (before, from) = cycle.split_at(earliest);
    from.iter().chain(before).chain(from.first()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(dependencies: &[&[usize]]) -> Vec<Vec<usize>> {
        order_of(&dependencies.iter().map(|own| own.to_vec()).collect::<Vec<_>>()).cycles
    }

    #[test]
    fn a_graph_without_a_cycle_has_none() {
        assert!(cycles(&[&[1, 2], &[2], &[]]).is_empty());
        assert!(cycles(&[]).is_empty());
    }

    #[test]
    fn each_knot_is_named_once_and_what_hangs_on_it_is_not() {
        assert_eq!(cycles(&[&[1], &[2], &[1], &[4], &[3], &[3]]), [vec![1, 2, 1], vec![3, 4, 3]]);
    }

    #[test]
    fn two_knots_of_which_one_hangs_on_the_other_are_both_found() {
        assert_eq!(cycles(&[&[1, 2], &[0], &[3], &[2]]), [vec![0, 1, 0], vec![2, 3, 2]]);
        assert_eq!(cycles(&[&[2, 1], &[0], &[3], &[2]]), [vec![2, 3, 2], vec![0, 1, 0]]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let chain: Vec<Vec<usize>> = (0..50_000).map(|n| if n == 0 { vec![] } else { vec![n - 1] }).collect();
        assert_eq!(order_of(&chain).waves[49_999], 50_000);
        let ring: Vec<Vec<usize>> = (0..50_000).map(|n| vec![(n + 1) % 50_000]).collect();
        assert_eq!(order_of(&ring).cycles[0].len(), 50_001);
    }
}
