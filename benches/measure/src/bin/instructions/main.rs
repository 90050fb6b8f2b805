//! Counts what a request costs above the bare route, in process: instructions by callgrind, allocations by the allocator.
//!
//! ```sh
//! cargo run --release --manifest-path benches/measure/Cargo.toml                # the table
//! cargo run --release --manifest-path benches/measure/Cargo.toml -- --check     # and holds the budgets
//! cargo run --release --manifest-path benches/measure/Cargo.toml -- --bless     # and writes baseline.tsv anew
//! ```
//!
//! `--sessions N` is how many sessions the crowded store has: 100,000 unless it is said. Needs Debian's `valgrind`.

mod budgets;
mod cases;
mod memory;

use std::process::ExitCode;

use measure::counts;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let says = |option: &str| arguments.iter().any(|argument| argument == option);
    let after = |option: &str| arguments.iter().skip_while(|argument| *argument != option).nth(1);
    let crowd = match after("--sessions").map(|number| number.replace('_', "").parse()) {
        None => 100_000,
        Some(Ok(number)) => number,
        Some(Err(_)) => return failed("--sessions wants a number"),
    };
    let runtime = measure::runtime();
    let cases = runtime.block_on(cases::all(crowd));
    let counts = match counts::count(&runtime, &cases) {
        Ok(counts) => counts,
        Err(error) => return failed(&error),
    };
    print!("{}", counts::table(&cases, &counts));
    let memory = runtime.block_on(memory::per_session(crowd));
    println!("\n{crowd} sessions of 1.5 KB in memory: {memory} bytes each");
    if says("--bless") {
        budgets::bless(&cases, &counts);
    }
    if says("--check") {
        let broken = budgets::broken(&cases, &counts, memory);
        for line in &broken {
            eprintln!("over budget: {line}");
        }
        if !broken.is_empty() {
            return ExitCode::FAILURE;
        }
        println!("all budgets hold");
    }
    ExitCode::SUCCESS
}

fn failed(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
