//! The orders in which the calls of two nodes can come, with at most three changes between them.

use crate::support::Gate;

/// How many calls passed in each run.
pub(super) type Passed = [usize; 2];

/// One order: which node begins, how many calls it has before the other's turn, and how many that has. Then the first goes on to
/// its end, and the other after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    first: usize,
    runs: [usize; 2],
}

impl Order {
    pub(super) const FIRST: Self = Self { first: 0, runs: [0, 1] };

    /// Lets the calls pass in this order. How many did in each run: fewer than were to, where a node had no more.
    pub(super) async fn steer(self, gate: &Gate) -> Passed {
        let mut passed = [0; 2];
        let mut node = self.first;
        for (run, count) in self.runs.into_iter().enumerate() {
            while passed[run] < count && gate.step(node).await {
                passed[run] += 1;
            }
            node = 1 - node;
        }
        while gate.step(node).await {}
        passed
    }

    /// The next order, after one in which so many calls `passed`; `None` after the last.
    pub(super) fn next(self, passed: Passed) -> Option<Self> {
        let Self { first, mut runs } = self;
        // A run that had no more calls has none in a longer one either: the run before it grows.
        for run in (0..runs.len()).rev() {
            if passed[run] >= runs[run] {
                runs[run] += 1;
                runs[run + 1..].fill(1);
                return Some(Self { first, runs });
            }
        }
        (first == 0).then_some(Self { first: 1, ..Self::FIRST })
    }
}

#[test]
fn the_orders_of_two_and_two_calls_are_all_there() {
    // A node with two calls, another with two: six orders of four calls, some of them by several runs.
    let (mut order, mut seen) = (Some(Order::FIRST), std::collections::BTreeSet::new());
    while let Some(now) = order {
        let (mut left, mut calls, mut passed) = ([2, 2], Vec::new(), [0; 2]);
        let mut node = now.first;
        for (run, count) in now.runs.into_iter().enumerate() {
            while passed[run] < count && left[node] > 0 {
                left[node] -= 1;
                calls.push(node);
                passed[run] += 1;
            }
            node = 1 - node;
        }
        for node in [node, 1 - node] {
            calls.extend(std::iter::repeat_n(node, std::mem::take(&mut left[node])));
        }
        seen.insert(calls);
        order = now.next(passed);
    }
    assert_eq!(seen.len(), 6);
}
