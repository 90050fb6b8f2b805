//! Requests that can't be decided at once: the store is asked, a session is ended, or the application's data are kept.

use std::sync::Arc;

use axum_core::response::Response;
use http::Request;
use tower_service::Service;
use tower_sessions::Session;

use super::afterwards::{Afterwards, finish_in_store, forbid_keeping};
use super::application_data::{Effect, View};
use super::application_data_error::ApplicationDataError;
use super::cancel::{self, Ran};
use super::context::{Absence, Presence, RequestAuth};
use super::cookies::{CookieJar, MarkerCookie, RequestCookies};
use super::facts;
use super::layer::AuthSessionLayer;
use super::response::answer::Asked;
use super::response::{answer, unauthorized};
use super::routes;
#[cfg(feature = "ws")]
use super::websocket;
use crate::events::EventKind;
use crate::flow::end::{self, Ending};
use crate::flow::relying_party::RelyingParty;
use crate::flow::renewal;
use crate::policy::{EndReason, Outcome, Refusal, Renewal, touch_due};
use crate::session::contract::{Saved, StoreError};
use crate::session::entry::Entry;
use crate::session::id::SessionCookie;
use crate::session::live_session::LiveSession;
use crate::session::sessions::Lookup;

/// Lets extractors see the session.
pub(super) fn expose<B>(
    rp: &Arc<RelyingParty>,
    afterwards: &mut Afterwards,
    request: &mut Request<B>,
) {
    #[cfg(feature = "ws")]
    {
        afterwards.upgraded = websocket::upgraded(request.headers(), request.extensions());
    }
    renewal::start_if_due(rp, &afterwards.live);
    let presence = Presence::Live(afterwards.live.clone());
    request.extensions_mut().insert(RequestAuth { rp: Arc::clone(rp), presence });
}

pub(super) fn absence(marker: Option<MarkerCookie>) -> Absence {
    marker.map_or(Absence::NoSession, |marker| Absence::Ended(marker.refusal))
}

/// A ceiling that was renewed in the background is a reason, too: the browser has to learn of it.
fn is_touch_due(rp: &RelyingParty, live: &LiveSession) -> bool {
    touch_due(live.entry().last_used_at(), live.admitted_at(), rp.sessions.limits().idle)
        || rp.config.ceiling.renewal == Renewal::ByRefresh && live.entry().is_renewed_since_use()
}

/// Whether there is nothing to write to a store that has to be waited for.
pub(super) fn can_answer_now(rp: &RelyingParty, live: &LiveSession) -> bool {
    rp.sessions.is_embedded() || !is_touch_due(rp, live)
}

pub(super) fn touch_if_due_now(rp: &RelyingParty, live: &LiveSession) -> bool {
    is_touch_due(rp, live) && rp.sessions.touch_now(live)
}

/// What can't be decided at once: the store is asked, a session is ended, or the application's data are kept.
pub(super) struct Slow<S> {
    pub(super) inner: S,
    pub(super) layer: AuthSessionLayer,
    pub(super) cookies: RequestCookies,
}

impl<S> Slow<S> {
    pub(super) async fn run<B>(
        mut self,
        mut request: Request<B>,
        lookup: Option<Lookup>,
    ) -> Result<Response, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        let rp = Arc::clone(&self.layer.rp);
        let lookup = match find(&rp, self.cookies.session.as_ref(), lookup).await {
            Ok(lookup) => lookup,
            Err(error) => {
                answer::tell_store_error(&rp.config, &error);
                return Ok(answer::store_unavailable(&rp, &request));
            }
        };
        // Another version of this program may know what to do with it.
        let is_foreign = matches!(lookup, Lookup::Foreign);
        match lookup {
            Lookup::Live(live) => self.with_session(rp, live, request).await,
            Lookup::Over(entry, reason) => self.over(rp, entry, reason, request).await,
            Lookup::Moved(_) => self.over(rp, None, EndReason::Replaced, request).await,
            Lookup::Foreign | Lookup::Unknown => match self.cookies.marker {
                // A store that drops what is over at once: the marker still tells that there was a session.
                Some(marker) => {
                    let refusal = marker.of_gone_session(rp.config.clock.now());
                    if is_foreign {
                        // Its cookie stays, too.
                        return self.over(rp, None, EndReason::Replaced, request).await;
                    }
                    let reason = refusal.into();
                    if let Some(cookie) = &self.cookies.session {
                        rp.config.tell(EventKind::SessionGone { reason });
                        forget(&rp, cookie).await;
                    }
                    self.over(rp, None, reason, request).await
                }
                None => {
                    let presence = Presence::Absent(Absence::NoSession);
                    request.extensions_mut().insert(RequestAuth { rp, presence });
                    self.inner.call(request).await
                }
            },
        }
    }

    async fn with_session<B>(
        &mut self,
        rp: Arc<RelyingParty>,
        live: LiveSession,
        mut request: Request<B>,
    ) -> Result<Response, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        let mut reissue = false;
        if is_touch_due(&rp, &live) {
            match rp.sessions.touch(&live, live.admitted_at()).await {
                Ok(Saved::Gone) => {
                    let reason = rp.sessions.reason_of_absence(live.entry());
                    return self.over(rp, None, reason, request).await;
                }
                Ok(Saved::Done) => reissue = true,
                Ok(Saved::Stale) => {}
                // The session was loaded a moment ago: the request is served, the next one touches.
                Err(error) => answer::tell_store_error(&rp.config, &error),
            }
        }
        let mut afterwards = Afterwards::new(live, reissue, self.cookies.has_rounds);
        expose(&rp, &mut afterwards, &mut request);
        if !rp.config.application_data {
            let asked = self.asked(&rp, &request);
            let handler = self.inner.call(request);
            let mut response = match cancel::run(handler, &rp, &afterwards.live, asked).await {
                Ran::Answered(response) => response?,
                Ran::Cut(response) => return Ok(response),
            };
            finish_in_store(&rp, afterwards, &mut response).await;
            return Ok(response);
        }
        self.with_application_data(rp, afterwards, request).await
    }

    /// What an answer depends on that is given in the handler's place, if one may be.
    fn asked<B>(&self, rp: &RelyingParty, request: &Request<B>) -> Option<Asked> {
        self.layer.cancel_at_deadline.then(|| Asked::of(&rp.config, request))
    }

    async fn with_application_data<B>(
        &mut self,
        rp: Arc<RelyingParty>,
        mut afterwards: Afterwards,
        mut request: Request<B>,
    ) -> Result<Response, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        if request.extensions().get::<Session>().is_some() {
            return Ok(answer::two_session_layers());
        }
        let Ok(view) = View::new(&rp, &afterwards.live) else {
            let kind = facts::kind(request.method(), request.headers());
            return Ok(answer::no_randomness(&rp.config, kind));
        };
        let session = view.session();
        request.extensions_mut().insert(session.clone());
        request.extensions_mut().insert(OurSession(session.clone()));
        let hung_up = HungUp(Arc::clone(&view), session.clone());
        let asked = self.asked(&rp, &request);
        let handler = self.inner.call(request);
        let mut response = match cancel::run(handler, &rp, &afterwards.live, asked).await {
            Ran::Answered(response) => response?,
            Ran::Cut(response) => return Ok(response),
        };
        let outcome = view.finish(&session).await;
        drop(hung_up);
        match outcome {
            Ok(Effect::Unchanged) => {}
            Ok(Effect::MovedTo(live, error)) => {
                afterwards.live = live;
                afterwards.reissue = true;
                if let Some(error) = error {
                    tracing::warn!(code = %error, "application data were not saved");
                    response.extensions_mut().insert(error);
                }
            }
            Ok(Effect::SignedOut) => afterwards.has_signed_out = true,
            Ok(Effect::SignedOutHere) => {
                afterwards.has_signed_out = true;
                response = answer::signed_out_here_by_application(&rp.config);
            }
            Err(ApplicationDataError::StoreUnavailable) => {
                response = answer::application_data_not_saved(&rp);
            }
            Err(error) => {
                tracing::warn!(code = %error, "application data were not saved");
                response.extensions_mut().insert(error);
            }
        }
        finish_in_store(&rp, afterwards, &mut response).await;
        Ok(response)
    }

    /// Ceiling rules 7 and 8.
    async fn over<B>(
        &mut self,
        rp: Arc<RelyingParty>,
        entry: Option<Arc<Entry>>,
        reason: EndReason,
        mut request: Request<B>,
    ) -> Result<Response, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        if let Some(entry) = entry {
            end::end(&rp, &entry, reason, Ending::RevokeTokens).await;
        }
        let refusal: Refusal = reason.refusal();
        let has_rounds = self.cookies.has_rounds;
        let rounds = has_rounds.then(|| routes::login::rounds(&rp.config, request.headers()));
        let mut response = if self.layer.continue_anonymous {
            let presence = Presence::Absent(Absence::Ended(refusal));
            request.extensions_mut().insert(RequestAuth { rp: Arc::clone(&rp), presence });
            self.inner.call(request).await?
        } else {
            unauthorized::refuse(&rp, &request, Absence::Ended(refusal))
        };
        forbid_keeping(response.headers_mut());
        // Of a session that gave way to a newer one the browser has the newer one's cookies.
        if reason != EndReason::Replaced {
            CookieJar::new(&rp.config.cookies, response.headers_mut()).ended(refusal);
        }
        if let Some(rounds) = rounds {
            let rounds = rounds.ended(Outcome::SessionRefused);
            routes::login::set_rounds(&rp.config, response.headers_mut(), rounds);
        }
        Ok(response)
    }
}

/// What is over for the store may still be in it: a clock that is set back must not revive it (ceiling rule 15).
async fn forget(rp: &RelyingParty, cookie: &SessionCookie) {
    if let Err(error) = rp.sessions.forget(cookie).await {
        answer::tell_store_error(&rp.config, &error);
    }
}

/// What is known already, or else what the store says.
async fn find(
    rp: &RelyingParty,
    cookie: Option<&SessionCookie>,
    known: Option<Lookup>,
) -> Result<Lookup, StoreError> {
    match (known, cookie) {
        (Some(lookup), _) => Ok(lookup),
        (None, Some(cookie)) => rp.sessions.load(cookie).await,
        (None, None) => Ok(Lookup::Unknown),
    }
}

/// The handle that this layer put into the extensions: another session layer that overwrites it is found out.
#[derive(Clone)]
pub(crate) struct OurSession(pub(super) Session);

/// Dropped before its time when the client hangs up.
struct HungUp(Arc<View>, Session);

impl Drop for HungUp {
    fn drop(&mut self) {
        self.0.abandoned(&self.1);
    }
}
