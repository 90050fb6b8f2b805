//! What is printed at the end, and the verdict.

use std::process::ExitCode;

use crate::arguments::Run;
use crate::load::{BROWSERS, WORKERS};
use crate::memory::{Samples, grows};
use crate::tally::Tally;

/// Prints the table; success if there was neither an error nor a growth.
pub(crate) fn print(run: &Run, tally: &Tally, samples: &Samples, refreshes: u64) -> ExitCode {
    let warnings = samples.last().map_or(0, |sample| sample.warnings);
    let requests = tally.requests.get();
    println!("| in {} s, on {} connections | |", run.seconds, WORKERS * 2);
    println!("|---|---|");
    for (name, count) in [
        ("requests", requests),
        ("requests per second", requests / run.seconds),
        ("logins", tally.logins.get()),
        ("access tokens handed out", tally.tokens.get()),
        ("refreshes", refreshes),
        ("saves of application data", tally.saves.get()),
        ("logouts", tally.logouts.get()),
        ("ended by the ceiling", tally.ceilings.get()),
        ("ended by the idle limit", tally.idle_ends.get()),
        ("ended by the absolute limit", tally.absolute_ends.get()),
        ("left behind", tally.left_behind.get()),
        ("wrong answers", tally.errors.get()),
        ("warnings in the server's log", warnings),
    ] {
        println!("| {name} | {count} |");
    }
    let quarters = [0, 1, 2, 3];
    let sessions = quarters.map(|quarter| samples.median(quarter, |sample| sample.sessions));
    let rss = quarters.map(|quarter| samples.median(quarter, |sample| sample.rss));
    let peak = samples.last().map_or(0, |sample| sample.peak);
    println!("| sessions in the store, by quarter (medians) | {} |", joined(&sessions));
    println!("| resident memory, by quarter (medians) | {} KiB |", joined(&rss));
    println!("| resident memory at its peak | {peak} KiB |");
    let failed = tally.errors.get() + warnings > 0 || idles(tally);
    let grown = is_judged(run) && judge(run, sessions, rss);
    if failed || grown { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// A load that does not do its work proves nothing.
fn idles(tally: &Tally) -> bool {
    let idle = tally.logins.get() < WORKERS * BROWSERS || tally.logouts.get() == 0;
    if idle {
        println!("not every browser has signed in, or none has signed out");
    }
    idle
}

/// Whether there are two quarters in which all comes and goes at an even rate.
fn is_judged(run: &Run) -> bool {
    let steady = run.seconds / 4 * u64::from(run.speed) >= STEADY_AFTER;
    if !steady {
        println!("memory is not judged: a quarter of the run is too short to reach a steady state");
    }
    steady
}

fn judge(run: &Run, sessions: [u64; 4], rss: [u64; 4]) -> bool {
    let [_, second, _, last] = rss;
    let growth = i128::from(last) - i128::from(second);
    let grown = grows(second, last);
    // Their memory is freed by design, so their number is judged on its own.
    let crowded = sessions[3] > sessions[1] + sessions[1] / 10;
    println!("memory: {growth:+} KiB over {} s: {}", run.seconds / 2, verdict(grown));
    println!("sessions in the store: {}", verdict(crowded));
    grown || crowded
}

fn verdict(grown: bool) -> &'static str {
    if grown { "grows" } else { "no growth" }
}

fn joined(values: &[u64]) -> String {
    values.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// Seconds of the crate's: an idle limit, the ten minutes for which what has ended is remembered, and two sweeps.
const STEADY_AFTER: u64 = 1_200;
