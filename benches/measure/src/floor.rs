//! What cannot be done without: the cookie found, a session by its id in a sharded map, its deadline compared, and the session handed to
//! the handler. Nothing is verified, nothing refreshed, nothing ends.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::Request;
use axum::http::header::COOKIE;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use crate::stored::hello;

struct Held {
    deadline: i64,
    claims: String,
}

#[derive(Clone)]
#[expect(dead_code, reason = "an extractor would take it from here")]
struct Present(Arc<Held>);

type Shards = Arc<Vec<RwLock<HashMap<String, Arc<Held>>>>>;

/// The bare route under such a layer, with a session for each of `cookies`.
pub fn app(cookies: &[String]) -> Router {
    let shards: Shards = Arc::new((0..SHARDS).map(|_| RwLock::default()).collect());
    // Made in another order than they are asked for: memory gives nothing in advance.
    let mut ids: Vec<&str> = cookies.iter().filter_map(|cookies| id(cookies)).collect();
    ids.sort_unstable_by_key(|id| id.as_bytes()[20..].to_vec());
    for (number, id) in ids.into_iter().enumerate() {
        let held = Held { deadline: i64::MAX, claims: format!("user-{number}") };
        shards[shard(id)].write().unwrap().insert(id.to_owned(), Arc::new(held));
    }
    hello()
        .layer(from_fn(move |request: Request, next: Next| answer(shards.clone(), request, next)))
}

async fn answer(shards: Shards, mut request: Request, next: Next) -> Response {
    let cookies = request.headers().get(COOKIE).and_then(|value| value.to_str().ok());
    let found = cookies.and_then(id).and_then(|id| {
        let held = shards[shard(id)].read().unwrap().get(id).cloned()?;
        (held.deadline > now() && !held.claims.is_empty()).then_some(held)
    });
    if let Some(held) = found {
        request.extensions_mut().insert(Present(held));
    }
    next.run(request).await
}

fn id(cookies: &str) -> Option<&str> {
    let pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
    pairs.map(|(_, value)| value).find(|value| value.len() == 43)
}

fn shard(id: &str) -> usize {
    let bytes = id.as_bytes();
    (usize::from(bytes[0]) * 64 + usize::from(bytes[1])) % SHARDS
}

fn now() -> i64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

const SHARDS: usize = 256;
