//! The service: find the session of a request, admit it, run the handler, mark the response.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum_core::response::Response;
use http::Request;
use tower_service::Service;

use super::afterwards::Afterwards;
use super::context::{Absence, Presence, RequestAuth};
use super::cookies::SentCookies;
use super::facts;
use super::future::ResponseFuture;
use super::layer::AuthSessionLayer;
use super::response::answer;
use super::routes::auth_route::{self, Around};
use super::slow::{Slow, absence, can_answer_now, expose, touch_if_due_now};
use crate::flow::relying_party::RelyingParty;
use crate::session::sessions::Lookup;

/// What [`AuthSessionLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct AuthSessionService<S> {
    pub(super) inner: S,
    pub(super) layer: AuthSessionLayer,
    /// What `inner` is.
    pub(super) around: Around,
}

impl<S, B> Service<Request<B>> for AuthSessionService<S>
where
    S: Service<Request<B>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let rp = &self.layer.rp;
        if self.around != Around::Guarded {
            return self.exempt(request);
        }
        if is_seen_to(rp, &request) {
            return ResponseFuture::handler(self.inner.call(request));
        }
        let (method, headers) = (request.method(), request.headers());
        if rp.config.refuse_cross_site
            && let Err(refused) = facts::check_cross_site(&rp.config, method, headers)
        {
            return ResponseFuture::answered(answer::cross_site(rp, &request, refused));
        }
        let sent = SentCookies::scan(headers, &rp.config.cookies);
        let Some(cookie) = sent.session() else {
            return self.without_session(absence(sent.marker()), request);
        };
        match rp.sessions.load_now(cookie) {
            Ok(Lookup::Live(live))
                if !rp.config.application_data
                    && !self.layer.cancel_at_deadline
                    && can_answer_now(rp, &live) =>
            {
                // With another store a touch that is due is waited for: there is none here.
                let is_embedded = rp.sessions.is_embedded();
                let reissue = is_embedded && touch_if_due_now(rp, &live);
                let mut afterwards = Afterwards::new(live, reissue, sent.has_rounds);
                if !is_embedded {
                    afterwards = afterwards.without_reissue();
                }
                expose(rp, &mut afterwards, &mut request);
                let rp = Arc::clone(rp);
                ResponseFuture::with_session(self.inner.call(request), rp, afterwards)
            }
            lookup => {
                let Some(cookie) = cookie.read() else {
                    // Garbage, which nothing in memory is found by.
                    return self.without_session(absence(sent.marker()), request);
                };
                let cookies = sent.read(Some(cookie));
                let clone = self.inner.clone();
                let inner = std::mem::replace(&mut self.inner, clone);
                let slow = Slow { inner, layer: self.layer.clone(), cookies };
                ResponseFuture::waiting(Box::pin(slow.run(request, lookup.ok())))
            }
        }
    }
}

impl<S> AuthSessionService<S> {
    fn without_session<B>(
        &mut self,
        absence: Absence,
        mut request: Request<B>,
    ) -> ResponseFuture<S::Future, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        let (rp, presence) = (Arc::clone(&self.layer.rp), Presence::Absent(absence));
        request.extensions_mut().insert(RequestAuth { rp, presence });
        ResponseFuture::handler(self.inner.call(request))
    }

    /// The auth routes see to themselves.
    fn exempt<B>(&mut self, request: Request<B>) -> ResponseFuture<S::Future, S::Error>
    where
        S: Service<Request<B>, Response = Response>,
    {
        let rp = &self.layer.rp;
        let is_guarded = is_seen_to(rp, &request);
        // Nothing in a route runs before its future is polled.
        let (is_auth_route, future) = auth_route::watch(rp, || self.inner.call(request));
        if is_auth_route || is_guarded || self.around == Around::Exempt {
            return ResponseFuture::handler(future);
        }
        ResponseFuture::answered(answer::auth_route_among_others())
    }
}

/// A second layer of the same kind leaves the request to the first.
fn is_seen_to<B>(rp: &Arc<RelyingParty>, request: &Request<B>) -> bool {
    let seen = request.extensions().get::<RequestAuth>();
    seen.is_some_and(|seen| Arc::ptr_eq(&seen.rp, rp))
}
