//! The services: they go on when the store fails, and end with the sessions they serve.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_sessions::session::Id;

use super::node::{Node, cookie, entry};
use crate::session::contract::{Inserted, Store, StoreEvent};
use crate::session::moment::Moment;
use crate::session::services::OnRunOut;
use crate::session::sessions::Backend;
use crate::store::memory::{MemoryStore, RanOut};

#[test]
fn the_sweeper_of_a_memory_store_ends_with_it() {
    let store = MemoryStore::default();
    let Node { sessions, clock, tasks } = Node::over(Store::from(store.clone()));
    sessions.start_services();
    assert_eq!(tasks.run(), 1);
    drop(sessions);
    drop(store);
    clock.advance(LONGEST_SLEEP);
    assert_eq!(tasks.run(), 0);
}

#[test]
fn the_services_of_a_shared_store_end_with_the_sessions() {
    for tells in [false, true] {
        let (Node { sessions, clock, tasks }, store) = Node::told();
        store.lock().tells = tells;
        sessions.start_services();
        // Who hears of a store that tells nothing is done at once.
        assert_eq!(tasks.run(), 2 + usize::from(tells));
        drop(sessions);
        clock.advance(LONGEST_SLEEP);
        assert_eq!(tasks.run(), 0, "tells: {tells}");
        assert_eq!(store.lock().deletions, 0, "tells: {tells}");
    }
}

/// The connection to a store is given up with its last user, whatever it still says.
#[test]
fn an_event_that_nobody_is_left_to_hear_ends_the_listening() {
    let (Node { sessions, tasks, .. }, store) = Node::told();
    store.lock().tells = true;
    sessions.start_services();
    assert_eq!(tasks.run(), 3);
    store.lock().events.push_back(StoreEvent::Changed(Id(1)));
    assert_eq!(tasks.run(), 3, "it is heard, and listening goes on");
    assert!(store.lock().events.is_empty());
    drop(sessions);
    store.lock().events.extend([StoreEvent::Deleted(Id(1)), StoreEvent::Deleted(Id(2))]);
    assert_eq!(tasks.run(), 2, "those that sleep");
    assert_eq!(store.lock().events.len(), 1, "no more is asked for");
}

#[test]
fn a_lost_connection_is_not_made_again_for_nobody() {
    let (Node { sessions, clock, tasks }, store) = Node::told();
    store.lock().listening_fails = true;
    sessions.start_services();
    assert_eq!(tasks.run(), 3);
    clock.advance(Duration::from_millis(100));
    assert_eq!(tasks.run(), 3);
    assert_eq!(store.lock().listened, 2, "it is tried again");
    drop(sessions);
    clock.advance(Duration::from_millis(200));
    assert_eq!(tasks.run(), 2);
    assert_eq!(store.lock().listened, 2);
}

/// A handler that runs on may have missed the end of its session: what it asks for is looked up first.
#[test]
fn after_a_lost_connection_sessions_in_use_are_in_doubt() {
    let (Node { sessions, clock, tasks }, store) = Node::told();
    store.lock().tells = true;
    sessions.start_services();
    tasks.run();
    let Backend::Sealed(sealed) = &sessions.backend else { panic!("another store") };
    let entry = entry(cookie());
    sealed.known().note(entry.cookie().store_key(), &entry);
    let confirm = || entry.confirm(Moment::now(&clock), Duration::from_secs(1));
    confirm();
    tasks.run();
    assert!(sessions.is_confirmed(&entry) && !entry.is_in_doubt());
    store.lock().is_cut = true;
    tasks.run();
    assert!(entry.is_in_doubt(), "when it is lost");
    // Loaded while nothing was heard.
    confirm();
    store.lock().is_cut = false;
    clock.advance(Duration::from_secs(1));
    tasks.run();
    assert_eq!(store.lock().listened, 2);
    assert!(entry.is_in_doubt() && !sessions.is_confirmed(&entry), "when it is made again");
}

/// Requests go on between the shards, and the provider is asked once the sweep is through.
#[test]
fn what_ran_out_is_told_shard_by_shard_and_then_once() {
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<usize>>>);
    impl OnRunOut for Heard {
        fn ran_out(&self, sessions: Vec<RanOut>) {
            self.0.lock().unwrap().push(sessions.len());
        }

        fn swept(&self) {
            self.0.lock().unwrap().push(0);
        }
    }
    let store = MemoryStore::default();
    let Node { sessions, clock, tasks } = Node::over(Store::from(store.clone()));
    let heard = Heard::default();
    sessions.on_run_out(Box::new(heard.clone()));
    sessions.start_services();
    tasks.run();
    let [one, two] = [(); 2].map(|()| {
        let entry = entry(cookie());
        let inserted = store.insert(Arc::clone(&entry), sessions.limits(), &clock);
        assert_eq!(inserted, Inserted::Done);
        entry
    });
    assert_ne!(one.cookie().finder(), two.cookie().finder());
    clock.advance(Duration::from_secs(1_000_000));
    for _ in 0..store.shards().len() {
        tasks.run();
    }
    assert_eq!(*heard.0.lock().unwrap(), [1, 1, 0]);
}

/// A response may outlive its `OidcAuth`, and goes on waiting for the end of its session.
#[test]
fn nobody_looks_for_sessions_that_are_gone_whoever_waits() {
    let (Node { sessions, clock, tasks }, _store) = Node::told();
    sessions.start_services();
    tasks.run();
    let Backend::Sealed(sealed) = &sessions.backend else { panic!("another store") };
    let entry = entry(cookie());
    let watching = sealed.watched().add(entry.cookie().store_key(), &entry);
    assert_eq!(tasks.run(), 2);
    drop(sessions);
    assert_eq!(Arc::strong_count(&entry), 2, "somebody waits");
    clock.advance(Duration::from_secs(1));
    assert_eq!(tasks.run(), 1, "the other sleeps longer");
    drop(watching);
    assert_eq!(Arc::strong_count(&entry), 1);
}

#[test]
fn what_could_not_be_deleted_is_at_the_next_turn() {
    let (node, store) = Node::told();
    node.sessions.start_services();
    node.tasks.run();
    for turn in 1..=3 {
        node.clock.advance(Duration::from_secs(60));
        assert_eq!(node.tasks.run(), 2, "it goes on after the first, which fails");
        assert_eq!(store.lock().deletions, turn);
    }
}

/// So long a service may go on after its sessions.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
