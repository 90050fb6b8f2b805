//! Our stores beside the best that their drivers can do: one session fetched, against one GET or one SELECT by primary key for
//! as many bytes, over the same kind of connection.
//!
//! ```sh
//! cargo run --release --manifest-path benches/measure/Cargo.toml --features stores --bin stores
//! ```
//!
//! Needs Debian's `redis-server` and `postgresql`. Runs of both sides take turns; the median of the pairs is told, and that of
//! the driver against itself as the noise.

mod drivers;
mod sides;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use measure::servers::{Postgres, Redis};
use measure::serving_runtime;
use tokio::runtime::Runtime;

use self::sides::{Side, Sides};

fn main() -> ExitCode {
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<(), String> {
    let (redis, postgres) = (Redis::start()?, Postgres::start()?);
    let runtime = serving_runtime();
    let all = runtime.block_on(async {
        [
            sides::redis(&redis.url).await,
            sides::postgres(&postgres.url).await,
            sides::sqlite().await,
        ]
    });
    println!(
        "| store | at once | driver, µs each | ours, µs each | ours / driver | driver / driver |"
    );
    println!("|---|---|---|---|---|---|");
    for Sides { name, ours, driver } in &all {
        for at_once in [1, 32] {
            let pairs = |this: &Side| pairs(&runtime, this, driver, at_once);
            let (itself, (ours, ratio, theirs)) = (pairs(driver).1, pairs(ours));
            println!("| {name} | {at_once} | {theirs:.1} | {ours:.1} | {ratio:.2} | {itself:.2} |");
        }
    }
    sides::clean_up();
    Ok(())
}

/// Microseconds of `this`, its throughput as a fraction of that of `that`, microseconds of `that`: medians.
fn pairs(runtime: &Runtime, this: &Side, that: &Side, at_once: usize) -> (f64, f64, f64) {
    let mut rows: Vec<(f64, f64, f64)> = (0..PAIRS)
        .map(|pair| {
            let (this, that) = if pair % 2 == 0 {
                let this = run(runtime, this, at_once);
                (this, run(runtime, that, at_once))
            } else {
                let that = run(runtime, that, at_once);
                (run(runtime, this, at_once), that)
            };
            (this, that / this, that)
        })
        .collect();
    let mut median = |of: fn(&(f64, f64, f64)) -> f64| {
        rows.sort_by(|a, b| of(a).total_cmp(&of(b)));
        of(&rows[rows.len() / 2])
    };
    (median(|row| row.0), median(|row| row.1), median(|row| row.2))
}

/// Microseconds for one operation while so many are under way.
fn run(runtime: &Runtime, side: &Side, at_once: usize) -> f64 {
    let done: u64 = runtime.block_on(async {
        let until = Instant::now() + RUN;
        let workers = (0..at_once).map(|_| {
            let side = side.clone();
            tokio::spawn(async move {
                let mut done = 0_u64;
                while Instant::now() < until {
                    side().await;
                    done += 1;
                }
                done
            })
        });
        let mut done = 0;
        for worker in workers.collect::<Vec<_>>() {
            done += worker.await.unwrap();
        }
        done
    });
    RUN.as_secs_f64() * 1e6 / done as f64
}

const RUN: Duration = Duration::from_millis(300);
const PAIRS: usize = 9;
