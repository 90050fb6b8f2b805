//! A server under the layer, at full load for minutes: its memory must not grow, and no answer may be wrong.
//!
//! ```sh
//! cargo run --release --locked --manifest-path benches/soak/Cargo.toml -- --seconds 600 [--store sqlite]
//! ```
//!
//! The server is a process of its own, so that its memory is measured alone; the development provider and the clients are in
//! this one. Each of 64 connections sends its next request when it has the answer to the last.
//!
//! 1. A thousand browsers sign in, ask for pages and access tokens, save data of their own, and leave in five ways: they sign
//!    out, reach the ceiling, the idle limit or the absolute limit, or are never seen again. Then they sign in anew: there are
//!    never more live sessions than browsers, apart from those that were left behind, which the store must free by itself.
//! 2. A browser knows what it must get: 200 as long as its session lives, `session_expired` or a redirect to the login once it
//!    does not, either in the second that is between. Any other answer is an error, and so is a warning in the server's log.
//! 3. Time runs ten times as fast for all that the crate does. What is kept for ten minutes by design (the reason why a
//!    session ended, a login attempt that was used) so is freed after one, and comes and goes at an even rate from the second
//!    quarter of the run on.
//! 4. Memory is judged by medians: that of the last quarter must not be more than 3 % or 4 MB above that of the second. A
//!    median does not see a single high sample, and unlike a slope it makes nothing of one step of the allocator's in either
//!    quarter. Half a run lies between the two: in 600 s a leak of 2 bytes a request or 300 bytes a login is seen.
//!
//! The exit code is 1 after an error or a growth. A run of less than 480 s has no steady quarters, and judges answers alone.

mod arguments;
mod browser;
mod clock;
mod journey;
mod load;
mod memory;
mod model;
mod provider;
mod report;
mod server;
mod tally;
mod warnings;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use crate::arguments::{Run, What};
use crate::memory::Samples;
use crate::provider::Provider;
use crate::server::ServerProcess;
use crate::tally::Tally;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)) {
        Ok(What::Run(run)) => runtime().block_on(soak(run)),
        Ok(What::Serve(serve)) => {
            runtime().block_on(server::serve(serve));
            ExitCode::SUCCESS
        }
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::from(2)
        }
    }
}

async fn soak(run: Run) -> ExitCode {
    let clock = clock::FastClock::begin(run.speed);
    let provider = Provider::start(clock).await;
    let server = ServerProcess::start(&run, &provider, clock);
    provider.register(server.base_url());
    let tally = Arc::new(Tally::default());
    let end = Instant::now() + Duration::from_secs(run.seconds);
    let load = load::begin(&server, &provider, clock, &tally, end);
    let mut samples = Samples::default();
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(1)).await;
        match server.sample().await {
            Ok(sample) => samples.add(sample),
            Err(error) => tally.error("the server could not be asked how it is", &error),
        }
    }
    for worker in load {
        worker.await.unwrap();
    }
    report::print(&run, &tally, &samples, provider.refreshes())
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().enable_all().build().unwrap()
}
