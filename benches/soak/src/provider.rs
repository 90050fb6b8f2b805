//! The development provider, in the process of the load.

use std::net::SocketAddr;
use std::sync::Arc;

use axum_oidc_session::dev_provider::{
    DevClient, DevProvider, DevUser, Endpoint, RunningDevProvider,
};

use crate::clock::FastClock;

pub(crate) struct Provider(RunningDevProvider);

impl Provider {
    pub(crate) async fn start(clock: FastClock) -> Self {
        let users = (0..USERS).map(|number| DevUser::new(user(number)));
        let provider = users.fold(DevProvider::builder(), |provider, user| provider.user(user));
        Self(provider.clock(Arc::new(clock)).start().await.unwrap())
    }

    pub(crate) fn issuer(&self) -> &str {
        self.0.issuer()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr()
    }

    /// Makes the server a client.
    pub(crate) fn register(&self, base_url: &str) {
        let client = DevClient::new(CLIENT_ID)
            .secret(CLIENT_SECRET)
            .redirect_uri(format!("{base_url}/auth/callback"))
            .post_logout_redirect_uri(format!("{base_url}/"));
        self.0.control().add_client(client);
    }

    /// How often a refresh token was sent.
    pub(crate) fn refreshes(&self) -> u64 {
        self.0.control().requests(Endpoint::TokenRefreshToken)
    }
}

/// The `sub` of a person.
pub(crate) fn user(number: u64) -> String {
    format!("user-{number}")
}

pub(crate) const USERS: u64 = 200;
pub(crate) const CLIENT_ID: &str = "soaked";
pub(crate) const CLIENT_SECRET: &str = "a secret";
