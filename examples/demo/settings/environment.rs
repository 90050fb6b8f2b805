//! Environment variables, and what is wrong with them.

use std::env;

use super::problems::Problems;

/// Reads variables and collects problems.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) problems: Problems,
}

/// What is wrong with a value, and the cure.
pub(super) type Refused = (String, &'static str);

impl Environment {
    pub(super) fn is_set(&self, name: &str) -> bool {
        env::var_os(name).is_some()
    }

    /// The variable's value; `None` if it is not set, or is of no use.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let value = env::var_os(name)?;
        match value.into_string() {
            Ok(value) if value.trim().is_empty() => {
                self.problems.add(name, "it is set, but empty", "give it a value or unset it");
                None
            }
            Ok(value) => Some(value),
            Err(_) => {
                self.problems.add(name, "it is not UTF-8", "use plain text");
                None
            }
        }
    }

    /// The variable's value, as `parse` understands it.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refused>,
    ) -> Option<T> {
        let text = self.text(name)?;
        match parse(text.trim()) {
            Ok(value) => Some(value),
            Err((problem, cure)) => {
                self.problems.add(name, &problem, cure);
                None
            }
        }
    }
}
