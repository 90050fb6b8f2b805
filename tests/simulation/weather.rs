//! What goes wrong, and how often: of a thousand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::chance::Chance;

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weather(Arc<Rates>);

#[derive(Debug, Default)]
struct Rates {
    store: [AtomicU32; 3],
    provider: [AtomicU32; 5],
    clients: [AtomicU32; 2],
}

/// What may go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// The store is not reached.
    StoreRefuses,
    /// The store does it, and its answer is lost.
    StoreLosesAnswer,
    /// The store takes seconds.
    StoreSlow,
    ProviderRefuses,
    ProviderLosesRequest,
    ProviderLosesReply,
    ProviderFails,
    ProviderSlow,
    ClientHangsUp,
    ClientLosesReply,
}

impl Weather {
    pub(crate) fn of(&self, trouble: Trouble) -> u32 {
        self.rate(trouble).load(Ordering::Relaxed)
    }

    /// Nothing goes wrong.
    pub(crate) fn calm(&self) {
        ALL.iter().for_each(|trouble| self.rate(*trouble).store(0, Ordering::Relaxed));
    }

    /// Some of it does.
    pub(crate) fn storm(&self, chance: &Chance) {
        self.calm();
        for trouble in ALL {
            if chance.permille(400) {
                let rate = *chance.pick(&[10, 30, 100, 300]);
                self.rate(trouble).store(rate, Ordering::Relaxed);
            }
        }
        if chance.permille(100) {
            self.rate(Trouble::StoreRefuses).store(1000, Ordering::Relaxed);
        }
        if chance.permille(150) {
            self.rate(Trouble::ProviderRefuses).store(1000, Ordering::Relaxed);
        }
    }

    fn rate(&self, trouble: Trouble) -> &AtomicU32 {
        let Rates { store, provider, clients } = &*self.0;
        match trouble {
            Trouble::StoreRefuses => &store[0],
            Trouble::StoreLosesAnswer => &store[1],
            Trouble::StoreSlow => &store[2],
            Trouble::ProviderRefuses => &provider[0],
            Trouble::ProviderLosesRequest => &provider[1],
            Trouble::ProviderLosesReply => &provider[2],
            Trouble::ProviderFails => &provider[3],
            Trouble::ProviderSlow => &provider[4],
            Trouble::ClientHangsUp => &clients[0],
            Trouble::ClientLosesReply => &clients[1],
        }
    }
}

const ALL: [Trouble; 10] = [
    Trouble::StoreRefuses,
    Trouble::StoreLosesAnswer,
    Trouble::StoreSlow,
    Trouble::ProviderRefuses,
    Trouble::ProviderLosesRequest,
    Trouble::ProviderLosesReply,
    Trouble::ProviderFails,
    Trouble::ProviderSlow,
    Trouble::ClientHangsUp,
    Trouble::ClientLosesReply,
];
