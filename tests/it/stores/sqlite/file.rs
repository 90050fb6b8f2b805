//! The file: made when it is needed, for its owner alone, never instead of another's, and kept over restarts.

use std::time::Duration;

use axum_oidc_session::{AuthStore, IndexKey, Inserted, Marker, Saved, SqliteError, SqliteStore};

use super::support::{Folder, LATER, NOW, id, save_auth, session};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.insert(&session(2), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.save_if(&id(1), save_auth(1, b"new"), NOW).await.unwrap(), Saved::Done);
    store.delete(&id(2)).await.unwrap();
    assert!(store.remember(&id(3), LATER, NOW).await.unwrap());
    let marker =
        Marker { key: IndexKey([4; 16]), begun_after: NOW, authenticated_after: NOW, until: LATER };
    store.mark(&[marker], NOW).await.unwrap();
    assert!(store.lock(&id(5), &id(6), Duration::from_secs(600)).await.unwrap());
    folder.close(store).await;

    let store = folder.store();
    let mut expected = session(1);
    expected.auth.version = 2;
    expected.auth.content = b"new".to_vec();
    assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), Some(expected));
    assert_eq!(store.fetch(&id(2), NOW).await.unwrap(), None);
    assert!(!store.remember(&id(3), LATER, NOW).await.unwrap());
    assert_eq!(store.markers(&[marker.key], NOW).await.unwrap(), [marker]);
    assert!(!store.lock(&id(5), &id(7), Duration::from_secs(1)).await.unwrap());
}

#[tokio::test]
async fn nothing_is_made_before_it_is_needed() {
    let folder = Folder::new();
    let store = folder.store();
    assert!(!folder.file().exists());
    store.check().await.unwrap();
    assert!(folder.file().exists());
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    let mut names: Vec<_> = files.iter().map(|file| file.file_name()).collect();
    names.sort();
    assert_eq!(names, ["sessions.db", "sessions.db-shm", "sessions.db-wal"]);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn a_path_that_names_no_file_is_refused() {
    for path in [":memory:", "", "file::memory:", "file:sessions.db?mode=memory"] {
        let error = SqliteStore::new(path).unwrap_err();
        assert_eq!(error, SqliteError::NotAFile, "{path}");
        assert!(error.to_string().contains("MemoryStore"));
    }
}

#[tokio::test]
async fn the_database_of_another_application_is_left_as_it_is() {
    let folder = Folder::new();
    alter(&folder, |header| header[68..72].copy_from_slice(b"GPKG")).await;
    let before = std::fs::read(folder.file()).unwrap();
    let store = folder.store();
    assert_eq!(store.check().await, Err(SqliteError::Foreign));
    assert!(store.fetch(&id(1), NOW).await.is_err());
    assert!(store.insert(&session(1), NOW).await.is_err());
    assert_eq!(std::fs::read(folder.file()).unwrap(), before);
}

/// Tables of the same names and shape do not make it ours: without our mark, or under it with no version that we ever wrote.
#[tokio::test]
async fn the_same_tables_made_by_something_else_are_left_as_they_are() {
    const MARK: usize = 68;
    const VERSION: usize = 60;
    for (zeroed, error) in [
        (&[MARK][..], SqliteError::Foreign),
        (&[MARK, VERSION], SqliteError::Foreign),
        (&[VERSION], SqliteError::Newer { found: 0, known: 1 }),
    ] {
        for exclusive in [false, true] {
            let folder = Folder::new();
            alter(&folder, |header| {
                zeroed.iter().for_each(|at| header[*at..at + 4].fill(0));
            })
            .await;
            let before = std::fs::read(folder.file()).unwrap();
            let store = if exclusive { folder.store().exclusive() } else { folder.store() };
            assert_eq!(store.check().await, Err(error.clone()));
            assert!(store.fetch(&id(1), NOW).await.is_err());
            assert!(store.insert(&session(1), NOW).await.is_err());
            assert!(store.delete(&id(1)).await.is_err());
            assert_eq!(std::fs::read(folder.file()).unwrap(), before);
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_as_it_is() {
    let folder = Folder::new();
    alter(&folder, |header| header[60..64].copy_from_slice(&2_u32.to_be_bytes())).await;
    let before = std::fs::read(folder.file()).unwrap();
    let store = folder.store();
    assert_eq!(store.check().await, Err(SqliteError::Newer { found: 2, known: 1 }));
    assert!(store.fetch(&id(1), NOW).await.is_err());
    assert_eq!(std::fs::read(folder.file()).unwrap(), before);
}

/// Changes the header of a database with a session.
async fn alter(folder: &Folder, change: impl FnOnce(&mut [u8])) {
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    folder.close(store).await;
    let mut content = std::fs::read(folder.file()).unwrap();
    change(&mut content);
    std::fs::write(folder.file(), content).unwrap();
}

#[tokio::test]
async fn neither_debug_nor_errors_show_what_is_stored() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let shown = format!("{store:?}");
    assert!(shown.contains("sessions.db") && shown.len() < 200, "{shown}");
}

#[tokio::test]
async fn threads_end_with_the_last_clone() {
    let folder = Folder::new();
    let store = folder.store();
    let clone = store.clone();
    store.check().await.unwrap();
    assert_eq!(store.fetch(&id(1), NOW).await.unwrap(), None);
    drop(store);
    assert_eq!(clone.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert!(folder.is_open());
    drop(clone);
    folder.closed().await;
}
