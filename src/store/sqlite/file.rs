//! The file itself: making it, and knowing it again.
//!
//! 1. It is made readable and writable by its owner alone; SQLite gives the files beside it (`-wal`, `-shm`) the same mode.
//! 2. It is never opened here once it exists: closing it would release the locks that SQLite holds for this process.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::error::SqliteError;

/// Makes an empty file if there is none.
pub(super) fn create_if_absent(path: &Path) -> Result<(), SqliteError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ONLY);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(SqliteError::Create(error.kind())),
    }
}

/// Which file a path leads to. Always the same one where the system has no such notion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    /// `None`: there is no file, or it cannot be asked.
    #[cfg(unix)]
    pub(super) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self { device: metadata.dev(), number: metadata.ino() })
    }

    /// `None`: there is no file, or it cannot be asked.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|_| Self { device: 0, number: 0 })
    }
}

#[cfg(unix)]
const OWNER_ONLY: u32 = 0o600;
