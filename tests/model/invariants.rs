//! What must always hold, whatever is done to the application: each harness says which of these a failure breaks.
//!
//! The texts are those of the manual's chapter on tests.

use std::fmt;

/// One of the invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    /// No handler, stream or token is served at or after the deadline.
    I1,
    /// None after a revocation was answered, on any node (within the stated bound where push invalidation is on).
    I2,
    /// The token endpoint is never called for a session past its deadline or revoked.
    I3,
    /// A ceiling never moves later except by the renewal rule.
    I4,
    /// No two nodes that live and hold the lease send a refresh token twice; a rotated one is not lost while the process lives;
    /// after a death or a lost reply it is sent at most once more.
    I5,
    /// A session exists only with a verified ID Token of a login attempt that this browser began.
    I6,
    /// No failure of store or provider signs anyone out, lets anyone in, or loses a confirmed session.
    I7,
    /// Every ended session has a reason and the user is told it.
    I8,
    /// No secret leaves by log, error, metric, `Debug` or the database.
    I9,
}

impl Invariant {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::I1 => "no handler, stream or token is served at or after the deadline",
            Self::I2 => "none is served after a revocation was answered, on any node",
            Self::I3 => {
                "the token endpoint is never called for a session past its deadline or revoked"
            }
            Self::I4 => "a ceiling never moves later except by the renewal rule",
            Self::I5 => {
                "no two live lease holders send a refresh token twice, none that was rotated is lost while the process lives, and \
                 after a death or a lost reply it is sent at most once more"
            }
            Self::I6 => {
                "a session exists only with a verified ID Token of a login attempt that this browser began"
            }
            Self::I7 => "no failure signs anyone out, lets anyone in, or loses a confirmed session",
            Self::I8 => "every ended session has a reason and the user is told it",
            Self::I9 => "no secret leaves by log, error, metric, Debug or the database",
        }
    }

    /// Panics, naming the invariant, unless it `holds`.
    #[track_caller]
    pub(crate) fn check(self, holds: bool, found: impl FnOnce() -> String) {
        assert!(holds, "{self}: {}", found());
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?} ({})", self.text())
    }
}
