//! Our rows of the table that `benches/compare.sh` prints.
//!
//! Needs Debian's `valgrind`, `wrk`, `redis-server` and `postgresql`.

use std::process::ExitCode;
use std::time::Duration;

use axum_oidc_session::{OidcAuth, PostgresStore, RedisStore, SqliteStore, Store};
use measure::report::{self, Asked};
use measure::servers::{Postgres, Redis};
use measure::stored::{app, hello, in_memory, keys, relying_party, session};
use measure::{Case, runtime, serving_runtime};
use tokio::runtime::Runtime;
use tower::layer::layer_fn;

fn main() -> ExitCode {
    match rows() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn rows() -> Result<(), String> {
    let asked = Asked::of_arguments()?;
    let runtime = runtime();
    let auth = in_memory(100);
    let cookie = runtime.block_on(session(0, 1_400).store_at(&auth));
    let ours = |name, path| Case::new(name, app(&auth), Some(cookie.clone()), path).above(path);
    let bare_at = |path: &'static str| {
        let route = axum::Router::new().route(path, axum::routing::get(async || "hello"));
        Case::new(path, route, Some(cookie.clone()), path).above(path)
    };
    let bare = Case::new("bare route", hello(), None, "/");
    let cases = [
        bare.clone(),
        bare_at("/"),
        bare_at("/extracted"),
        bare_at("/token"),
        Case::new("an empty axum layer", hello().layer(layer_fn(|inner| inner)), None, "/"),
        Case::new("axum-oidc-session, no cookie", app(&auth), None, "/"),
        ours("axum-oidc-session, session not read", "/"),
        ours("axum-oidc-session, `AuthSession` of 1.5 KB", "/extracted"),
        ours("axum-oidc-session, its access token", "/token"),
    ];
    let counts = report::count(&runtime, &cases)?;
    let serving = serving_runtime();
    if !asked.counts_only {
        let itself = Case { name: "(the bare route against itself)", ..bare.clone() };
        report::print_served(serving.handle(), &itself, &bare, asked)?;
    }
    report::print_counted(serving.handle(), &cases, &counts, asked)?;
    if asked.counts_only { Ok(()) } else { stores(&serving, &cases[2], asked) }
}

fn stores(runtime: &Runtime, base: &Case, asked: Asked) -> Result<(), String> {
    let (redis, postgres) = (Redis::start()?, Postgres::start()?);
    let file = std::env::temp_dir().join(format!("bench-{}.sqlite", std::process::id()));
    let sqlite = || SqliteStore::new(&file).map_err(|error| error.to_string());
    let over_redis = || RedisStore::new(&redis.url).map_err(|error| error.to_string());
    let over_postgres = || PostgresStore::new(&postgres.url).map_err(|error| error.to_string());
    for (name, store, push) in [
        ("axum-oidc-session, SQLite asked", Store::from(sqlite()?), false),
        ("axum-oidc-session, SQLite, live cache", Store::from(sqlite()?.exclusive()), false),
        ("axum-oidc-session, Redis asked", Store::from(over_redis()?), false),
        ("axum-oidc-session, Redis, live cache", Store::from(over_redis()?), true),
        ("axum-oidc-session, PostgreSQL asked", Store::from(over_postgres()?), false),
        ("axum-oidc-session, PostgreSQL, live cache", Store::from(over_postgres()?), true),
    ] {
        let auth = relying_party().store(store).cookie_keys(keys()).push_invalidation(push);
        let auth: OidcAuth = auth.build().map_err(|error| error.to_string())?;
        let cookies = runtime.block_on(async {
            let mut cookies = Vec::new();
            for number in 0..SESSIONS {
                cookies.push(session(number, 1_400).store_at(&auth).await);
            }
            // Until the messages of the store are heard nothing is kept.
            tokio::time::sleep(Duration::from_millis(if push { 1_000 } else { 0 })).await;
            cookies
        });
        let base = base.clone().cookies(cookies.clone());
        let case = Case::new(name, app(&auth), None, "/extracted").cookies(cookies);
        report::print_served(runtime.handle(), &case, &base, asked)?;
    }
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    Ok(())
}

/// More than there are connections: requests that are under way at once are of different sessions.
const SESSIONS: usize = 64;
