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

use secrecy::SecretString;

use super::access_token::{self, AccessTokenError, freshness};
use super::event_session;
use super::given_up;
use super::refresh_answer::{adopt, is_same, refused};
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
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// The access token is due.
    AccessToken,
    /// The ceiling is near and may be renewed (ceiling rule 10).
    Renewal,
    /// The application asks for another access token than this one.
    InPlaceOf(SecretString),
}

/// Refreshes the access token if it is due, or waits for the refresh that is under way.
pub(crate) async fn refresh(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
) -> Result<(), AccessTokenError> {
    given_up::check(rp, entry).await?;
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

/// Runs the task, or waits for the one that runs.
pub(super) async fn join(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<(), AccessTokenError> {
    let finder = entry.cookie().finder();
    if let Some(error) = rp.refresh_pauses.current(finder, &*rp.config.clock) {
        return Err(error);
    }
    let task = || {
        let (rp, entry, purpose) = (Arc::clone(rp), Arc::clone(entry), purpose.clone());
        async move {
            let outcome = run(&rp, &entry, &purpose).await;
            match &outcome {
                Ok(()) => rp.refresh_pauses.end(finder),
                Err(failed) if failed.is_news => fail(&rp, &entry, failed),
                Err(_) => {}
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
        Some(Ok(())) => take_over(rp, entry, &purpose).await,
        Some(Err(error)) => Err((*error).clone()),
        None => Err(AccessTokenError::ProviderUnavailable),
    }
}

/// Once for all that asked. The end of the session has an event of its own.
fn fail(rp: &RelyingParty, entry: &Entry, failed: &Failed) {
    let error = &failed.error;
    if matches!(
        error,
        AccessTokenError::ProviderUnavailable
            | AccessTokenError::RefreshPaused(_)
            | AccessTokenError::InvalidRefreshResponse(_)
    ) {
        let (session, clock) = (entry.cookie().finder(), &*rp.config.clock);
        rp.refresh_pauses.begin(session, error, failed.retry_after, clock);
    }
    if !matches!(error, AccessTokenError::SessionExpired(_)) {
        let session = event_session::of_state(&entry.state().state);
        let (code, provider) = (error.code(), error.provider_error().cloned());
        rp.config.tell_with(EventKind::RefreshFailed { session, code, provider }, error);
    }
}

/// With a shared store every request has a copy of its own, and the task changed only one of them.
async fn take_over(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
    purpose: &Purpose,
) -> Result<(), AccessTokenError> {
    if is_wanted(rp, &entry.state().state, purpose) {
        reload(rp, entry).await?;
    }
    Ok(())
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
    /// How long the provider asks to be left alone.
    retry_after: Option<Duration>,
}

impl From<AccessTokenError> for Failed {
    fn from(error: AccessTokenError) -> Self {
        Self { error, is_news: true, retry_after: None }
    }
}

/// The task: rules 2 and 3, and what comes back.
async fn run(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, purpose: &Purpose) -> Result<(), Failed> {
    let Some(lease) = lease(rp, entry, purpose).await? else { return Ok(()) };
    know_where_to_send(rp).await?;
    let intent = match intend(rp, entry, matches!(purpose, Purpose::Renewal)).await {
        Ok(intent) => intent,
        Err(NotIntended { error, unanswered, is_news }) => {
            if let Some(intent) = unanswered {
                intent.take_back_in_background(rp, entry, lease);
            }
            return Err(Failed { error, is_news, retry_after: None });
        }
    };
    let over = still_live(rp, entry).await.err();
    // A store that was slow: another node may be sending the token by now.
    let lost = || (!lease.is_held()).then_some(AccessTokenError::StoreUnavailable);
    if let Some(error) = over.or_else(lost) {
        intent.take_back(rp, entry).await;
        return Err(error.into());
    }
    send(rp, entry, intent).await
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
async fn send(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, intent: Intent) -> Result<(), Failed> {
    let answer = rp.provider.refresh(&intent.token).await;
    if let Err(error) = &answer {
        let code = error.code();
        let error: &dyn std::error::Error = error;
        tracing::warn!(code, error, "the token endpoint gave no tokens");
    }
    let retry_after = answer.as_ref().err().and_then(TokenEndpointError::retry_after);
    let done = match answer {
        Ok(response) => adopt(rp, entry, intent.token, response).await,
        // The provider may have rotated the token: the intent stays.
        Err(error) if error.is_reply_lost() => Err(AccessTokenError::ProviderUnavailable),
        Err(
            error @ TokenEndpointError::Malformed(
                MalformedResponse::TokenResponse(_) | MalformedResponse::TooLarge,
            ),
        ) => Err(AccessTokenError::InvalidRefreshResponse(error.code())),
        Err(error) => refused(rp, entry, (intent.token, intent.sent_before), &error).await,
    };
    done.map_err(|error| Failed { error, is_news: true, retry_after })
}

/// Rule 1. `None`: what is wanted has been done meanwhile, by another task or another node.
async fn lease(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: &Purpose,
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

fn is_wanted(rp: &RelyingParty, state: &SessionState, purpose: &Purpose) -> bool {
    // Whoever waits for this task may want the other thing, too.
    let is_due = freshness(rp, &state.tokens) != Freshness::Fresh;
    is_due
        || match purpose {
            Purpose::AccessToken => false,
            Purpose::Renewal => renewal::is_due(rp, state),
            Purpose::InPlaceOf(seen) => is_same(&state.tokens.access_token, seen),
        }
}

/// Rule 3. A store that cannot be asked whether the session is idle ends nothing: `StoreUnavailable`.
pub(super) async fn still_live(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
) -> Result<(), AccessTokenError> {
    let admitted = rp.sessions.admit_again(entry).await;
    admitted.map(drop).map_err(|unconfirmed| access_token::unconfirmed(rp, unconfirmed))
}

/// Between two looks at whether another node is done.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
