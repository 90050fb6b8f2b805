//! Moves to a new id, and what other nodes do meanwhile.

use std::sync::Arc;
use std::time::Duration;

use super::store::Call;
use super::{NOW, Nodes, at, data, indexer, live, ports, sessions, state};
use crate::clock::ManualClock;
use crate::policy::EndReason;
use crate::random::SystemRandom;
use crate::session::application::{ApplicationPart, Changes, Data};
use crate::session::contract::{Saved, Store, StoreError};
use crate::session::creation::CreateError;
use crate::session::lease::Lease;
use crate::session::live_session::LiveSession;
use crate::session::revocation::Revocation;
use crate::session::rotation::{Leaving, Rotation};
use crate::session::sessions::{Lookup, Sessions};
use crate::store::memory::MemoryStore;

fn failing() -> impl Future<Output = Result<(), StoreError>> {
    std::future::ready(Err(StoreError::new("the store is told to fail")))
}

async fn lease(sessions: &Sessions, live: &LiveSession) -> Lease {
    sessions.lease(live.entry().state().state.handle).await.unwrap().unwrap()
}

/// A session that has a new id, while the store has failed before its old one was closed.
async fn half_moved(nodes: &Nodes, old: &LiveSession, lease: &Lease) -> (LiveSession, Leaving) {
    nodes.store.before(Call::SaveAuth, failing());
    match nodes.here.rotate(old.entry(), &Changes::default(), lease).await.unwrap() {
        Rotation::Moved { live, unfinished: Some((leaving, _)) } => (live, leaving),
        _ => panic!("not half-way"),
    }
}

/// In one process the move has ended the session under its old id: who revoked it may find it so and tell nobody.
#[tokio::test]
async fn a_revocation_that_comes_before_the_new_id_is_told_by_the_move() {
    let clock = ManualClock::at(NOW);
    let store = Store::from(MemoryStore::default());
    let here = sessions(store, indexer(), ports(&clock, Arc::new(SystemRandom)));
    let live = here.create(state(), ApplicationPart::default()).await.unwrap();
    // It has kept its marker, and not looked for sessions yet.
    let revocations = [Revocation::of_all(here.indexer().by_sub("ada"))];
    here.mark(&revocations).await.unwrap();
    let lease = lease(&here, &live).await;
    let moved = here.rotate(live.entry(), &Changes::default(), &lease).await.unwrap();
    assert!(matches!(moved, Rotation::Revoked));
    let mut ended = Vec::new();
    here.revoke(&revocations, EndReason::BackchannelLogout, &mut ended).await.unwrap();
    assert!(ended.is_empty(), "told twice");
    assert!(super::live(&here, live.entry().cookie()).await.is_none());
}

#[tokio::test]
async fn a_move_whose_lease_is_over_leaves_the_old_id_even_if_the_new_one_stays_behind() {
    let nodes = Nodes::new();
    let signed_in = nodes.sign_in().await;
    let (old, lease) = (signed_in.entry(), lease(&nodes.here, &signed_in).await);
    let clock = nodes.clock.clone();
    nodes.store.before(Call::Insert, async move {
        clock.advance(Duration::from_secs(10));
        Ok(())
    });
    nodes.store.before(Call::Delete, failing());
    let moved = nodes.here.rotate(old, &Changes::default(), &lease).await;
    assert!(matches!(moved, Err(CreateError::Unavailable(_))));
    assert!(nodes.store.is_done());
    assert!(live(&nodes.here, old.cookie()).await.is_some());
    assert!(live(&nodes.there, old.cookie()).await.is_some());
}

/// Both ids open the session until the old one is closed. What was done under either counts.
#[tokio::test]
async fn a_move_that_is_finished_later_keeps_the_newer_tokens_and_the_earlier_end() {
    let nodes = Nodes::new();
    let signed_in = nodes.sign_in().await;
    let lease = lease(&nodes.here, &signed_in).await;
    let (moved, leaving) = half_moved(&nodes, &signed_in, &lease).await;
    let (old, new) = (nodes.there(signed_in.entry()).await, nodes.there(moved.entry()).await);
    assert!(nodes.there.shorten(&old, at(3_000)).await.unwrap());
    nodes.refresh_there(&new, NOW + 5).await;
    assert!(nodes.here.leave(&leaving, &lease).await.unwrap());
    assert!(nodes.there.reload(&new).await.unwrap());
    let state = new.state();
    assert_eq!(state.state.tokens.obtained_at, at(NOW + 5));
    assert_eq!(state.state.shortened_to, Some(at(3_000)));
    assert!(matches!(nodes.there.load(old.cookie()).await.unwrap(), Lookup::Moved(_)));
}

#[tokio::test]
async fn a_move_that_is_finished_later_does_not_undo_a_logout() {
    let nodes = Nodes::new();
    let signed_in = nodes.sign_in().await;
    let lease = lease(&nodes.here, &signed_in).await;
    let (moved, leaving) = half_moved(&nodes, &signed_in, &lease).await;
    let (old, new) = (nodes.there(signed_in.entry()).await, nodes.there(moved.entry()).await);
    nodes.refresh_there(&old, NOW + 5).await;
    // The trace is left at the second attempt; then what was saved to the old id is saved to the new one.
    nodes.store.before(Call::SaveAuth, std::future::ready(Ok(())));
    nodes.store.before(Call::SaveAuth, std::future::ready(Ok(())));
    let (saved, ended) = (nodes.refresh_there(&new, NOW + 6), nodes.sign_out_there(&new));
    let store = nodes.store.clone();
    nodes.store.before(Call::SaveAuth, async move {
        saved.await;
        store.before(Call::Fetch, ended);
        Ok(())
    });
    assert!(nodes.here.leave(&leaving, &lease).await.unwrap());
    assert!(nodes.store.is_done());
    for cookie in [signed_in.entry().cookie(), moved.entry().cookie()] {
        assert!(live(&nodes.here, cookie).await.is_none());
        assert!(live(&nodes.there, cookie).await.is_none());
    }
}

/// The trace of the old id lives no longer than the session would have: when it goes, its data have been copied already.
#[tokio::test]
async fn application_data_move_along_even_if_the_old_id_expires_meanwhile() {
    let nodes = Nodes::new();
    let signed_in = nodes.sign_in().await;
    let (old, lease) = (signed_in.entry(), lease(&nodes.here, &signed_in).await);
    let there = nodes.there(old).await;
    let (node, store, id) =
        (Arc::clone(&nodes.there), nodes.store.clone(), old.cookie().store_key());
    nodes.store.before(Call::SaveApplication, async move {
        let changes = Changes::between(&Data::new(), &data("other", 2));
        assert_eq!(node.save_application(&there, &changes).await?, Saved::Done);
        let expired = store.clone();
        store.before(Call::Fetch, async move {
            expired.drop_record(&id);
            Ok(())
        });
        Ok(())
    });
    let moved = nodes.here.rotate(old, &Changes::default(), &lease).await.unwrap();
    let Rotation::Moved { live: moved, unfinished: None } = moved else { panic!("not moved") };
    assert!(nodes.store.is_done());
    let opened = live(&nodes.there, moved.entry().cookie()).await.unwrap();
    assert_eq!(opened.entry().application().data, data("cart", 1));
}
