//! The ranges of the settings that concern the store, both sides of each boundary.

use std::time::Duration;

use axum_oidc_session::{MemoryStore, OidcAuth, OidcAuthBuilder};

type Set = fn(OidcAuthBuilder, u64) -> OidcAuthBuilder;

fn refused(set: Set, value: u64) -> Option<&'static str> {
    let builder = OidcAuth::builder("https://op.example.com", "client")
        .client_secret("secret")
        .base_url("https://app.example.com")
        .store(MemoryStore::default());
    let errors = set(builder, value).build().err()?;
    let settings: Vec<_> = errors.iter().map(|error| error.setting).collect();
    let [setting] = settings[..] else { panic!("{settings:?}") };
    Some(setting)
}

#[test]
fn each_is_taken_at_its_ends_and_refused_beyond() {
    let timeout: Set = |auth, value| auth.store_timeout(Duration::from_millis(value));
    let staleness: Set = |auth, value| auth.live_cache_staleness(Duration::from_millis(value));
    let capacity: Set = |auth, value| auth.live_cache_capacity(usize::try_from(value).unwrap());
    for (setting, set, taken, beyond) in [
        ("store_timeout", timeout, vec![100, 60_000], vec![0, 99, 60_001]),
        ("live_cache_staleness", staleness, vec![200, 30_000], vec![0, 199, 30_001]),
        ("live_cache_capacity", capacity, vec![256, 10_000_000], vec![0, 255]),
    ] {
        for value in taken {
            assert_eq!(refused(set, value), None, "{setting}: {value}");
        }
        for value in beyond {
            assert_eq!(refused(set, value), Some(setting), "{value}");
        }
    }
}

#[test]
fn there_is_nothing_to_wait_for_without_push_invalidation() {
    let waits: Set = |auth, push| auth.push_invalidation(push == 1).logout_waits_for_nodes(true);
    assert_eq!(refused(waits, 0), Some("logout_waits_for_nodes"));
    assert_eq!(refused(waits, 1), None);
}
