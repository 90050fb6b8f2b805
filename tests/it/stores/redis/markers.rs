//! Markers are merged exactly: Lua's numbers are doubles, in which the largest integers are one.

use axum_oidc_session::{AuthStore as _, Marker};

use super::sample::{NOW, at, marker, prefix};
use crate::support::RedisServer;

#[tokio::test]
async fn neighbours_of_never_are_told_apart() {
    let store = RedisServer::shared().store(&prefix());
    let never = i64::MAX;
    for (first, second) in [
        (never - 1, never),
        (never, never - 1),
        (never - 2, never - 1),
        (NOW, never),
        (-1, 0),
        (0, -1),
        (i64::MIN, i64::MIN + 1),
        (99, 100),
    ] {
        let one = Marker { begun_after: at(first), authenticated_after: at(second), ..marker() };
        let other = Marker { begun_after: at(second), authenticated_after: at(first), ..one };
        store.mark(&[one], at(NOW)).await.unwrap();
        assert_eq!(store.markers(&[one.key], at(NOW)).await.unwrap(), [one]);
        store.mark(&[other], at(NOW)).await.unwrap();
        let merged = store.markers(&[one.key], at(NOW)).await.unwrap();
        assert_eq!(merged, [one.merge(other)], "{first} and {second}");
    }
}

#[tokio::test]
async fn later_end_stays_and_what_has_ended_counts_no_more() {
    let store = RedisServer::shared().store(&prefix());
    let long = Marker { until: Marker::NEVER, ..marker() };
    let short = Marker { until: at(NOW + 1), begun_after: at(NOW + 7), ..long };
    store.mark(&[long], at(NOW)).await.unwrap();
    store.mark(&[short], at(NOW)).await.unwrap();
    assert_eq!(store.markers(&[long.key], at(NOW)).await.unwrap(), [long.merge(short)]);
    let over = Marker { until: at(NOW + 10), ..marker() };
    let fresh = Marker { begun_after: at(NOW - 99), until: at(NOW + 99), ..over };
    store.mark(&[over], at(NOW)).await.unwrap();
    assert_eq!(store.markers(&[over.key], at(NOW + 10)).await.unwrap(), []);
    store.mark(&[fresh], at(NOW + 10)).await.unwrap();
    assert_eq!(store.markers(&[over.key], at(NOW + 10)).await.unwrap(), [fresh]);
}

#[tokio::test]
async fn two_under_one_key_in_one_call_are_merged() {
    let store = RedisServer::shared().store(&prefix());
    let one = Marker { begun_after: Marker::NEVER, ..marker() };
    let other = Marker { authenticated_after: Marker::NEVER, begun_after: at(0), ..one };
    store.mark(&[one, other], at(NOW)).await.unwrap();
    let kept = store.markers(&[one.key, one.key], at(NOW)).await.unwrap();
    assert_eq!(kept, [one.merge(other)]);
    store.mark(&[], at(NOW)).await.unwrap();
}
