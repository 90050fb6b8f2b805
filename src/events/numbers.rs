//! Events as numbers, by the facade `metrics`. All labels are from fixed sets of codes.

use super::event::EventKind;

pub(super) fn count(kind: &EventKind) {
    let (event, detail) = (kind.code(), kind.detail());
    metrics::counter!(EVENTS, "event" => event, "detail" => detail).increment(1);
    match kind {
        EventKind::ProviderUnavailable { document, pause } => {
            metrics::gauge!(UP, "document" => *document).set(0.0);
            metrics::gauge!(PAUSE, "document" => *document).set(pause.as_secs_f64());
        }
        EventKind::ProviderAvailable { document } => {
            metrics::gauge!(UP, "document" => *document).set(1.0);
            metrics::gauge!(PAUSE, "document" => *document).set(0.0);
        }
        _ => {}
    }
}

/// How often each event happened.
const EVENTS: &str = "oidc_session_events_total";
/// 1 if the last try to fetch the document went well, or the token endpoint gave an answer, else 0.
const UP: &str = "oidc_session_provider_up";
/// How long nothing is asked of the provider after a failure, in seconds.
const PAUSE: &str = "oidc_session_provider_pause_seconds";
