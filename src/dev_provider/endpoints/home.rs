//! The provider's start page: who is signed in, and a button that ends it everywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{DevProviderControl, LogoutSubject, pages};

pub(crate) async fn page(State(provider): State<Arc<Provider>>) -> Response {
    let now = provider.now();
    let mut inner = provider.lock();
    inner.sessions.retain(|_, session| session.is_live(now));
    let mut sessions: Vec<_> = inner.sessions.values().cloned().collect();
    sessions.sort_by_key(|session| session.auth_time);
    pages::home(&provider, &inner.clients, &sessions)
}

/// Ends a session of the provider and tells every client that has a back-channel logout URI.
pub(crate) async fn end(State(provider): State<Arc<Provider>>, form: Incoming) -> Response {
    let Ok(Some(sid)) = form.parameter("sid").map(|sid| sid.map(str::to_owned)) else {
        return pages::error("The sid is missing.");
    };
    let clients: Vec<String> = {
        let mut inner = provider.lock();
        inner.sessions.retain(|_, session| session.sid != sid);
        let told = inner.clients.iter().filter(|client| client.backchannel_logout_uri.is_some());
        told.map(|client| client.id.clone()).collect()
    };
    let control = DevProviderControl::new(provider);
    let mut outcomes = Vec::new();
    for client in clients {
        let sent = control.backchannel_logout(&client, &LogoutSubject::Sid(sid.clone())).await;
        let outcome =
            sent.map_or_else(|error| error.to_string(), |reply| format!("HTTP {}", reply.status()));
        outcomes.push((client, outcome));
    }
    pages::ended(&outcomes)
}
