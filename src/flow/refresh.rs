//! One refresh of a session's tokens.
//!
//! 1. Once per session, however many requests ask on however many nodes, in a task that a client's hanging up does not stop: it
//!    holds the session's lease. Who does not get it waits, and takes over what the other has saved.
//! 2. The intent is saved before the refresh token is sent (in `refresh_intent`).
//! 3. Past the deadline, or once the session has ended, the token endpoint is not called.
//!
//! Rules 4 to 6, of what comes back, are in `refresh_answer`; rule 7, of a refresh token that was given up, is in `given_up`,
//! and rule 8, of a provider that gave no answer, in `refresh_pause`.

use std::sync::Arc;
use std::time::Duration;

use super::access_token::{AccessTokenError, freshness};
use super::event_session;
use super::given_up;
use super::refresh_answer::{adopt, refused};
use super::refresh_intent::{Intent, NotIntended, intend};
use super::relying_party::RelyingParty;
use super::renewal;
use super::update;
use crate::events::EventKind;
use crate::policy::Freshness;
use crate::provider::{MalformedResponse, TokenEndpointError};
use crate::session::entry::{Entry, Versioned};
use crate::session::lease::Lease;
use crate::session::state::SessionState;

/// Why a refresh is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The access token is due.
    AccessToken,
    /// The ceiling is near and may be renewed (ceiling rule 10).
    Renewal,
}

/// Refreshes the access token if it is due, or waits for the refresh that is under way.
pub(crate) async fn refresh(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
) -> Result<(), AccessTokenError> {
    given_up::check(rp, entry).await?;
    if rp.refresh_pauses.is_on(entry.cookie().finder(), &*rp.config.clock) {
        return Err(AccessTokenError::ProviderUnavailable);
    }
    join(rp, entry, Purpose::AccessToken).await
}

/// Starts the one background refresh that may renew the ceiling.
pub(crate) fn renew_in_background(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) {
    let (task_rp, entry) = (Arc::clone(rp), Arc::clone(entry));
    rp.config.spawn.spawn(Box::pin(async move {
        // A failure is told by the task itself.
        drop(join(&task_rp, &entry, Purpose::Renewal).await);
    }));
}

async fn join(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<(), AccessTokenError> {
    let finder = entry.cookie().finder();
    let task = || {
        let (rp, entry) = (Arc::clone(rp), Arc::clone(entry));
        async move {
            let outcome = run(&rp, &entry, purpose).await;
            if let Err(Failed { error, is_news: true }) = &outcome {
                if matches!(error, AccessTokenError::ProviderUnavailable) {
                    rp.refresh_pauses.begin(finder, &*rp.config.clock);
                }
                tell_failure(&rp, &entry, error);
            }
            outcome.map_err(|failed| Arc::new(failed.error))
        }
    };
    let outcome = rp.refreshes.join(finder, &*rp.config.spawn, task);
    let patience = rp.config.clock.sleep(rp.config.tokens.refresh_patience);
    let outcome = match futures_util::future::select(std::pin::pin!(outcome), patience).await {
        futures_util::future::Either::Left((outcome, _)) => outcome,
        // The task holds the new tokens and the store does not take them.
        futures_util::future::Either::Right(_) => return Err(AccessTokenError::StoreUnavailable),
    };
    match outcome {
        Some(Ok(())) => take_over(rp, entry).await,
        Some(Err(error)) => Err((*error).clone()),
        None => Err(AccessTokenError::ProviderUnavailable),
    }
}

/// Once for all that asked. The end of the session has an event of its own.
fn tell_failure(rp: &RelyingParty, entry: &Entry, error: &AccessTokenError) {
    if !matches!(error, AccessTokenError::SessionExpired(_)) {
        let session = event_session::of_state(&entry.state().state);
        rp.config.tell_with(EventKind::RefreshFailed { session, code: error.code() }, error);
    }
}

/// With a shared store every request has a copy of its own, and the task changed only one of them.
async fn take_over(rp: &RelyingParty, entry: &Arc<Entry>) -> Result<(), AccessTokenError> {
    if freshness(rp, &entry.state().state.tokens) == Freshness::Fresh {
        return Ok(());
    }
    reload(rp, entry).await.map(drop)
}

pub(super) async fn reload(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
) -> Result<Arc<Versioned>, AccessTokenError> {
    match rp.sessions.reload(entry).await {
        Ok(true) => Ok(entry.state()),
        Ok(false) => Err(AccessTokenError::SessionExpired(rp.sessions.reason_of_absence(entry))),
        Err(error) => {
            rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
            Err(AccessTokenError::StoreUnavailable)
        }
    }
}

/// Why a task brought no tokens.
struct Failed {
    error: AccessTokenError,
    /// Otherwise it was so before (rule 7).
    is_news: bool,
}

impl From<AccessTokenError> for Failed {
    fn from(error: AccessTokenError) -> Self {
        Self { error, is_news: true }
    }
}

/// The task: rules 2 and 3, and what comes back.
async fn run(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, purpose: Purpose) -> Result<(), Failed> {
    let Some(lease) = lease(rp, entry, purpose).await? else { return Ok(()) };
    know_where_to_send(rp).await?;
    let intent = match intend(rp, entry, purpose == Purpose::Renewal).await {
        Ok(intent) => intent,
        Err(NotIntended { error, unanswered, is_news }) => {
            if let Some(intent) = unanswered {
                intent.take_back_in_background(rp, entry, lease);
            }
            return Err(Failed { error, is_news });
        }
    };
    let over = still_live(rp, entry).await.err();
    // A store that was slow: another node may be sending the token by now.
    let lost = || (!lease.is_held()).then_some(AccessTokenError::StoreUnavailable);
    if let Some(error) = over.or_else(lost) {
        intent.take_back(rp, entry).await;
        return Err(error.into());
    }
    Ok(send(rp, entry, intent).await?)
}

/// Rule 3: between the last look at the session and the sending nothing is waited for, such as the metadata of a provider that this
/// node has not asked yet.
async fn know_where_to_send(rp: &RelyingParty) -> Result<(), AccessTokenError> {
    let metadata = rp.provider.metadata().await;
    metadata.map(drop).map_err(|error| {
        let code = error.code();
        let error: &dyn std::error::Error = &error;
        tracing::warn!(code, error, "nobody knows where the token endpoint is");
        AccessTokenError::ProviderUnavailable
    })
}

/// Sends the refresh token, and does with the answer what belongs to it.
async fn send(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    intent: Intent,
) -> Result<(), AccessTokenError> {
    let answer = rp.provider.refresh(&intent.token).await;
    if let Err(error) = &answer {
        let code = error.code();
        let error: &dyn std::error::Error = error;
        tracing::warn!(code, error, "the token endpoint gave no tokens");
    }
    match answer {
        Ok(response) => adopt(rp, entry, intent.token, response).await,
        // The provider may have rotated the token: the intent stays.
        Err(error) if error.is_reply_lost() => Err(AccessTokenError::ProviderUnavailable),
        Err(
            error @ TokenEndpointError::Malformed(
                MalformedResponse::TokenResponse(_) | MalformedResponse::TooLarge,
            ),
        ) => Err(AccessTokenError::InvalidRefreshResponse(error.code())),
        Err(error) => refused(rp, entry, (intent.token, intent.sent_before), &error).await,
    }
}

/// Rule 1. `None`: what is wanted has been done meanwhile, by another task or another node.
async fn lease(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<Option<Lease>, AccessTokenError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let lease = update::lease(rp, entry).await?;
        let current = reload(rp, entry).await?;
        if !is_wanted(rp, &current.state, purpose) {
            return Ok(None);
        }
        if lease.is_some() {
            return Ok(lease);
        }
        rp.config.clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        still_live(rp, entry).await?;
    }
}

fn is_wanted(rp: &RelyingParty, state: &SessionState, purpose: Purpose) -> bool {
    match purpose {
        Purpose::AccessToken => freshness(rp, &state.tokens) != Freshness::Fresh,
        // Whoever waits for this task may want the other thing too.
        Purpose::Renewal => {
            renewal::is_due(rp, state) || freshness(rp, &state.tokens) != Freshness::Fresh
        }
    }
}

/// Rule 3.
pub(super) async fn still_live(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
) -> Result<(), AccessTokenError> {
    let admitted = rp.sessions.admit_again(entry).await;
    admitted.map(drop).map_err(AccessTokenError::SessionExpired)
}

/// Between two looks at whether another node is done.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
