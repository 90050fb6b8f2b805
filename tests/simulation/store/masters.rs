//! The servers behind the store's address: one, or for a while two that know nothing of each other, as after a failover that cut
//! the old master off.

use super::Contents;

/// The master that counts, and perhaps the one from before.
#[derive(Default)]
pub(crate) struct Masters {
    master: Contents,
    number: MasterNumber,
    /// What has arrived at the replica, while nothing more does.
    replica: Option<Contents>,
    /// The old master, and the nodes that still ask it.
    old: Option<(Contents, Vec<usize>)>,
}

pub(super) type MasterNumber = usize;

impl Masters {
    /// Which one a node's connections lead to.
    pub(super) fn number_of(&self, node: usize) -> MasterNumber {
        match &self.old {
            Some((_, nodes)) if nodes.contains(&node) => self.number - 1,
            _ => self.number,
        }
    }

    /// `None`: it is given up.
    pub(super) fn find(&mut self, number: MasterNumber) -> Option<&mut Contents> {
        if number == self.number {
            return Some(&mut self.master);
        }
        self.old.as_mut().filter(|_| number + 1 == self.number).map(|(contents, _)| contents)
    }

    pub(super) fn current(&mut self) -> &mut Contents {
        &mut self.master
    }

    /// From now on nothing arrives at the replica.
    pub(crate) fn fall_behind(&mut self) {
        self.replica = Some(self.master.replicated());
    }

    /// The replica is made master. These nodes do not hear of it.
    pub(crate) fn split(&mut self, nodes: &[usize]) {
        let Some(replica) = self.replica.take() else { return };
        let mut old = std::mem::replace(&mut self.master, replica);
        self.number += 1;
        old.break_off(|node| !nodes.contains(&node));
        self.old = Some((old, nodes.to_vec()));
    }

    /// The old master becomes a replica: what only it has is lost.
    pub(crate) fn heal(&mut self) {
        let Some((mut old, _)) = self.old.take() else { return };
        old.break_off(|_| true);
        self.master.seen.append(&mut old.seen);
    }
}

impl Contents {
    /// A copy that nobody has asked yet.
    fn replicated(&self) -> Self {
        Self {
            sessions: self.sessions.clone(),
            remembered: self.remembered.clone(),
            markers: self.markers.clone(),
            locks: self.locks.clone(),
            ..Self::default()
        }
    }

    /// The connections of some nodes break on which changes are heard: what was not heard by then is lost.
    pub(super) fn break_off(&mut self, whose: impl Fn(usize) -> bool) {
        let subscribers = std::mem::take(&mut self.subscribers);
        let (broken, whole) = subscribers.into_iter().partition(|it| whose(it.node));
        self.subscribers = whole;
        let broken: Vec<_> = broken;
        broken.iter().for_each(|subscriber| subscriber.break_off());
    }
}
