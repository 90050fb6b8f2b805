//! Faults that pass: an error while they last, work as before once they are gone, never "absent".

use axum_oidc_session::{AuthStore, Inserted, SqliteError, SqliteStore};

use super::support::{Folder, LATER, NOW, id, save_auth, session, touch};

/// Every operation fails.
async fn assert_unavailable(store: &SqliteStore) {
    assert!(store.insert(&session(1), NOW).await.is_err());
    assert!(store.fetch(&id(1), NOW).await.is_err());
    assert!(store.save_if(&id(1), save_auth(1, b"x"), NOW).await.is_err());
    assert!(store.touch(&id(1), touch(), NOW).await.is_err());
    assert!(store.delete(&id(1)).await.is_err());
    assert!(store.remember(&id(1), LATER, NOW).await.is_err());
    assert!(store.find(&session(1).listing.index.keys(), NOW).await.is_err());
    assert!(store.mark(&[], NOW).await.is_err());
    assert!(store.markers(&session(1).listing.index.keys(), NOW).await.is_err());
    assert!(store.lock(&id(1), &id(1), std::time::Duration::MAX).await.is_err());
    assert!(store.unlock(&id(1), &id(1)).await.is_err());
    assert!(store.delete_expired(NOW).await.is_err());
}

#[tokio::test]
async fn it_works_once_the_directory_is_there() {
    let folder = Folder::new();
    for exclusive in [false, true] {
        let directory = folder.path().join(format!("later-{exclusive}"));
        let store = SqliteStore::new(directory.join("sessions.db")).unwrap();
        let store = if exclusive { store.exclusive() } else { store };
        let missing = SqliteError::Create(std::io::ErrorKind::NotFound);
        assert_eq!(store.check().await, Err(missing));
        assert_unavailable(&store).await;
        std::fs::create_dir(&directory).unwrap();
        assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
        assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), Some(session(1)));
    }
}

#[tokio::test]
async fn it_works_once_the_path_names_a_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.file()).unwrap();
    let store = folder.store();
    assert_eq!(store.check().await, Err(SqliteError::Open));
    assert_unavailable(&store).await;
    std::fs::remove_dir(folder.file()).unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_deleted_is_no_sign_out() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert!(store.fetch(&id(1), NOW).await.unwrap().is_some());
    let aside = move_aside(&folder);
    assert_unavailable(&store).await;
    assert_eq!(store.check().await, Err(SqliteError::Lost));
    assert!(!folder.file().exists(), "a lost file is not made again");
    move_back(&folder, &aside);
    assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), Some(session(1)));
    assert_eq!(store.insert(&session(2), NOW).await.unwrap(), Inserted::Done);
}

#[tokio::test]
async fn the_file_that_replaces_it_is_used() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    move_aside(&folder);
    let other = folder.store();
    assert_eq!(other.insert(&session(2), NOW).await.unwrap(), Inserted::Done);
    for store in [&store, &other] {
        assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), None);
        assert_eq!(store.fetch(&id(2), NOW).await.unwrap(), Some(session(2)));
    }
    assert_eq!(store.insert(&session(3), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(other.fetch(&id(3), NOW).await.unwrap(), Some(session(3)));
}

#[tokio::test]
async fn an_empty_file_in_its_place_is_no_sign_out() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    move_aside(&folder);
    std::fs::write(folder.file(), b"").unwrap();
    assert_unavailable(&store).await;
    assert_eq!(store.check().await, Err(SqliteError::Lost));
}

/// Moves the files of the database away.
fn move_aside(folder: &Folder) -> std::path::PathBuf {
    let aside = folder.path().join("aside");
    std::fs::create_dir(&aside).unwrap();
    for name in FILES {
        std::fs::rename(folder.path().join(name), aside.join(name)).unwrap();
    }
    aside
}

fn move_back(folder: &Folder, aside: &std::path::Path) {
    for name in FILES.into_iter().filter(|name| aside.join(name).exists()) {
        std::fs::rename(aside.join(name), folder.path().join(name)).unwrap();
    }
}

const FILES: [&str; 3] = ["sessions.db", "sessions.db-wal", "sessions.db-shm"];
