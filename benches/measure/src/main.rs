//! Counts what a request costs above the bare route, in process: instructions by callgrind, allocations by the allocator.
//!
//! ```sh
//! cargo run --release --manifest-path benches/measure/Cargo.toml
//! ```
//!
//! The program runs itself under Debian's `valgrind`. Each case is driven 200 and 1,200 times; the difference is 1,000 requests,
//! without what is done once. Counts are of this compiler and these dependencies; other machines differ by what the C library
//! does on their processors.

mod cases;
mod counting;
mod signed_in;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::COOKIE;
use http_body_util::BodyExt as _;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::cases::Case;
use crate::signed_in::SignedIn;

const FEW: u64 = 200;
const MANY: u64 = 1_200;
/// What the program is told when valgrind runs it.
const INSIDE: &str = "--inside";

fn main() -> ExitCode {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let signed_in = runtime.block_on(SignedIn::new());
    let cases = cases::all(&signed_in);
    if std::env::args().any(|argument| argument == INSIDE) {
        for case in &cases {
            measured(&runtime, case, FEW);
            measured(&runtime, case, MANY);
        }
        return ExitCode::SUCCESS;
    }
    let allocations: Vec<u64> = cases.iter().map(|case| allocations(&runtime, case)).collect();
    match instructions(cases.len()) {
        Ok(instructions) => print(&cases, &instructions, &allocations),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What callgrind counts.
#[inline(never)]
#[unsafe(no_mangle)]
fn measured(runtime: &Runtime, case: &Case, requests: u64) {
    runtime.block_on(async {
        for _ in 0..requests {
            ask(&case.app, case.path, case.cookies.as_deref()).await;
        }
    });
}

async fn ask(app: &Router, path: &str, cookies: Option<&str>) {
    let mut request = Request::get(path);
    if let Some(cookies) = cookies {
        request = request.header(COOKIE, cookies);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    drop(response.into_body().collect().await.unwrap());
}

/// Of one request, when everything is warm.
fn allocations(runtime: &Runtime, case: &Case) -> u64 {
    measured(runtime, case, FEW);
    let before = counting::allocations();
    measured(runtime, case, FEW);
    let few = counting::allocations() - before;
    measured(runtime, case, MANY);
    (counting::allocations() - before - few * 2) / (MANY - FEW)
}

/// Of one request of each case.
fn instructions(cases: usize) -> Result<Vec<u64>, String> {
    let folder = std::env::temp_dir().join(format!("measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let out = folder.join("callgrind");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=measured"])
        .arg("--dump-after=measured")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().map_err(|error| error.to_string())?)
        .arg(INSIDE)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let counts = match run {
        Ok(status) if status.success() => (1..=cases).map(|case| per_request(&out, case)).collect(),
        Ok(status) => Err(format!("valgrind: {status}")),
        Err(error) => {
            Err(format!("valgrind (a Debian package of that name) does not run: {error}"))
        }
    };
    drop(std::fs::remove_dir_all(&folder));
    counts
}

/// Each call of `measured` leaves a file of its own.
fn per_request(out: &Path, case: usize) -> Result<u64, String> {
    let total = |number: usize| {
        let path = format!("{}.{number}", out.display());
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("summary: "));
        let total = line.and_then(|total| total.trim().parse::<u64>().ok());
        total.ok_or_else(|| format!("{path} has no summary"))
    };
    Ok(total(case * 2)?.saturating_sub(total(case * 2 - 1)?) / (MANY - FEW))
}

fn print(cases: &[Case], instructions: &[u64], allocations: &[u64]) {
    println!("| request | instructions | above the bare route | allocations above it |");
    println!("|---|---|---|---|");
    for (number, case) in cases.iter().enumerate() {
        let above = |of: &[u64]| i128::from(of[number]) - i128::from(of[case.above]);
        let (name, all) = (case.name, instructions[number]);
        println!("| {name} | {all} | {} | {} |", above(instructions), above(allocations));
    }
}
