//! Everything that keeps the demo from starting, by variable.

use std::fmt;

use axum_oidc_session::ConfigErrors;

/// What is wrong with which variable, and the cure.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(&'static str, String)>);

impl Problems {
    pub(crate) fn one(variable: &'static str, problem: &str, cure: &str) -> Self {
        let mut problems = Self::default();
        problems.add(variable, problem, cure);
        problems
    }

    pub(super) fn add(&mut self, variable: &'static str, problem: &str, cure: &str) {
        self.0.push((variable, format!("{problem}; {cure}")));
    }

    /// Whether `variable` has a problem already.
    pub(super) fn name(&self, variable: &str) -> bool {
        self.0.iter().any(|(named, _)| *named == variable)
    }

    /// Adds those about variables that have none yet: the first finding is the cause of what follows.
    pub(super) fn extend(&mut self, more: Self) {
        let new = more.0.into_iter().filter(|(variable, _)| !self.name(variable));
        let new: Vec<_> = new.collect();
        self.0.extend(new);
    }

    pub(super) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The builder names its own methods; here it is the variables that can be changed.
    pub(super) fn from_builder(errors: &ConfigErrors) -> Self {
        let mut problems = Self::default();
        for error in errors.iter() {
            let variable = VARIABLES.iter().find(|(setting, _)| *setting == error.setting);
            let variable = variable.map_or(error.setting, |(_, variable)| variable);
            problems.add(variable, &error.problem, &error.cure);
        }
        problems
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (variable, text)) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(formatter, "{end}  {variable}: {text}")?;
        }
        Ok(())
    }
}

/// Which variable becomes which setting of the builder.
const VARIABLES: [(&str, &str); 12] = [
    ("issuer", "OIDC_ISSUER"),
    ("client_id", "OIDC_CLIENT_ID"),
    ("client_secret", "OIDC_CLIENT_SECRET"),
    ("base_url", "BASE_URL"),
    ("cookie_keys", "COOKIE_KEY"),
    ("client_authentication", "CLIENT_AUTH"),
    ("scopes", "OIDC_SCOPES"),
    ("trusted_audiences", "TRUSTED_AUDIENCES"),
    ("idle_limit", "SESSION_IDLE_SECONDS"),
    ("absolute_limit", "SESSION_ABSOLUTE_SECONDS"),
    ("malformed_session_expiry", "MALFORMED_EXPIRY"),
    ("http_client", "SSL_CERT_FILE"),
];
