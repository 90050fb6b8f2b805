//! What is wrong with a configuration: everything at once.

use std::fmt;

/// All that keeps a configuration from being used.
#[derive(Debug)]
pub struct ConfigErrors(Vec<ConfigError>);

/// One unusable setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The builder's method.
    pub setting: &'static str,
    /// What is wrong with its value.
    pub problem: String,
    /// What to do about it.
    pub cure: String,
}

impl ConfigErrors {
    /// The errors, in the order of the settings; never empty.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration cannot be used:")?;
        self.0.iter().try_for_each(|error| write!(formatter, "\n  {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}; {}", self.setting, self.problem, self.cure)
    }
}

/// Collects errors while a configuration is checked.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<ConfigError>);

impl Findings {
    pub(crate) fn add(
        &mut self,
        setting: &'static str,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.0.push(ConfigError { setting, problem: problem.into(), cure: cure.into() });
    }

    pub(crate) fn add_if(&mut self, wrong: bool, setting: &'static str, problem: &str, cure: &str) {
        if wrong {
            self.add(setting, problem, cure);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts, if nothing was found and none of them is missing; what is missing has been reported.
    pub(crate) fn into_result_with<A, B, C, D>(
        self,
        parts: (Option<A>, Option<B>, Option<C>, Option<D>),
    ) -> Result<(A, B, C, D), ConfigErrors> {
        match parts {
            (Some(a), Some(b), Some(c), Some(d)) if self.0.is_empty() => Ok((a, b, c, d)),
            _ => Err(ConfigErrors(self.0)),
        }
    }
}
