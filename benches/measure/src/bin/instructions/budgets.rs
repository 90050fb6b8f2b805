//! What must hold: the budgets, and no case dearer than it was.

use std::fmt::Write as _;
use std::path::PathBuf;

use measure::Case;
use measure::counts::{Count, above};

use crate::cases::{CROWDED, EXTRACTED, LIVE, NO_COOKIE};

/// What does not hold.
pub(crate) fn broken(cases: &[Case], counts: &[Count], memory: usize) -> Vec<String> {
    let mut broken = Vec::new();
    let mut at_most = |what: &str, is: i64, budget: i64| {
        if is > budget {
            broken.push(format!("{what}: {is}, and not {budget} at most"));
        }
    };
    for (name, instructions, allocations) in BUDGETS {
        let (is, allocated) = above(cases, counts, name);
        at_most(&format!("{name}, instructions"), is, instructions);
        at_most(&format!("{name}, allocations"), allocated, allocations);
    }
    let (few, many) = (above(cases, counts, LIVE).0, above(cases, counts, CROWDED).0);
    at_most("instructions with very many sessions", many * 100, few * 105);
    at_most("bytes per session", i64::try_from(memory).unwrap(), BYTES_PER_SESSION);
    for line in baseline().lines().filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let name = fields.next().unwrap();
        let mut number = || fields.next().and_then(|field| field.parse::<i64>().ok()).unwrap();
        let (instructions, allocations) = (number(), number());
        let (is, allocated) = above(cases, counts, name);
        at_most(&format!("{name}, against baseline.tsv"), is, instructions + instructions / 10);
        at_most(&format!("{name}, allocations against baseline.tsv"), allocated, allocations);
    }
    broken
}

/// Writes down what each case costs above the one it is compared with.
pub(crate) fn bless(cases: &[Case], counts: &[Count]) {
    let mut lines = String::new();
    for case in cases.iter().filter(|case| case.name != case.above) {
        let (instructions, allocations) = above(cases, counts, case.name);
        writeln!(lines, "{}\t{instructions}\t{allocations}", case.name).unwrap();
    }
    std::fs::write(path(), lines).unwrap();
}

fn baseline() -> String {
    std::fs::read_to_string(path()).unwrap_or_default()
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "baseline.tsv"].iter().collect()
}

/// Instructions and allocations above the bare route.
const BUDGETS: [(&str, i64, i64); 3] =
    [(LIVE, 4_200, 6), (EXTRACTED, 4_800, 6), (NO_COOKIE, 2_200, 6)];
const BYTES_PER_SESSION: i64 = 2_600;
