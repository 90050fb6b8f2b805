//! The limits that the configuration sets, and their defaults.

use std::time::Duration;

use crate::policy::ceiling::Leeway;

/// The limits of every session, by configuration. Fractions of a second make a session shorter, never longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How long after its last use a session ends. One day by default.
    pub idle: Duration,
    /// How long after the login a session ends, however much it is used. Three days by default.
    pub absolute: Duration,
    /// How much earlier than the ceiling a session ends. 30 s by default.
    ///
    /// # Security
    ///
    /// Less than 30 s lets a session outlive what a provider whose clock is ahead of ours allows.
    pub leeway: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(24 * 60 * 60),
            absolute: Duration::from_secs(3 * 24 * 60 * 60),
            leeway: Leeway::default().duration(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_idle_three_days_in_all_thirty_seconds_of_leeway() {
        let limits = Limits::default();
        assert_eq!(limits.idle, Duration::from_secs(86_400));
        assert_eq!(limits.absolute, Duration::from_secs(259_200));
        assert_eq!(limits.leeway, Duration::from_secs(30));
    }
}
