//! A process that is killed in the middle of its writes loses nothing that it was told is done.
//!
//! The test starts itself as the process to be killed. That one writes a line before each delete (`?`) and after each answer
//! (`+` inserted, `-` deleted).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum_oidc_session::{AuthStore, Inserted, SqliteStore};
use futures_util::future::join_all;

use super::support::{Folder, NOW, id, session};

const ROUNDS: u64 = 25;
const FILE: &str = "AXUM_OIDC_SESSION_TEST_FILE";
const FIRST: &str = "AXUM_OIDC_SESSION_TEST_FIRST";

#[test]
fn what_was_answered_survives_sigkill() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    if let (Ok(file), Ok(first)) = (std::env::var(FILE), std::env::var(FIRST)) {
        runtime.block_on(write_until_killed(Path::new(&file), first.parse().unwrap()));
    }
    let folder = Folder::new();
    let (mut inserts, mut deletes) = (0, 0);
    for round in 0..ROUNDS {
        let told = run_and_kill(&folder, round);
        runtime.block_on(async {
            let store = folder.store();
            for number in told.inserted.difference(&told.deleting) {
                let found = store.fetch(&id(*number), NOW).await.unwrap();
                assert_eq!(found, Some(session(*number)), "{number} was inserted");
            }
            for number in &told.deleted {
                let found = store.fetch(&id(*number), NOW).await.unwrap();
                assert_eq!(found, None, "{number} was deleted");
            }
            store.check().await.unwrap();
        });
        inserts += told.inserted.len();
        deletes += told.deleted.len();
    }
    assert!(inserts > 1_000 && deletes > 200, "{inserts} inserts and {deletes} deletes");
}

#[derive(Default)]
struct Told {
    inserted: BTreeSet<u64>,
    deleting: BTreeSet<u64>,
    deleted: BTreeSet<u64>,
}

/// Runs the process until it has told so many things, kills it, and reads to the end.
fn run_and_kill(folder: &Folder, round: u64) -> Told {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(
            ["--exact", concat!(module_path!(), "::what_was_answered_survives_sigkill")]
                .map(|argument| argument.trim_start_matches("it::")),
        )
        .env(FILE, folder.file())
        .env(FIRST, (round * 1_000_000).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut told, mut lines) = (Told::default(), 0);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((kind, Ok(number))) =
            line.split_at_checked(1).map(|(kind, number)| (kind, number.parse()))
        else {
            continue;
        };
        match kind {
            "+" => told.inserted.insert(number),
            "?" => told.deleting.insert(number),
            "-" => told.deleted.insert(number),
            _ => continue,
        };
        lines += 1;
        if lines == 40 + round * 37 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    told
}

async fn write_until_killed(file: &Path, first: u64) {
    let store = SqliteStore::new(file).unwrap();
    let next = Arc::new(AtomicU64::new(first));
    let writers = (0..8).map(|_| write_on(store.clone(), Arc::clone(&next)));
    join_all(writers).await;
}

async fn write_on(store: SqliteStore, next: Arc<AtomicU64>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
        tell('+', number);
        if number.is_multiple_of(3) {
            tell('?', number);
            store.delete(&id(number)).await.unwrap();
            tell('-', number);
        }
    }
}

/// One write, so that a line is there as a whole or not at all.
fn tell(kind: char, number: u64) {
    let mut output = std::io::stdout().lock();
    output.write_all(format!("{kind}{number}\n").as_bytes()).unwrap();
    output.flush().unwrap();
}
