//! What came of a run: laws that hold, laws that are broken, laws that do not apply.

use std::fmt;

/// What came of [`check`](super::check).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Report {
    pub(super) violations: Vec<Violation>,
    pub(super) not_offered: Vec<&'static str>,
    pub(super) checked: usize,
}

/// A law that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub(super) law: u8,
    pub(super) name: &'static str,
    pub(super) seen: String,
}

impl Report {
    /// Panics with every violation, if there is one.
    #[expect(clippy::panic, reason = "this is the assertion of a test")]
    pub fn assert(&self) {
        if !self.violations.is_empty() {
            panic!("{self}");
        }
    }

    /// What was seen that no store may do.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many checks were made, those with a violation included.
    pub fn checked(&self) -> usize {
        self.checked
    }

    /// The names of the checks that do not apply, since the store does not offer what they are about.
    pub fn not_offered(&self) -> &[&'static str] {
        &self.not_offered
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (broken, checked) = (self.violations.len(), self.checked);
        write!(formatter, "{broken} of {checked} checks of the store's laws failed")?;
        self.violations.iter().try_for_each(|violation| write!(formatter, "\n{violation}"))
    }
}

impl Violation {
    /// The number of the law at [`AuthStore`](crate::AuthStore).
    pub fn law(&self) -> u8 {
        self.law
    }

    /// The check that failed.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What was seen, and what should have been.
    pub fn seen(&self) -> &str {
        &self.seen
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { law, name, seen } = self;
        write!(formatter, "law {law}, {name}: {seen}")
    }
}
