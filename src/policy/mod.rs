//! The rules of a session: when it ends, what a refresh may change, who is sent to the login. Pure: no input or output, no
//! clock, no randomness; the time is an argument. All arithmetic saturates.
//!
//! | question | module |
//! |---|---|
//! | what does the ID Token's `session_expiry` do at login and at a refresh? | `ceiling`, `renewal` |
//! | when is the session over, and by which limit? | `deadline` |
//! | why did it end? | `end_reason` |
//! | what time is it for this session? | `session_clock` |
//! | is it time to write the last use down? | `touch` |
//! | is the access token still good? | `refresh` |
//! | is this login one round of a loop? | `login_rounds` |
//! | may this request start a login? | `login_start` |
//! | how long is a login attempt good? | `attempts` |
//! | what may one login ask for, beside what every login asks for? | `narrowing` |
//! | who is sent to the login, who gets a 401? | `request_kind` |
//! | is the sign-in fresh and strong enough for this page? | `authentication` |
//! | are the user's claims what this page asks for? | `claim_rule` |
//! | does another site send this request? | `cross_site` |
//! | what is the user told about the device of a session? | `device` |

pub(crate) mod attempts;
pub(crate) mod authentication;
pub(crate) mod ceiling;
pub(crate) mod claim_rule;
pub(crate) mod cross_site;
pub(crate) mod deadline;
mod device;
pub(crate) mod end_reason;
pub(crate) mod login_rounds;
mod login_start;
mod narrowing;
pub(crate) mod refresh;
pub(crate) mod renewal;
pub(crate) mod request_kind;
pub(crate) mod session_clock;
pub(crate) mod touch;

pub(crate) use attempts::{DEFAULT_ATTEMPT_LIFETIME, attempt_live};
pub(crate) use authentication::{Authentication, AuthenticationRequirement, Insufficient};
pub(crate) use ceiling::{
    Ceiling, CeilingPolicy, Leeway, RefreshedAssertion, at_refresh, fix_at_login,
};
pub use ceiling::{CeilingRefusal, MalformedPolicy};
pub use claim_rule::ClaimPath;
pub(crate) use claim_rule::{ClaimRule, has_scope};
pub use cross_site::CrossSite;
pub(crate) use cross_site::cross_site;
pub(crate) use deadline::{
    Deadline, Lifetime, Limits, admit, marker_max_age, max_age, refusal_of_absence,
};
pub use deadline::{Limit, Refusal};
pub(crate) use device::device;
pub use end_reason::EndReason;
pub(crate) use login_rounds::{LOGIN_ROUNDS_LIFETIME, LoginRounds, Outcome};
pub use login_rounds::{LoopBroken, ProbableCause};
pub(crate) use login_start::{LoginStart, login_start};
pub(crate) use narrowing::{
    narrow_contexts, narrow_prompt, prompt_of_link, requires_another_context, shorter,
};
pub use refresh::RefreshRejected;
pub(crate) use refresh::{Freshness, refresh_due, reported_expiry};
pub use renewal::Renewal;
pub(crate) use renewal::{Assertion, RenewalEvidence, renewal_due};
pub(crate) use request_kind::{Answer, RequestHeaders, RequestKind, answer, request_kind};
pub(crate) use session_clock::{EffectiveNow, SessionClock};
pub(crate) use touch::touch_due;
