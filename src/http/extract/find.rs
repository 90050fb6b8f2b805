//! Where extractors find what the layer has told them, and the check of whatever they hand out.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::request::Parts;
use tower_sessions::Session;

use super::auth_session::{AuthSession, AuthSessionRejection};
use super::missing::Missing;
use crate::http::context::{Presence, RequestAuth};
use crate::http::slow::OurSession;
use crate::session::ended::Standing;

impl AuthSession {
    /// The request's session, if it has not ended since the layer admitted it: a body may have been slow to come, or a
    /// middleware in between. Whatever hands out the session later than the layer asks here (ceiling rule 7).
    pub(in crate::http) async fn find(auth: &RequestAuth) -> Result<Self, Missing> {
        match Self::find_now(auth) {
            Some(found) => found,
            None => Self::find_in_store(auth).await,
        }
    }

    /// As [`find`](Self::find), if the store need not be asked.
    #[inline]
    pub(in crate::http) fn find_now(auth: &RequestAuth) -> Option<Result<Self, Missing>> {
        match &auth.presence {
            Presence::Live(live) if !auth.rp.sessions.is_confirmed(live.entry()) => None,
            Presence::Live(live) => match Self::admitted(auth) {
                // Another node may have used it.
                Err(_) if auth.rp.sessions.standing(live.entry()) == Standing::InDoubt => None,
                found => Some(found),
            },
            Presence::Absent(_) => Some(Self::admitted(auth)),
        }
    }

    /// Boxed: this is rare, and every handler's future would have to have room for it.
    #[cold]
    pub(super) fn find_in_store(auth: &RequestAuth) -> BoxFuture<'_, Result<Self, Missing>> {
        Box::pin(async move {
            if let Presence::Live(live) = &auth.presence {
                auth.rp.sessions.confirm(live.entry()).await?;
            }
            Self::admitted(auth)
        })
    }

    #[inline]
    fn admitted(auth: &RequestAuth) -> Result<Self, Missing> {
        let live = match &auth.presence {
            Presence::Live(live) => live,
            Presence::Absent(absence) => return Err(Missing::Absent(*absence)),
        };
        match auth.rp.sessions.check(live) {
            Ok(seen) => Ok(Self { live: live.clone(), seen, rp: Arc::clone(&auth.rp) }),
            Err(reason) => Err(Missing::ended(reason)),
        }
    }
}

pub(super) fn find(parts: &Parts) -> Result<&RequestAuth, AuthSessionRejection> {
    let auth = parts.extensions.get::<RequestAuth>().ok_or(AuthSessionRejection::MissingLayer)?;
    if auth.rp.config.application_data
        && let Some(OurSession(ours)) = parts.extensions.get::<OurSession>()
    {
        let theirs = parts.extensions.get::<Session>();
        if theirs.is_none_or(|theirs| theirs.id() != ours.id()) {
            return Err(AuthSessionRejection::TwoSessionLayers);
        }
    }
    Ok(auth)
}
