//! Whether the token endpoint answers: told when that changes, and not before it was asked.
//!
//! Whatever it answers is an answer, a refusal, too. None is no connection, a timeout, a connection that broke, and a 5xx.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::token_endpoint::TokenEndpointError;
use crate::clock::Clock;
use crate::events::{EventKind, Events};

/// What is known from the last request.
#[derive(Debug)]
pub(super) struct Reachability {
    /// Held while it is told: the last word is the last change.
    is_down: Mutex<bool>,
    clock: Arc<dyn Clock>,
    events: Events,
}

impl Reachability {
    pub(super) fn new(clock: Arc<dyn Clock>, events: Events) -> Self {
        Self { is_down: Mutex::new(false), clock, events }
    }

    /// Notes what came of a request that was sent.
    pub(super) fn note<T>(&self, outcome: &Result<T, TokenEndpointError>) {
        let outage = outcome.as_ref().err().filter(|error| error.is_outage());
        let mut is_down = self.is_down.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_down == outage.is_some() {
            return;
        }
        *is_down = outage.is_some();
        let document = TOKEN_ENDPOINT;
        match outage {
            Some(error) => {
                // It is asked whenever it is needed.
                let kind = EventKind::ProviderUnavailable { document, pause: Duration::ZERO };
                self.events.tell_with(&*self.clock, kind, Some(error));
            }
            None => self.events.tell(&*self.clock, EventKind::ProviderAvailable { document }),
        }
    }
}

/// What it is called in events.
const TOKEN_ENDPOINT: &str = "token_endpoint";
