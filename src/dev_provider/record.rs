//! What the provider remembers of the requests it got, for a test to look at.

use std::collections::{HashMap, VecDeque};

use super::Endpoint;

/// A request that reached an endpoint, with its parameters: the query's, then the form's, in their order.
#[derive(Clone, Debug, Default)]
pub struct RecordedRequest {
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) authorization: Option<String>,
}

impl RecordedRequest {
    /// All parameters, decoded.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// The first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The `Authorization` header.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }
}

/// Counters and last requests by endpoint, revoked tokens, and what was handed out.
#[derive(Debug, Default)]
pub(crate) struct Record {
    requests: HashMap<Endpoint, (u64, RecordedRequest)>,
    pub(crate) revoked: Vec<String>,
    issued: VecDeque<String>,
}

impl Record {
    pub(crate) fn received(&mut self, endpoint: Endpoint, request: &RecordedRequest) {
        let total = (endpoint != Endpoint::Token && Endpoint::Token.covers(endpoint))
            .then_some(Endpoint::Token);
        for counted in std::iter::once(endpoint).chain(total) {
            let (count, last) = self.requests.entry(counted).or_default();
            *count += 1;
            *last = request.clone();
        }
    }

    pub(crate) fn count(&self, endpoint: Endpoint) -> u64 {
        self.requests.get(&endpoint).map_or(0, |(count, _)| *count)
    }

    pub(crate) fn last(&self, endpoint: Endpoint) -> Option<RecordedRequest> {
        self.requests.get(&endpoint).map(|(_, request)| request.clone())
    }

    pub(crate) fn clear(&mut self) {
        self.requests.clear();
        self.revoked.clear();
    }

    /// Remembers a code or token that was handed out.
    pub(crate) fn issued(&mut self, value: &str) {
        if self.issued.len() == ISSUED_KEPT {
            self.issued.pop_front();
        }
        self.issued.push_back(value.to_owned());
    }

    pub(crate) fn all_issued(&self) -> Vec<String> {
        self.issued.iter().cloned().collect()
    }
}

/// The demo may run for days: what was handed out before is of no interest to a test.
const ISSUED_KEPT: usize = 10_000;
