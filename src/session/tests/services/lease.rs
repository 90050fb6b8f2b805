//! Leases whose renewal and release cross each other.

use std::time::Duration;

use futures_util::FutureExt as _;

use super::node::Node;
use crate::session::index::Handle;
use crate::session::lease::Lease;

fn lease(node: &Node) -> Lease {
    let asked = node.sessions.lease(Handle::from_bytes([7; 16])).now_or_never();
    let lease = asked.unwrap().unwrap().unwrap();
    assert!(lease.is_held());
    assert_eq!(node.tasks.run(), 1, "its renewal");
    lease
}

/// The store may have carried out the release before the renewal that was on its way: then nobody would ever release it.
#[test]
fn a_lease_that_a_late_renewal_took_again_is_released_again() {
    let (node, store) = Node::told();
    let lease = lease(&node);
    store.lock().lock_waits = true;
    node.clock.advance(RENEWED_EVERY);
    node.tasks.run();
    drop(lease);
    assert_eq!(node.tasks.run(), 1, "the renewal has no answer yet");
    assert_eq!(store.lock().holder, None);
    store.lock().lock_waits = false;
    assert_eq!(node.tasks.run(), 0);
    assert_eq!(store.lock().holder, None, "another node can have it at once");
}

/// Another node may have had the lock in between, and done the work.
#[test]
fn a_lease_that_ran_out_is_not_held_again_by_a_late_renewal() {
    let (node, store) = Node::told();
    let lease = lease(&node);
    store.lock().lock_waits = true;
    node.clock.advance(RENEWED_EVERY);
    node.tasks.run();
    node.clock.advance(Duration::from_secs(5));
    assert!(lease.is_held());
    node.clock.advance(Duration::from_secs(1));
    assert!(!lease.is_held(), "a second before the store gives it to another");
    store.lock().lock_waits = false;
    assert_eq!(node.tasks.run(), 0, "it is not renewed any more");
    assert!(!lease.is_held());
    assert_eq!(store.lock().holder, None, "another node can have it at once");
}

/// The monotonic clock stands still in the meantime; another node has taken the lock long ago.
#[test]
fn a_node_that_slept_has_lost_its_lease() {
    let (node, store) = Node::told();
    let lease = lease(&node);
    node.clock.step(8);
    assert!(lease.is_held(), "the wall clock may have been set right");
    node.clock.step(3_600);
    assert!(!lease.is_held());
    node.clock.advance(RENEWED_EVERY);
    node.tasks.run();
    assert!(!lease.is_held(), "it is not renewed");
    assert_eq!(store.lock().holder, None, "another node can have it at once");
}

#[test]
fn a_lease_is_renewed_as_long_as_it_is_there() {
    let (node, store) = Node::told();
    let lease = lease(&node);
    for _ in 0..10 {
        node.clock.advance(RENEWED_EVERY);
        assert_eq!(node.tasks.run(), 1);
        assert!(lease.is_held());
    }
    assert!(store.lock().holder.is_some());
    drop(lease);
    assert_eq!(node.tasks.run(), 1, "the renewal sleeps");
    assert_eq!(store.lock().holder, None);
    node.clock.advance(RENEWED_EVERY);
    assert_eq!(node.tasks.run(), 0);
    assert_eq!(store.lock().holder, None, "it is not taken again");
}

/// Work that has outlived its `OidcAuth` must not take itself for the only one: nobody renews its lease.
#[test]
fn a_lease_without_its_sessions_is_lost() {
    let (node, store) = Node::told();
    let lease = lease(&node);
    let Node { sessions, clock, tasks } = node;
    drop(sessions);
    clock.advance(RENEWED_EVERY);
    assert_eq!(tasks.run(), 0, "its renewal has ended");
    assert!(!lease.is_held());
    drop(lease);
    assert_eq!(tasks.run(), 0, "so has its release");
    assert!(store.lock().holder.is_some(), "it runs out in the store by itself");
}

const RENEWED_EVERY: Duration = Duration::from_secs(3);
