//! Whether the person must be asked, as one table.
//!
//! The browser's session *suits* if it is live, not older than `max_age`, and of the person whom `id_token_hint` names.
//!
//! | `prompt` | session suits | answer |
//! |---|---|---|
//! | absent | yes | silent: a code for this session |
//! | absent | no | the person is asked |
//! | `none` | yes | silent |
//! | `none` | no | `login_required` |
//! | `login` | either | asked; a new session in any case |
//! | `consent`, `select_account` | either | asked; choosing the same person goes on with the session that suits |

use super::authorization_request::AuthorizationRequest;
use crate::clock::UnixTime;
use crate::dev_provider::grant::OpSession;
use crate::dev_provider::oauth_error::OAuthError;

/// What to do with an authorization request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Answer at once.
    Silent(OpSession),
    /// Ask who it is; `current` goes on if the same person is chosen.
    Ask { current: Option<OpSession> },
    /// Refuse.
    Refuse(OAuthError),
}

/// The table above. `session` is live.
pub(crate) fn decide(
    request: &AuthorizationRequest,
    session: Option<OpSession>,
    now: UnixTime,
) -> Decision {
    let suitable = session.filter(|session| suits(request, session, now));
    match suitable {
        Some(session) if request.prompt.is_empty() || request.has_prompt("none") => {
            Decision::Silent(session)
        }
        None if request.has_prompt("none") => {
            Decision::Refuse(OAuthError::new("login_required", "nobody is signed in who would do"))
        }
        suitable => Decision::Ask { current: suitable.filter(|_| !request.has_prompt("login")) },
    }
}

/// `max_age=0` asks for a new sign-in like `prompt=login`, even within the same second.
fn suits(request: &AuthorizationRequest, session: &OpSession, now: UnixTime) -> bool {
    let age = now.seconds_since(session.auth_time);
    request.max_age.is_none_or(|max_age| max_age > 0 && age <= max_age)
        && request.hinted_sub.as_ref().is_none_or(|sub| *sub == session.sub)
}
