//! Whether the token endpoint answers: told when that changes, and not before it was asked.
//!
//! Whatever it answers is an answer, a refusal, too. None is no connection, a timeout, a connection that broke, and a 5xx.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::token_endpoint::TokenEndpointError;
use crate::clock::Clock;
use crate::events::{EventKind, Events};

/// What is known from the last request.
#[derive(Debug)]
pub(super) struct Reachability {
    is_down: AtomicBool,
    clock: Arc<dyn Clock>,
    events: Events,
}

impl Reachability {
    pub(super) fn new(clock: Arc<dyn Clock>, events: Events) -> Self {
        Self { is_down: AtomicBool::new(false), clock, events }
    }

    /// Notes what came of a request that was sent.
    pub(super) fn note<T>(&self, outcome: &Result<T, TokenEndpointError>) {
        let outage = outcome.as_ref().err().filter(|error| error.is_outage());
        let is_down = outage.is_some();
        if self.is_down.swap(is_down, Ordering::AcqRel) == is_down {
            return;
        }
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
