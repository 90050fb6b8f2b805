//! Rows of one table, whichever program makes them: what each case costs above the bare route, and what is left of its throughput.

use tokio::runtime::{Handle, Runtime};

use crate::case::Case;
use crate::counts::{self, Count};
use crate::http_load::{self, Load, Throughput};

/// What a program of rows was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub load: Load,
    /// No HTTP.
    pub counts_only: bool,
}

impl Asked {
    /// `--counts`, `--seconds N`, `--pairs N`.
    ///
    /// # Errors
    ///
    /// Another argument, or no number where one is due.
    pub fn of_arguments() -> Result<Self, String> {
        let mut asked = Self { load: Load::default(), counts_only: false };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let number = arguments.next().and_then(|number| number.parse::<u64>().ok());
                number.filter(|number| *number > 0).ok_or(format!("{argument} wants a number"))
            };
            match argument.as_str() {
                "--counts" => asked.counts_only = true,
                "--seconds" => asked.load.seconds = number()?,
                "--pairs" => asked.load.pairs = usize::try_from(number()?).unwrap_or(1),
                _ => return Err("usage: [--counts] [--seconds N] [--pairs N]".to_owned()),
            }
        }
        Ok(asked)
    }
}

/// Counts what `cases` cost in process. To be called before any server is started: under valgrind the program ends here.
///
/// # Errors
///
/// Valgrind is missing, or failed.
pub fn count(runtime: &Runtime, cases: &[Case]) -> Result<Vec<Count>, String> {
    counts::count(runtime, cases)
}

/// Prints the rows of what was counted: each case but those that others are compared with.
///
/// # Errors
///
/// `wrk` is missing, or an answer was not 200.
pub fn print_counted(
    handle: &Handle,
    cases: &[Case],
    counts: &[Count],
    asked: Asked,
) -> Result<(), String> {
    for case in cases.iter().filter(|case| case.above != case.name) {
        let (instructions, allocations) = counts::above(cases, counts, case.name);
        let base = cases.iter().find(|base| base.name == case.above).ok_or(case.above)?;
        let counted = (instructions.to_string(), allocations.to_string());
        print(handle, (case, base), counted, asked)?;
    }
    Ok(())
}

/// Prints the row of a case that asks a server: nothing is counted.
///
/// # Errors
///
/// As [`print_counted`].
pub fn print_served(handle: &Handle, case: &Case, base: &Case, asked: Asked) -> Result<(), String> {
    print(handle, (case, base), (String::new(), String::new()), asked)
}

fn print(
    handle: &Handle,
    (case, base): (&Case, &Case),
    (instructions, allocations): (String, String),
    asked: Asked,
) -> Result<(), String> {
    let http = if asked.counts_only {
        " | ".to_owned()
    } else {
        let Throughput { requests, ratio, spread } =
            http_load::pairs(handle, case, base, asked.load)?;
        format!("{ratio:.2} ({:.2} to {:.2}) | {requests:.0}", spread.0, spread.1)
    };
    println!("| {} | {instructions} | {allocations} | {http} |", case.name);
    Ok(())
}
