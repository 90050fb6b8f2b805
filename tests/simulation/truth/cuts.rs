//! Times when the store has two masters: which node can know what.
//!
//! | from | nodes of the old side | the others |
//! |---|---|---|
//! | `behind`: the replica gets nothing more | write what will be lost | the same |
//! | `split`: it is made master | the same | write what is kept |
//! | `healed`: the old master is given up | write what is kept | the same |

use std::time::Duration;

use super::{Facts, Moment, RECOVERED, Session, Truth};
use crate::executor::lock;

/// Which master a node asks, and what is kept of its writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Kept,
    /// The old master of the cut with this number.
    Lost(usize),
}

/// One time of two masters.
pub(super) struct Cut {
    behind: Duration,
    split: Option<Duration>,
    healed: Option<Duration>,
    /// Nodes that go on with the old master.
    old: Vec<usize>,
}

impl Cut {
    fn turns(&self) -> impl Iterator<Item = Duration> {
        [Some(self.behind), self.split, self.healed].into_iter().flatten()
    }
}

/// A node, and since when it may have asked the store for what it goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) node: usize,
    pub(crate) since: Duration,
}

/// Something that the store was told: when that was answered, and by whom. `None`: by either.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) at: Duration,
    pub(super) side: Option<Side>,
}

/// A ceiling that was in force.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    pub(super) since: Moment,
    pub(super) written: Written,
    pub(super) ceiling: i64,
}

/// An end that was answered.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) moment: Moment,
    pub(super) written: Written,
}

impl Truth {
    /// The master goes on, and its replica gets nothing more.
    pub(crate) fn falls_behind(&self, old: &[usize]) {
        let mut facts = lock(&self.0);
        let behind = facts.sim.now();
        facts.counts.cuts += 1;
        facts.note(format_args!("a cut: {old:?} stay with the old master"));
        facts.cuts.push(Cut { behind, split: None, healed: None, old: old.to_vec() });
        facts.turns();
    }

    /// The replica is made master.
    pub(crate) fn splits(&self) {
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        facts.note(format_args!("two masters"));
        if let Some(cut) = facts.cuts.last_mut() {
            cut.split = Some(now);
        }
        facts.turns();
    }

    /// The old master is given up, and what only it has.
    pub(crate) fn heals(&self) {
        let mut facts = lock(&self.0);
        let now = facts.sim.now();
        facts.note(format_args!("one master"));
        if let Some(cut) = facts.cuts.last_mut() {
            cut.healed = Some(now);
        }
        facts.turns();
    }
}

impl Facts {
    /// Connections break, and nobody can say which master made the sessions of the logins that are under way.
    fn turns(&mut self) {
        let now = self.sim.now();
        self.store_faults.push(now);
        for session in self.sessions.values_mut().filter(|session| !session.confirmed) {
            session.made.side = None;
        }
    }

    /// Whether a cut has begun or ended since then.
    pub(super) fn turned_since(&self, then: Duration) -> bool {
        self.cuts.iter().flat_map(Cut::turns).any(|turn| turn >= then)
    }

    fn side(&self, node: usize, at: Duration) -> Side {
        let cuts = self.cuts.iter().enumerate().rev();
        let cut = cuts
            .filter(|(_, cut)| cut.behind <= at && cut.healed.is_none_or(|healed| at < healed))
            .find(|(_, cut)| cut.old.contains(&node) || cut.split.is_none_or(|split| at < split));
        cut.map_or(Side::Kept, |(number, _)| Side::Lost(number))
    }

    /// All that it may have asked until now.
    fn sides(&self, view: View) -> impl Iterator<Item = Side> {
        let turns = self.cuts.iter().flat_map(Cut::turns).filter(move |turn| *turn > view.since);
        std::iter::once(view.since).chain(turns).map(move |at| self.side(view.node, at))
    }

    /// What a node with this view writes, or has written.
    pub(super) fn written(&self, view: View) -> Written {
        let mut sides = self.sides(view);
        let first = sides.next();
        let is_one = sides.all(|side| Some(side) == first);
        Written { at: self.sim.now(), side: first.filter(|_| is_one) }
    }

    fn has(&self, side: Side, written: Written) -> bool {
        match (side, written.side) {
            (Side::Lost(number), Some(Side::Kept)) => written.at < self.cuts[number].behind,
            (side, known) => Some(side) == known,
        }
    }

    /// Whether the store says so, whenever the node has asked it.
    pub(super) fn knows(&self, view: View, written: Written) -> bool {
        self.sides(view).all(|side| self.has(side, written))
    }

    /// Since when the store says so to this node. `None`: it does not.
    pub(super) fn known_since(&self, node: usize, written: Written) -> Option<Duration> {
        let turns = self.cuts.iter().flat_map(Cut::turns).filter(|turn| *turn > written.at);
        let mut since = self.has(self.side(node, written.at), written).then_some(written.at);
        for turn in turns {
            let has = self.has(self.side(node, turn), written);
            since = if has { since.or(Some(turn)) } else { None };
        }
        since
    }

    /// By when an open response or a running handler must know of what the store says since then.
    pub(super) fn heard_by(&self, since: Duration) -> Duration {
        match self.store_faults.last() {
            Some(last) if *last >= since.saturating_sub(RECOVERED) => since.max(*last + RECOVERED),
            _ => since,
        }
    }

    /// Whether the node may still have in memory what came of a refresh that the other master knows nothing of.
    pub(super) fn remembers_more(&self, node: usize, session: &Session) -> bool {
        session.refreshed.iter().any(|refresh| match refresh.side {
            Some(Side::Kept) => false,
            Some(Side::Lost(number)) => {
                let cut = &self.cuts[number];
                cut.old.contains(&node) || cut.split.is_none_or(|split| refresh.at <= split)
            }
            None => true,
        })
    }
}
