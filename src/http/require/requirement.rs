//! What can be required of a session, as one trait.

use crate::http::extract::AuthSession;

/// What a route or a handler requires of the session: [`RequireLogin`](crate::RequireLogin),
/// [`RequireAuthentication`](crate::RequireAuthentication), [`RequireClaims`](crate::RequireClaims), or a pair of such, judged
/// in this order.
///
/// Sealed: an application's own rules are [`RequireClaims::predicate`](crate::RequireClaims::predicate).
pub trait SessionRequirement: sealed::Judge + Clone + Send + Sync + 'static {}

impl<T: sealed::Judge + Clone + Send + Sync + 'static> SessionRequirement for T {}

impl<A: SessionRequirement, B: SessionRequirement> sealed::Judge for (A, B) {
    fn judge(&self, session: &AuthSession) -> Result<(), sealed::Unmet> {
        self.0.judge(session)?;
        self.1.judge(session)
    }
}

pub(crate) mod sealed {
    use std::sync::Arc;

    use crate::http::extract::AuthSession;
    use crate::policy::{AuthenticationRequirement, Insufficient};

    /// Judges a live session.
    pub trait Judge {
        /// What the session lacks.
        #[doc(hidden)]
        fn judge(&self, session: &AuthSession) -> Result<(), Unmet>;
    }

    /// What a session lacks.
    #[derive(Debug)]
    #[expect(private_interfaces, reason = "nobody outside can name it")]
    pub enum Unmet {
        /// A sign-in that is fresher or stronger.
        Authentication(Arc<AuthenticationRequirement>, Insufficient),
        /// Claims.
        Claims,
    }
}
