//! The order of steps. Each flow asks, decides and remembers through the floors below and owns nothing itself.

pub(crate) mod access_token;
pub(crate) mod backchannel_logout;
pub(crate) mod backchannel_logout_error;
mod begin_session;
pub(crate) mod callback;
pub(crate) mod callback_error;
pub(crate) mod end;
pub(crate) mod ended;
pub(crate) mod event_session;
mod given_up;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod new_session;
pub(crate) mod previous;
pub(crate) mod refresh;
mod refresh_answer;
mod refresh_intent;
pub(crate) mod refresh_pause;
mod refreshed_id_token;
pub(crate) mod relying_party;
pub(crate) mod renewal;
pub(crate) mod requirement;
pub(crate) mod rotation;
mod update;
pub(crate) mod user_info;
pub(crate) mod user_sessions;
