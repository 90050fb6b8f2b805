//! Why a request that asks for its session gets none.

use axum_core::response::Response;
use http::request::Parts;

use super::auth_session::AuthSessionRejection;
use crate::config::settings::Config;
use crate::http::context::Absence;
use crate::http::response::answer::{self, Asked};
use crate::http::response::unauthorized;
use crate::policy::EndReason;
use crate::session::confirm::Unconfirmed;
use crate::session::contract::StoreError;

/// Why a request that asks for its session gets none.
pub(in crate::http) enum Missing {
    /// It has none.
    Absent(Absence),
    /// The store had to be asked, and gives no answer.
    Unknown(StoreError),
}

impl Missing {
    pub(super) fn ended(reason: EndReason) -> Self {
        Self::Absent(Absence::Ended(reason.refusal()))
    }

    /// The answer that the request gets.
    pub(in crate::http) fn refuse(&self, config: &Config, asked: &Asked) -> Response {
        match self {
            Self::Absent(absence) => unauthorized::refuse_asked(config, asked, *absence),
            Self::Unknown(error) => {
                answer::tell_store_error(config, error);
                answer::store_unavailable_asked(config, asked.kind)
            }
        }
    }

    pub(super) fn reject(&self, config: &Config, parts: &Parts) -> AuthSessionRejection {
        let response = Box::new(self.refuse(config, &Asked::of_parts(config, parts)));
        match self {
            Self::Absent(_) => AuthSessionRejection::NoSession(response),
            Self::Unknown(_) => AuthSessionRejection::StoreUnavailable(response),
        }
    }
}

impl From<Unconfirmed> for Missing {
    fn from(unconfirmed: Unconfirmed) -> Self {
        match unconfirmed {
            Unconfirmed::Over(reason) => Self::ended(reason),
            Unconfirmed::Store(error) => Self::Unknown(error),
        }
    }
}
