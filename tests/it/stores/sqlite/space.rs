//! A disk without room, stood in for by the most that a file may hold: what SQLite writes past it fails.
//!
//! That limit is of a whole process, so each test starts itself as another one. A shell before it says that the signal for such
//! writes is ignored; it would be the end of the process otherwise.

use std::process::Command;

use axum_oidc_session::{AuthStore as _, Inserted, SqliteStore};

use super::support::{Folder, LATER, NOW, id, save_auth, session, touch};
use crate::support::{App, Browser, Reply};

const CHILD: &str = "AXUM_OIDC_SESSION_TEST_SPACE";

#[test]
fn a_full_disk_takes_nothing_and_gives_up_nothing() {
    if !is_child("a_full_disk_takes_nothing_and_gives_up_nothing") {
        return;
    }
    in_child(async {
        for exclusive in [false, true] {
            let folder = Folder::new();
            let store = open(&folder, exclusive);
            let sessions = fill(&store).await;
            may_hold(Some(0));
            refuses_writes(&store).await;
            has_all(&store, &sessions).await;
            drop(store);
            folder.closed().await;
            let store = open(&folder, exclusive);
            for number in &sessions {
                // A file that is opened now may not be readable; its sessions are never absent.
                let found = store.fetch(&id(*number), NOW).await;
                assert!(found.is_err() || found.unwrap() == Some(session(*number)), "{number}");
            }
            may_hold(None);
            works(&store, &sessions).await;
        }
    });
}

#[test]
fn a_disk_with_room_again_needs_no_restart() {
    if !is_child("a_disk_with_room_again_needs_no_restart") {
        return;
    }
    in_child(async {
        for exclusive in [false, true] {
            let folder = Folder::new();
            let store = open(&folder, exclusive);
            let sessions = fill(&store).await;
            for _ in 0..3 {
                may_hold(Some(0));
                refuses_writes(&store).await;
                has_all(&store, &sessions).await;
                may_hold(None);
                works(&store, &sessions).await;
            }
        }
    });
}

#[test]
fn a_full_disk_signs_nobody_out_and_nobody_in() {
    if !is_child("a_full_disk_signs_nobody_out_and_nobody_in") {
        return;
    }
    in_child(async {
        let folder = Folder::new();
        let store = folder.store();
        let app = App::builder().configure(move |auth| auth.store(store)).start().await;
        let (ada, leaving, coming) = (app.signed_in().await, app.signed_in().await, app.browser());
        let callback = coming.until_callback("/auth/login").await;
        may_hold(Some(0));
        // A last use that is due to be written down, and tokens that are due to be refreshed.
        for seconds in [0, 60, 200] {
            app.later(seconds);
            is_signed_in(&ada).await;
        }
        let token = ada.fetch("/api/token").await;
        assert_eq!(token.status, 200, "{}", token.text());
        for _ in 0..2 {
            // It takes the cookies of its browser in any case.
            is_refused(&leaving.copy().submit("/auth/logout").await);
            is_signed_in(&leaving).await;
        }
        is_refused(&coming.navigate(&callback).await);
        assert_eq!(coming.cookie("app"), None);
        app.settled().await;
        may_hold(None);
        is_signed_in(&ada).await;
        assert_eq!(coming.sign_in().await.status, 303);
        is_signed_in(&coming).await;
        assert_eq!(leaving.submit("/auth/logout").await.status, 303);
        assert_eq!(leaving.fetch("/api/me").await.status, 401);
        is_signed_in(&ada).await;
        app.settled().await;
    });
}

fn open(folder: &Folder, exclusive: bool) -> SqliteStore {
    if exclusive { folder.store().exclusive() } else { folder.store() }
}

fn is_refused(reply: &Reply) {
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert!(reply.header("retry-after").is_some());
}

async fn is_signed_in(browser: &Browser) {
    let reply = browser.fetch("/api/me").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// Sessions up to the first that finds no room: those that are there.
async fn fill(store: &SqliteStore) -> Vec<u64> {
    may_hold(Some(FILE_BYTES));
    let (mut sessions, mut refused) = (Vec::new(), 0);
    for number in 0.. {
        match store.insert(&session(number), NOW).await {
            Ok(Inserted::Done) => sessions.push(number),
            // Some may be found within the files after the first.
            _ if refused < 5 => refused += 1,
            _ => break,
        }
        has_all(store, &sessions[sessions.len().saturating_sub(3)..]).await;
    }
    has_all(store, &sessions).await;
    may_hold(None);
    assert!(sessions.len() > 20, "{}", sessions.len());
    sessions
}

async fn refuses_writes(store: &SqliteStore) {
    let new = session(1_000_000);
    assert_ne!(store.insert(&new, NOW).await.ok(), Some(Inserted::Done));
    assert!(store.save_if(&id(1), save_auth(1, &[8; 9_000]), NOW).await.is_err());
    assert!(store.touch(&id(1), touch(), NOW).await.is_err());
    assert!(store.remember(&id(7), LATER, NOW).await.is_err());
    assert!(store.delete(&id(1)).await.is_err());
    assert!(store.check().await.is_err());
    assert_eq!(store.fetch(&new.id, NOW).await.unwrap(), None);
}

async fn has_all(store: &SqliteStore, sessions: &[u64]) {
    for number in sessions {
        let found = store.fetch(&id(*number), NOW).await.unwrap();
        assert_eq!(found, Some(session(*number)), "{number}");
    }
}

/// There is room: nothing is lost, and everything can be written.
async fn works(store: &SqliteStore, sessions: &[u64]) {
    has_all(store, sessions).await;
    let new = session(1_000_000);
    assert_eq!(store.insert(&new, NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.fetch(&new.id, NOW).await.unwrap().as_ref(), Some(&new));
    store.delete(&new.id).await.unwrap();
    store.check().await.unwrap();
}

/// Whether this is the process that runs the test `name`. If not, it was started, and went well.
fn is_child(name: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let module = module_path!().trim_start_matches("it::");
    let run = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec timeout 120 \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{name}")])
        .env(CHILD, "")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
    false
}

fn in_child(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// The most bytes that a file of this process may hold from now on.
fn may_hold(most: Option<u64>) {
    let most = most.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let set = Command::new("prlimit")
        .args([format!("--fsize={most}:"), format!("--pid={}", std::process::id())])
        .status()
        .unwrap();
    assert!(set.success());
}

const FILE_BYTES: u64 = 1 << 20;
