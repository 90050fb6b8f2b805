//! Instructions and allocations of a request.
//!
//! The program that calls [`count`] is run again by Debian's valgrind, with the same arguments and up to the same call; there its
//! cases are driven under callgrind. Instructions differ by a few in a hundred between machines (the C library does as the
//! processor can) and compilers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::runtime::Runtime;

use crate::case::Case;
use crate::{counting, instrumented};

/// Of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub instructions: u64,
    pub allocations: u64,
}

/// Those of `cases`, in their order.
///
/// # Errors
///
/// Valgrind is missing, or failed.
pub fn count(runtime: &Runtime, cases: &[Case]) -> Result<Vec<Count>, String> {
    if std::env::var_os(INSIDE).is_some() {
        for case in cases {
            drive(runtime, case, WARM);
            instrumented::begin();
            drive(runtime, case, COUNTED);
            instrumented::end();
        }
        std::process::exit(0);
    }
    let allocations = cases.iter().map(|case| allocations(runtime, case));
    let allocations: Vec<u64> = allocations.collect();
    let instructions = instructions(cases.len())?;
    let counts = instructions.into_iter().zip(allocations);
    let counts = counts.map(|(instructions, allocations)| Count { instructions, allocations });
    Ok(counts.collect())
}

/// A table: what each case costs above the one it is compared with.
pub fn table(cases: &[Case], counts: &[Count]) -> String {
    let mut table =
        String::from("| request | instructions | above | allocations above |\n|---|---|---|---|\n");
    for (case, count) in cases.iter().zip(counts) {
        let (name, all) = (case.name, count.instructions);
        let (instructions, allocations) = above(cases, counts, case.name);
        table += &format!("| {name} | {all} | {instructions} | {allocations} |\n");
    }
    table
}

/// Instructions and allocations of the case called `name` above the one it is compared with.
pub fn above(cases: &[Case], counts: &[Count], name: &str) -> (i64, i64) {
    let find = |name: &str| {
        let found = cases.iter().position(|case| case.name == name);
        found.unwrap_or_else(|| panic!("no case is called {name}"))
    };
    let (case, base) = (find(name), find(cases[find(name)].above));
    let difference = |of: fn(&Count) -> u64| of(&counts[case]) as i64 - of(&counts[base]) as i64;
    (difference(|count| count.instructions), difference(|count| count.allocations))
}

#[inline(never)]
fn drive(runtime: &Runtime, case: &Case, requests: usize) {
    runtime.block_on(async {
        for number in 0..requests {
            case.ask(number).await;
        }
    });
}

fn allocations(runtime: &Runtime, case: &Case) -> u64 {
    drive(runtime, case, WARM);
    let before = counting::allocations();
    drive(runtime, case, COUNTED);
    (counting::allocations() - before) / COUNTED as u64
}

fn instructions(cases: usize) -> Result<Vec<u64>, String> {
    if !instrumented::IS_KNOWN {
        return Err("instructions are counted on x86_64 only".to_owned());
    }
    let folder = std::env::temp_dir().join(format!("counts-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let out = folder.join("callgrind");
    let ran = run_inside(&out);
    let counts = ran.and_then(|()| (1..=cases).map(|case| per_request(&out, case)).collect());
    keep_for_annotation(&folder);
    counts
}

fn run_inside(out: &Path) -> Result<(), String> {
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--instr-atstart=no"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().map_err(|error| error.to_string())?)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    match run {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            Err(format!("valgrind: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
        }
        Err(error) => {
            Err(format!("valgrind (a Debian package of that name) does not run: {error}"))
        }
    }
}

/// Each dump is a file of its own, numbered from 1.
fn per_request(out: &Path, case: usize) -> Result<u64, String> {
    let path = format!("{}.{case}", out.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")));
    let total = total.and_then(|total| total.trim().parse::<u64>().ok());
    Ok(total.ok_or_else(|| format!("{path} has no summary"))? / COUNTED as u64)
}

/// `KEEP_COUNTS=FOLDER` keeps the dumps for `callgrind_annotate`.
fn keep_for_annotation(folder: &Path) {
    let kept = std::env::var_os("KEEP_COUNTS").map(PathBuf::from);
    let kept = kept.is_some_and(|to| {
        let _ = fs::remove_dir_all(&to);
        fs::rename(folder, to).is_ok()
    });
    if !kept {
        let _ = fs::remove_dir_all(folder);
    }
}

const WARM: usize = 500;
const COUNTED: usize = 1_000;
/// What the program is told when valgrind runs it.
const INSIDE: &str = "MEASURE_INSIDE_VALGRIND";
