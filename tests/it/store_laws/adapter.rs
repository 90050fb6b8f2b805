//! Other stores of tower-sessions, through the adapter: which laws hold.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::store_laws::{self, Report};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore, Change, IndexKey, Inserted, Listing, Marker, Part, Saved, SealedPart, SessionIndex,
    StoredSession, Touch, TowerSessionsStore,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::plain_store::{PlainStore, is_session};
use crate::support::{expect_sealed, used_over};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_one_process_every_law_holds() {
    for inner in [PlainStore::default(), PlainStore::with_default_create()] {
        let store = TowerSessionsStore::new(inner).exclusive();
        assert!(store.is_exclusive());
        let report = store_laws::check(&[Arc::new(store.clone()), Arc::new(store)]).await;
        expect_only_events_missing(&report);
        report.assert();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_processes_every_law_holds_if_create_is_exact() {
    let report = two_processes(PlainStore::default()).await;
    expect_only_events_missing(&report);
    report.assert();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_processes_the_documented_laws_are_weaker_if_create_overwrites() {
    let report = two_processes(PlainStore::with_default_create()).await;
    expect_only_events_missing(&report);
    let broken: BTreeSet<u8> = report.violations().iter().map(|it| it.law()).collect();
    assert!(!broken.is_empty(), "if nothing is weaker, the table is wrong");
    assert!(broken.is_subset(&BTreeSet::from([1, 3, 5, 8, 9, 10])), "{report}");
}

async fn two_processes(inner: PlainStore) -> Report {
    let node = || Arc::new(TowerSessionsStore::new(inner.clone())) as Arc<dyn AuthStore>;
    store_laws::check(&[node(), node()]).await
}

fn expect_only_events_missing(report: &Report) {
    assert_eq!(report.not_offered().len(), 5, "{:?}", report.not_offered());
    assert!(report.checked() > 50);
}

#[tokio::test]
async fn failures_are_never_absence() {
    let inner = PlainStore::default();
    for store in
        [TowerSessionsStore::new(inner.clone()).exclusive(), TowerSessionsStore::new(inner.clone())]
    {
        inner.fail(false);
        let (session, now) = (session(), SystemClock.now());
        assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
        inner.fail(true);
        let keys = session.listing.index.keys();
        assert!(store.fetch(&session.id, now).await.is_err());
        assert!(store.find(&keys, now).await.is_err());
        assert!(store.markers(&keys, now).await.is_err());
        assert!(store.touch(&session.id, touch(), now).await.is_err());
        assert!(store.remember(&session.id, later(), now).await.is_err());
        assert!(store.lock(&session.id, &session.id, Duration::from_secs(9)).await.is_err());
        assert!(store.delete(&session.id).await.is_err());
        let (at, until) = (now, later());
        let marker = Marker { key: keys[0], begun_after: at, authenticated_after: at, until };
        assert!(store.mark(&[marker], now).await.is_err());
        inner.fail(false);
        assert!(store.fetch(&session.id, now).await.unwrap().is_some(), "it was not lost");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_an_error_and_can_be_deleted() {
    let inner = PlainStore::default();
    let store = TowerSessionsStore::new(inner.clone());
    let (session, now) = (session(), SystemClock.now());
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
    inner.records().values_mut().for_each(|record| record.data.clear());
    assert!(store.fetch(&session.id, now).await.is_err());
    assert!(store.touch(&session.id, touch(), now).await.is_err());
    store.delete(&session.id).await.unwrap();
    assert!(store.fetch(&session.id, now).await.unwrap().is_none());
}

/// What a node that was slow, or crashed in between, writes back after the delete was answered.
#[tokio::test]
async fn a_row_that_is_written_after_the_delete_brings_nothing_back() {
    let inner = PlainStore::default();
    let store = TowerSessionsStore::new(inner.clone());
    let (session, now) = (session(), SystemClock.now());
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
    let before = inner.records().clone();
    store.delete(&session.id).await.unwrap();
    inner.records().extend(before);
    assert!(store.fetch(&session.id, now).await.unwrap().is_none());
    assert!(store.find(&session.listing.index.keys(), now).await.unwrap().is_empty());
    assert_eq!(store.touch(&session.id, touch(), now).await.unwrap(), Saved::Gone);
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Exists);
    assert!(store.fetch(&session.id, now).await.unwrap().is_none());
}

/// Two processes whose turns overlap: the delete counts, and who saved meanwhile is told so.
#[tokio::test]
async fn a_delete_during_a_write_leaves_nothing_and_the_writer_hears_of_it() {
    let (inner, session, now) = (PlainStore::default(), session(), SystemClock.now());
    let store = TowerSessionsStore::new(inner.clone());
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
    store.delete(&session.id).await.unwrap();
    let tombstone: Vec<_> = inner.records().values().cloned().collect();
    for change in ["insert", "touch", "save"] {
        let inner = PlainStore::default();
        let store = TowerSessionsStore::new(inner.clone());
        if change != "insert" {
            assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
        }
        inner.write_before_next_session(tombstone.clone());
        if change == "insert" {
            assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
        } else if change == "touch" {
            assert_eq!(store.touch(&session.id, touch(), now).await.unwrap(), Saved::Gone);
        } else {
            let save = Change::new(Part::Auth, 1, [1]);
            assert_eq!(store.save_if(&session.id, save, now).await.unwrap(), Saved::Gone);
        }
        assert!(store.fetch(&session.id, now).await.unwrap().is_none(), "{change}");
        assert!(!inner.records().values().any(is_session), "{change}");
    }
}

#[tokio::test]
async fn a_touch_puts_a_session_back_on_a_list_that_was_lost() {
    let inner = PlainStore::default();
    let store = TowerSessionsStore::new(inner.clone());
    let (session, now) = (session(), SystemClock.now());
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
    let keys = session.listing.index.keys();
    assert_eq!(store.find(&keys, now).await.unwrap().len(), 1);
    inner.records().retain(|_, record| is_session(record));
    assert!(store.find(&keys, now).await.unwrap().is_empty());
    assert_eq!(store.touch(&session.id, touch(), now).await.unwrap(), Saved::Done);
    for key in keys {
        assert_eq!(store.find(&[key], now).await.unwrap().len(), 1);
    }
}

/// As when a client hangs up: nothing is left that others would have to wait for.
#[tokio::test(flavor = "current_thread")]
async fn an_operation_that_nobody_waits_for_runs_to_its_end() {
    let inner = PlainStore::default();
    let store = TowerSessionsStore::new(inner.clone());
    let (session, now) = (session(), SystemClock.now());
    let mut insert = Box::pin(store.insert(&session, now));
    assert!(futures_util::poll!(&mut insert).is_pending());
    tokio::task::yield_now().await;
    drop(insert);
    crate::support::until(async || store.fetch(&session.id, now).await.unwrap().is_some()).await;
    assert_eq!(store.touch(&session.id, touch(), now).await.unwrap(), Saved::Done);
}

/// What the documentation says of the costs.
#[tokio::test]
async fn operations_cost_what_is_documented() {
    for (exclusive, costs) in [(false, [28, 2, 10, 37]), (true, [11, 1, 5, 19])] {
        let inner = PlainStore::default();
        let mut store = TowerSessionsStore::new(inner.clone());
        if exclusive {
            store = store.exclusive();
        }
        let (session, now) = (session(), SystemClock.now());
        assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
        let inserted = inner.operations();
        assert!(store.fetch(&session.id, now).await.unwrap().is_some());
        let fetched = inner.operations();
        assert_eq!(store.touch(&session.id, touch(), now).await.unwrap(), Saved::Done);
        let touched = inner.operations();
        let (key, holder) = (Id::default(), Id::default());
        assert!(store.lock(&key, &holder, Duration::from_secs(10)).await.unwrap());
        assert!(store.fetch(&session.id, now).await.unwrap().is_some());
        for expected in [1, 2] {
            let save = Change::new(Part::Auth, expected, b"new");
            assert_eq!(store.save_if(&session.id, save, now).await.unwrap(), Saved::Done);
        }
        let keys = [1, 2, 3, 4].map(|number| IndexKey([number; 16]));
        assert!(store.markers(&keys, now).await.unwrap().is_empty());
        store.unlock(&key, &holder).await.unwrap();
        let refreshed = inner.operations();
        let seen = [inserted, fetched - inserted, touched - fetched, refreshed - touched];
        assert_eq!(seen, costs);
    }
}

#[tokio::test]
async fn records_show_no_time_of_last_use() {
    let inner = PlainStore::default();
    let (_app, _browser) = used_over(TowerSessionsStore::new(inner.clone())).await;
    let records = inner.records();
    let mut dump = Vec::new();
    for text in records.values().flat_map(|record| record.data.values()) {
        let text = text.as_str().unwrap();
        dump.extend_from_slice(text.as_bytes());
        // Bytes are written as base64.
        let decoded = text.split('"').filter_map(|part| STANDARD_NO_PAD.decode(part).ok());
        decoded.for_each(|bytes| dump.extend(bytes));
    }
    expect_sealed(&dump);
}

fn session() -> StoredSession {
    let [key_id, session, sid, sub] = [0, 1, 2, 3].map(|_| Id::default().0.to_be_bytes());
    let key_id = [key_id[0], key_id[1], key_id[2], key_id[3]];
    let [session, sid, sub] = [session, sid, sub].map(IndexKey);
    let index = SessionIndex { key_id, session, sid, sub };
    let listing = Listing { index, summary: vec![1, 2, 3] };
    let auth = SealedPart { version: 1, content: vec![0, 255] };
    StoredSession::new(Id::default(), auth, listing, later())
}

fn touch() -> Touch {
    Touch::new(1, b"touched", later())
}

fn later() -> UnixTime {
    SystemClock.now().saturating_add(Duration::from_secs(600))
}
