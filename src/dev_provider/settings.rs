//! What the control handle has set.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::{Endpoint, Fault, SessionExpiryMode};

/// How the provider answers at the moment.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The `sub` that the authorization endpoint signs in without asking.
    pub(crate) authorize_as: Option<String>,
    pub(crate) session_expiry: SessionExpiryMode,
    /// `None`: what the sign-in's ID Token said.
    pub(crate) refresh_session_expiry: Option<SessionExpiryMode>,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) id_token_claims: Map<String, Value>,
    pub(crate) omit_expires_in: bool,
    pub(crate) omit_refresh_token: bool,
    pub(crate) omit_sid: bool,
    pub(crate) fault: Option<Fault>,
    /// `error` and `error_description` of the token endpoint.
    pub(crate) token_error: Option<(String, String)>,
    pub(crate) delays: HashMap<Endpoint, Duration>,
    /// Every request ends with a closed connection.
    pub(crate) down: bool,
}

impl Settings {
    pub(crate) fn new(session_expiry: SessionExpiryMode, access_token_lifetime: Duration) -> Self {
        Self {
            authorize_as: None,
            session_expiry,
            refresh_session_expiry: None,
            access_token_lifetime,
            id_token_claims: Map::new(),
            omit_expires_in: false,
            omit_refresh_token: false,
            omit_sid: false,
            fault: None,
            token_error: None,
            delays: HashMap::new(),
            down: false,
        }
    }

    /// The longest delay set for a request to `endpoint`.
    pub(crate) fn delay(&self, endpoint: Endpoint) -> Option<Duration> {
        let delays = self.delays.iter().filter(|(delayed, _)| delayed.covers(endpoint));
        delays.map(|(_, delay)| *delay).max().filter(|delay| !delay.is_zero())
    }
}
