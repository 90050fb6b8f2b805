//! A damaged file is an error, never an empty store.

use axum_oidc_session::{AuthStore, Inserted, SqliteError};

use super::support::{Folder, NOW, id, session};

const SESSIONS: u64 = 60;

async fn filled() -> Folder {
    let folder = Folder::new();
    let store = folder.store();
    for number in 0..SESSIONS {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    folder.close(store).await;
    folder
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = Folder::new();
    std::fs::write(folder.file(), vec![b'x'; 8192]).unwrap();
    let store = folder.store();
    assert_eq!(store.check().await, Err(SqliteError::Damaged));
    assert!(store.fetch(&id(1), NOW).await.is_err());
    assert!(store.insert(&session(1), NOW).await.is_err());
    assert_eq!(std::fs::read(folder.file()).unwrap(), vec![b'x'; 8192]);
}

#[tokio::test]
async fn whichever_page_is_overwritten_no_session_is_missing_without_an_error() {
    let folder = filled().await;
    let good = std::fs::read(folder.file()).unwrap();
    let pages = good.len() / PAGE;
    let mut failed = 0;
    for page in 1..pages {
        for filler in [0x00, 0xFF] {
            let mut bad = good.clone();
            bad[page * PAGE..(page + 1) * PAGE].fill(filler);
            std::fs::write(folder.file(), bad).unwrap();
            let store = folder.store();
            for number in 0..SESSIONS {
                match store.fetch(&id(number), NOW).await {
                    Ok(found) => assert_eq!(found, Some(session(number)), "page {page}"),
                    Err(_) => failed += 1,
                }
            }
            drop(store);
            folder.closed().await;
        }
    }
    assert!(failed > SESSIONS, "the pages of sessions were overwritten: {failed}");
}

#[tokio::test]
async fn half_a_file_is_an_error() {
    let folder = filled().await;
    let good = std::fs::read(folder.file()).unwrap();
    std::fs::write(folder.file(), &good[..good.len() / 2 / PAGE * PAGE]).unwrap();
    let store = folder.store();
    assert!(store.fetch(&id(SESSIONS - 1), NOW).await.is_err());
    assert!(store.delete(&id(SESSIONS - 1)).await.is_err());
}

#[tokio::test]
async fn it_works_again_once_the_file_is_restored() {
    let folder = filled().await;
    let good = std::fs::read(folder.file()).unwrap();
    std::fs::write(folder.file(), vec![b'x'; good.len()]).unwrap();
    let store = folder.store();
    assert!(store.fetch(&id(1), NOW).await.is_err());
    std::fs::write(folder.file(), good).unwrap();
    assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), Some(session(1)));
    store.check().await.unwrap();
}

const PAGE: usize = 4096;
