//! Time of requests in process, by criterion. Machines are noisy: compare figures of one run with each other.
//!
//! ```sh
//! cargo bench --manifest-path benches/measure/Cargo.toml
//! ```
//!
//! `seal` and `open` are a login's and a request's way through a store outside of the process, without the way there: the record
//! sealed and inserted, fetched and opened.

use std::hint::black_box;

use axum_oidc_session::OidcAuth;
use criterion::{Criterion, criterion_group, criterion_main};
use measure::signed_in::Provider;
use measure::stored::{app, hello, in_memory, keys, relying_party, session};
use measure::table::Table;
use measure::{Case, runtime};

fn requests(criterion: &mut Criterion) {
    let runtime = runtime();
    let auth = in_memory(100);
    let store = |bytes| runtime.block_on(session(0, bytes).store_at(&auth));
    let (small, middle, large) = (store(0), store(1_536), store(16_000));
    let soon = runtime.block_on(session(0, 0).ceiling(now() + 600).store_at(&auth));
    let layered = app(&auth);
    let garbage = small.replacen('=', "=*", 1);
    for (name, app, cookies, path) in [
        ("bare route", hello(), None, "/"),
        ("no cookie", layered.clone(), None, "/"),
        ("garbage for a cookie", layered.clone(), Some(garbage), "/"),
        ("no cookie, optional", layered.clone(), None, "/optional"),
        ("live session", layered.clone(), Some(small.clone()), "/"),
        ("live session, extracted", layered.clone(), Some(small.clone()), "/extracted"),
        ("near the deadline", layered.clone(), Some(soon), "/extracted"),
        ("1.5 KB of claims", layered.clone(), Some(middle), "/extracted"),
        ("16 KB of claims", layered.clone(), Some(large), "/extracted"),
        ("access token from the session", layered.clone(), Some(small), "/token"),
    ] {
        let case = Case::new(name, app, cookies, path);
        criterion.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| case.ask(0));
        });
    }
}

/// A million sessions, asked in an order that no cache foresees.
fn crowd(criterion: &mut Criterion) {
    let runtime = runtime();
    for sessions in [1_000, 1_000_000] {
        let auth = in_memory(sessions);
        let mut cookies: Vec<String> = runtime.block_on(async {
            let mut cookies = Vec::with_capacity(sessions);
            for number in 0..sessions {
                cookies.push(session(number, 0).store_at(&auth).await);
            }
            cookies
        });
        // Session ids are random: their order is as good as a shuffle.
        cookies.sort_unstable();
        let floor = measure::floor::app(&cookies);
        for (name, app) in [("live session", app(&auth)), ("sharded map of Arcs", floor)] {
            let case = Case::new("crowd", app, None, "/").cookies(cookies.clone());
            let mut number = 0;
            criterion.bench_function(&format!("{name}, one of {sessions}"), |bencher| {
                bencher.to_async(&runtime).iter(|| {
                    number += 1;
                    case.ask(number)
                });
            });
        }
    }
}

/// A whole login, with the provider's part, and the same without the callback: the difference is the code exchanged over loopback HTTP, the
/// ID Token verified and the session made.
fn callback(criterion: &mut Criterion) {
    let runtime = runtime();
    let provider = runtime.block_on(Provider::start());
    // Discovery and the keys are fetched once.
    runtime.block_on(provider.login());
    criterion.bench_function("login and callback", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(provider.login().await) });
    });
    criterion.bench_function("login alone", |bencher| {
        bencher.to_async(&runtime).iter(|| async { black_box(provider.begin().await) });
    });
    runtime.block_on(provider.stop());
}

fn sealing(criterion: &mut Criterion) {
    let runtime = runtime();
    let auth = sealed();
    let cookies = runtime.block_on(session(0, 1_536).store_at(&auth));
    criterion.bench_function("seal: 1.5 KB stored", |bencher| {
        bencher.to_async(&runtime).iter(|| session(0, 1_536).store_at(&auth));
    });
    let case = Case::new("asked", app(&auth), Some(cookies), "/extracted");
    criterion.bench_function("a record that comes again unchanged", |bencher| {
        bencher.to_async(&runtime).iter(|| case.ask(0));
    });
    // More of them than are kept opened.
    let cookies = runtime.block_on(async {
        let mut cookies = Vec::with_capacity(50_000);
        for number in 0..50_000 {
            cookies.push(session(number, 1_536).store_at(&auth).await);
        }
        cookies
    });
    let (case, mut number) =
        (Case::new("open", app(&auth), None, "/extracted").cookies(cookies), 0);
    criterion.bench_function("open: a record that was not opened before", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            number += 1;
            case.ask(number)
        });
    });
}

fn sealed() -> OidcAuth {
    relying_party().store(Table::default()).cookie_keys(keys()).build().unwrap()
}

fn now() -> i64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

criterion_group!(benches, requests, crowd, callback, sealing);
criterion_main!(benches);
