//! What is counted.

use std::time::SystemTime;

use axum::Router;
use axum::routing::get;
use axum_oidc_session::OidcAuth;
use measure::Case;
use measure::stored::{app, hello, in_memory, keys, relying_party, session};
use measure::table::Table;
use tower::layer::layer_fn;

pub(crate) const FEW_SESSIONS: usize = 1_000;

pub(crate) async fn all(crowd: usize) -> Vec<Case> {
    // First: it may take a minute, after which a use of the others would have to be noted.
    let crowded = in_memory(crowd);
    let all = fill(&crowded, crowd).await;
    let some: Vec<String> = all.into_iter().step_by((crowd / ASKED).max(1)).collect();
    let auth = in_memory(FEW_SESSIONS + 10);
    let mut cookies = fill(&auth, FEW_SESSIONS).await;
    cookies.truncate(ASKED);
    let one = cookies[0].clone();
    let (layered, none) = (app(&auth), None::<String>);
    let foreign = Some("theme=dark; _ga=GA1.1.1234567890.1234567890; lang=en".to_owned());
    let bare =
        |name, cookies: &Option<String>| Case::new(name, hello(), cookies.clone(), "/").above(name);
    let mut cases = vec![
        bare("bare route", &None),
        bare(OURS, &Some(one.clone())),
        Case::new(LONGER, bare_at(ELSEWHERE), Some(one.clone()), ELSEWHERE).above(LONGER),
        bare(OTHERS, &foreign),
        Case::new("empty layer", hello().layer(layer_fn(|service| service)), None, "/"),
        Case::new(NO_COOKIE, layered.clone(), None, "/"),
        Case::new("no cookie, optional session", layered.clone(), none, "/optional"),
        Case::new("no cookie of ours", layered.clone(), foreign, "/").above(OTHERS),
        Case::new("garbage for a cookie", layered.clone(), garbage(&one), "/optional").above(OURS),
        Case::new(LIVE, layered.clone(), None, "/").cookies(cookies.clone()).above(OURS),
    ];
    for (name, path) in [(EXTRACTED, "/extracted"), (OPTIONAL, "/optional"), (TOKEN, "/token")] {
        cases.push(Case::new(name, layered.clone(), Some(one.clone()), path).above(LONGER));
    }
    for (name, bytes, ceiling) in [
        ("near the deadline", 0, Some(now() + 600)),
        ("1.5 KB of claims", 1_536, None),
        ("16 KB of claims", 16_000, None),
    ] {
        let session = session(0, bytes);
        let session = if let Some(at) = ceiling { session.ceiling(at) } else { session };
        let cookie = session.store_at(&auth).await;
        cases.push(Case::new(name, layered.clone(), Some(cookie), "/extracted").above(LONGER));
    }
    for (name, table) in [(ASKED_OF_STORE, Table::default()), (CACHED, Table::exclusive())] {
        let auth = relying_party().store(table).cookie_keys(keys()).build().unwrap();
        let cookie = session(0, 1_536).store_at(&auth).await;
        cases.push(Case::new(name, app(&auth), Some(cookie), ELSEWHERE).above(LONGER));
    }
    cases.push(Case::new(CROWDED, app(&crowded), None, "/").cookies(some).above(OURS));
    cases
}

/// The same handler there.
fn bare_at(path: &str) -> Router {
    Router::new().route(path, get(async || "hello"))
}

async fn fill(auth: &OidcAuth, sessions: usize) -> Vec<String> {
    let mut cookies = Vec::with_capacity(sessions);
    for number in 0..sessions {
        cookies.push(session(number, 0).store_at(auth).await);
    }
    cookies
}

/// A session cookie's name, and a value that is none.
fn garbage(cookies: &str) -> Option<String> {
    let (name, value) = cookies.split_once('=')?;
    let length = value.find(';').unwrap_or(value.len());
    Some(format!("{name}={}{}", "*".repeat(length), &value[length..]))
}

fn now() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub(crate) const NO_COOKIE: &str = "no cookie";
pub(crate) const LIVE: &str = "live session";
pub(crate) const EXTRACTED: &str = "live session, extracted";
pub(crate) const CROWDED: &str = "live session, one of very many";
const OPTIONAL: &str = "live session, optional";
const TOKEN: &str = "access token from the session";
const ASKED_OF_STORE: &str = "sealed record of 1.5 KB, asked of a store";
const CACHED: &str = "sealed record of 1.5 KB, live cache";
const OURS: &str = "bare route, our cookies";
const LONGER: &str = "bare route, our cookies, longer path";
const ELSEWHERE: &str = "/extracted";
const OTHERS: &str = "bare route, other cookies";
/// How many sessions take turns.
const ASKED: usize = 500;
