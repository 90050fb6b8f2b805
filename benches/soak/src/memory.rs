//! The server's memory, second by second, and whether it grows.

use std::io::{Error, ErrorKind, Result};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Resident memory, in KiB.
    pub(crate) rss: u64,
    /// The most there ever was, in KiB.
    pub(crate) peak: u64,
    /// In the store.
    pub(crate) sessions: u64,
    pub(crate) warnings: u64,
}

/// Resident memory of a process, now and at its peak, in KiB.
pub(crate) fn of(process: u32) -> Result<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kib.ok_or_else(|| Error::new(ErrorKind::NotFound, name.to_owned()))
    };
    Ok((value("VmRSS:")?, value("VmHWM:")?))
}

/// One sample a second.
#[derive(Default)]
pub(crate) struct Samples(Vec<Sample>);

impl Samples {
    pub(crate) fn add(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    pub(crate) fn last(&self) -> Option<&Sample> {
        self.0.last()
    }

    /// The median of `value` in a quarter of the run: 0, 1, 2, 3.
    pub(crate) fn median(&self, quarter: usize, value: impl Fn(&Sample) -> u64) -> u64 {
        let (from, to) = (self.0.len() * quarter / 4, self.0.len() * (quarter + 1) / 4);
        let mut values: Vec<u64> = self.0[from..to].iter().map(value).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or(0)
    }
}

/// Whether `last` is more than 3 % or 4 MB above `second`, in KiB.
pub(crate) fn grows(second: u64, last: u64) -> bool {
    let growth = last.saturating_sub(second);
    growth > second * 3 / 100 || growth > 4096
}
