//! The peers' rows of the table that `benches/compare.sh` prints: other crates' layers, on the same routes, with the same bytes in the
//! session.
//!
//! Needs Debian's `valgrind`, `wrk`, `redis-server` and `postgresql`.

mod floor;
mod login;
mod oidc;
mod sessions;
mod state;
mod stores;

use std::process::ExitCode;

use axum::Router;
use axum_oidc_session::dev_provider::RunningDevProvider;
use measure::report::{self, Asked};
use measure::servers::{Postgres, Redis};
use measure::stored::hello;
use measure::{Case, runtime, serving_runtime};
use tokio::runtime::Runtime;

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
    let (cases, _provider) = runtime.block_on(in_memory());
    let counts = report::count(&runtime, &cases)?;
    let serving = serving_runtime();
    report::print_counted(serving.handle(), &cases, &counts, asked)?;
    if asked.counts_only { Ok(()) } else { outside(&serving, &cases[0], asked) }
}

async fn in_memory() -> (Vec<Case>, RunningDevProvider) {
    let (oidc, oidc_cookie, provider) = oidc::app().await;
    let cases = vec![
        case(BARE, (hello(), oidc_cookie.clone())),
        case(
            "the floor: a cookie, a sharded map of `Arc`s, a comparison, an extension",
            floor::app(),
        ),
        case("tower-sessions, session not read", sessions::not_read().await),
        case("tower-sessions, 1.5 KB read", sessions::read().await),
        case("axum-login, user read", login::app(false).await),
        case("axum-login, user read, 1.5 KB in the session", login::app(true).await),
        case("axum-oidc, claims read", (oidc, oidc_cookie)),
    ];
    (cases, provider)
}

fn outside(runtime: &Runtime, bare: &Case, asked: Asked) -> Result<(), String> {
    let (redis, postgres) = (Redis::start()?, Postgres::start()?);
    let file = std::env::temp_dir().join(format!("bench-peers-{}.sqlite", std::process::id()));
    let (sqlite, over_redis, over_postgres) = runtime.block_on(async {
        (
            case("tower-sessions, 1.5 KB read from SQLite", stores::sqlite(&file).await),
            case("tower-sessions, 1.5 KB read from Redis", stores::redis(&redis.url).await),
            case(
                "tower-sessions, 1.5 KB read from PostgreSQL",
                stores::postgres(&postgres.url).await,
            ),
        )
    });
    for case in [sqlite, over_redis, over_postgres] {
        report::print_served(runtime.handle(), &case, bare, asked)?;
    }
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    Ok(())
}

fn case(name: &'static str, (app, cookie): (Router, String)) -> Case {
    Case::new(name, app, Some(cookie), "/").above(BARE)
}

const BARE: &str = "bare route, a cookie";
