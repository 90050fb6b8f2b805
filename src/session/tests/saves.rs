//! What one node saves while another changes or ends the session.

use std::sync::Arc;

use super::store::Call;
use super::{NOW, Nodes, at, live, state};
use crate::policy::EndReason;
use crate::random::{Random, RandomUnavailable};
use crate::session::application::ApplicationPart;
use crate::session::contract::Saved;
use crate::session::creation::CreateError;
use crate::session::revocation::Revocation;

#[tokio::test]
async fn a_touch_of_a_session_that_is_signed_out_meanwhile_finds_it_gone() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    let there = nodes.there(live.entry()).await;
    let (saved, ended) = (nodes.refresh_there(&there, NOW), nodes.sign_out_there(&there));
    nodes.store.before(Call::Touch, async move {
        saved.await;
        Ok(())
    });
    nodes.store.before(Call::Fetch, ended);
    assert_eq!(nodes.here.touch(&live, at(NOW)).await.unwrap(), Saved::Gone);
    assert_eq!(live.entry().ended(), Some(EndReason::Revoked));
    assert!(nodes.store.is_done());
}

/// An event that came while there was no entry to find.
#[tokio::test]
async fn a_session_that_changed_before_it_was_known_is_in_doubt() {
    for changes in [false, true] {
        let nodes = Nodes::new();
        let here = Arc::clone(&nodes.here);
        nodes.store.before(Call::Insert, async move {
            if changes {
                here.cache.flush();
            }
            Ok(())
        });
        let live = nodes.sign_in().await;
        assert_eq!(live.entry().is_in_doubt(), changes);
        assert_eq!(nodes.here.is_confirmed(live.entry()), !changes);
    }
}

/// The deadline of the first check serves the second only while nothing has moved it.
#[tokio::test]
async fn a_second_check_counts_what_moved_since_the_first() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    assert_eq!(nodes.here.check(&live).err(), None);
    let current = live.entry().state();
    let mut state = current.state.clone();
    state.shortened_to = Some(at(NOW + 10));
    assert_eq!(live.entry().commit_state(current.version, state), Saved::Done);
    assert_eq!(nodes.here.check(&live).err(), None);
    live.entry().touched(at(NOW - 1_000_000));
    assert_eq!(nodes.here.check(&live).err(), Some(EndReason::IdleLimit));
    live.entry().touched(at(NOW));
    nodes.clock.advance(std::time::Duration::from_secs(10));
    assert_eq!(nodes.here.check(&live).err(), Some(EndReason::AbsoluteLimit));
}

/// The use of a session in a store is noted by the store, or not at all.
#[tokio::test]
async fn a_store_that_has_to_be_asked_is_not_touched_at_once() {
    let nodes = Nodes::new();
    let signed_in = nodes.sign_in().await;
    nodes.clock.advance(std::time::Duration::from_secs(100));
    let live = live(&nodes.here, signed_in.entry().cookie()).await.unwrap();
    assert_eq!(live.admitted_at(), at(NOW + 100));
    assert!(!nodes.here.touch_now(&live));
    assert_eq!(live.entry().last_used_at(), at(NOW));
}

#[tokio::test]
async fn an_end_that_was_set_moves_nearer_only() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    let entry = live.entry();
    for (end, version, kept) in
        [(3_000, 2, 3_000), (3_001, 2, 3_000), (3_000, 2, 3_000), (2_999, 3, 2_999)]
    {
        assert!(nodes.here.shorten(entry, at(end)).await.unwrap());
        let state = entry.state();
        assert_eq!((state.version, state.state.shortened_to), (version, Some(at(kept))), "{end}");
    }
}

#[tokio::test]
async fn an_earlier_end_keeps_the_tokens_that_another_node_has_refreshed() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    let there = nodes.there(live.entry()).await;
    let saved = nodes.refresh_there(&there, NOW + 5);
    nodes.store.before(Call::SaveAuth, async move {
        saved.await;
        Ok(())
    });
    assert!(nodes.here.shorten(live.entry(), at(3_000)).await.unwrap());
    assert!(nodes.there.reload(&there).await.unwrap());
    let state = there.state();
    assert_eq!(state.state.tokens.obtained_at, at(NOW + 5));
    assert_eq!(state.state.shortened_to, Some(at(3_000)));
}

#[tokio::test]
async fn a_session_that_is_signed_out_meanwhile_takes_no_earlier_end() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    let there = nodes.there(live.entry()).await;
    let (saved, ended) = (nodes.refresh_there(&there, NOW), nodes.sign_out_there(&there));
    let store = nodes.store.clone();
    nodes.store.before(Call::SaveAuth, async move {
        saved.await;
        // When the save is known to be stale, and not before.
        store.before(Call::Fetch, ended);
        Ok(())
    });
    assert!(!nodes.here.shorten(live.entry(), at(3_000)).await.unwrap());
    assert!(nodes.store.is_done());
    assert!(super::live(&nodes.here, live.entry().cookie()).await.is_none());
}

/// A refresh after which the user is known to have authenticated anew (`auth_time`) counts for the revocations that follow.
#[tokio::test]
async fn a_revocation_judges_a_session_by_the_authentication_that_was_saved_last() {
    let nodes = Nodes::new();
    let live = nodes.sign_in().await;
    let entry = live.entry();
    let mut state = entry.state().state.clone();
    state.auth_time = Some(at(500));
    assert_eq!(nodes.here.save(entry, 1, state).await.unwrap(), Saved::Done);
    for (authenticated_after, is_spared) in [(499, true), (500, false)] {
        let keys = nodes.there.indexer().by_sub("ada");
        let authenticated_after = at(authenticated_after);
        let revocation = Revocation::of_all(keys).but_later(at(900), authenticated_after);
        let (reason, mut ended) = (EndReason::BackchannelLogout, Vec::new());
        nodes.there.revoke(&[revocation], reason, &mut ended).await.unwrap();
        assert_eq!(ended.is_empty(), is_spared, "{authenticated_after:?}");
        let opened = super::live(&nodes.here, entry.cookie()).await;
        assert_eq!(opened.is_some(), is_spared, "{authenticated_after:?}");
    }
}

#[derive(Debug)]
struct Repeating;

impl Random for Repeating {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomUnavailable> {
        bytes.fill(7);
        Ok(())
    }
}

/// Whoever has the id goes on with the entry that is in use: its end is told to all.
#[tokio::test]
async fn an_id_that_is_taken_is_not_given_to_another_session() {
    let nodes = Nodes::with_random(Arc::new(Repeating));
    let first = nodes.sign_in().await;
    let second = nodes.here.create(state(), ApplicationPart::default()).await;
    assert!(matches!(second, Err(CreateError::Random(_))));
    let opened = live(&nodes.here, first.entry().cookie()).await.unwrap();
    assert!(Arc::ptr_eq(opened.entry(), first.entry()));
}

/// A browser comes to a store that dropped the session at its end, while other requests of the session are under way here.
#[tokio::test]
async fn a_session_that_is_forgotten_at_its_end_was_not_signed_out() {
    let end = 2_000;
    for (now, reason) in [
        (end, EndReason::AbsoluteLimit),
        (end - 5, EndReason::AbsoluteLimit),
        (end - 6, EndReason::Revoked),
    ] {
        let nodes = Nodes::new();
        let in_use = nodes.sign_in().await;
        let entry = in_use.entry();
        assert!(nodes.here.shorten(entry, at(end)).await.unwrap());
        nodes.store.drop_record(&entry.cookie().store_key());
        nodes.clock.advance(std::time::Duration::from_secs((now - NOW).unsigned_abs()));
        let (here, other) = (Arc::clone(&nodes.here), Arc::clone(entry));
        nodes.store.before(Call::Delete, async move {
            assert!(!here.reload(&other).await?);
            assert_eq!(other.ended(), None, "why is for the other to say");
            assert_eq!(here.reason_of_absence(&other), reason, "{now}");
            Ok(())
        });
        nodes.here.forget(entry.cookie()).await.unwrap();
        assert_eq!(entry.ended(), Some(reason), "{now}");
        assert!(nodes.store.is_done());
    }
}
