//! The file shows no time of last use.

use super::support::Folder;
use crate::support::{expect_sealed, used_over};

#[tokio::test]
async fn the_file_shows_no_time_of_last_use() {
    let folder = Folder::new();
    let (_app, _browser) = used_over(folder.store()).await;
    let files = ["sessions.db", "sessions.db-wal"].map(|name| folder.path().join(name));
    let dump: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    expect_sealed(&dump);
}
