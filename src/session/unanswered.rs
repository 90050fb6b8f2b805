//! A write to the store whose answer is not there yet.
//!
//! Until it is there nobody knows what the store has. What is kept in memory goes with it if it never comes: the store failed,
//! or whoever waited for it is gone.

use tower_sessions::session::Id;

use super::entry::Entry;
use super::known::Known;
use super::live_cache::LiveCache;

/// When this is dropped, whoever is loading the session may have what it was before: it is not kept.
pub(super) struct Unanswered<'a> {
    pub(super) cache: &'a LiveCache,
    pub(super) known: &'a Known,
    pub(super) id: Id,
    pub(super) entry: Option<&'a Entry>,
    /// What is kept stays: it is brought up to date.
    pub(super) stays: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.cache.outdate(&self.id);
        if self.stays {
            return;
        }
        // Looked for now: a request may have loaded it meanwhile. Who does from now on has what the store has.
        let loaded = self.known.find(&self.id);
        if let Some(entry) = self.entry.or(loaded.as_deref()) {
            self.cache.drop_entry(entry);
        }
    }
}
