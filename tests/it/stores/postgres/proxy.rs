//! Counts round trips on the wire, cuts it, and lets it fall silent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Stands before a server.
pub(super) struct Proxy(Arc<Counts>);

#[derive(Default)]
struct Counts {
    round_trips: AtomicU64,
    /// How many answers are still let through.
    answers: AtomicU64,
    /// Whether what comes after the one that is cut is let through again.
    once: AtomicBool,
    /// How many connections there were.
    connections: AtomicU64,
    /// How many of them, the oldest, pass nothing on.
    silent: AtomicU64,
}

/// What becomes of some bytes.
enum Passing {
    On,
    /// They get lost, and the connection stays open.
    Lost,
    /// The connection ends with them.
    Cut,
}

impl Proxy {
    /// A proxy before the server of a URL, and the URL that leads through it.
    pub(super) async fn before(url: &str) -> (Self, String) {
        let server = url.split(['@', '/']).nth(3).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let through = url.replace(&server, &listener.local_addr().unwrap().to_string());
        let counts = Arc::new(Counts { answers: AtomicU64::new(u64::MAX), ..Counts::default() });
        let proxy = Self(Arc::clone(&counts));
        TokioSpawner.spawn(Box::pin(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let connection = counts.connections.fetch_add(1, Ordering::SeqCst);
                let asking = Arc::new(AtomicBool::new(false));
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let (counts, asked) = (Arc::clone(&counts), Arc::clone(&asking));
                TokioSpawner.spawn(Box::pin(copy(from_client, to_server, {
                    let counts = Arc::clone(&counts);
                    move || counts.question(connection, &asked)
                })));
                TokioSpawner.spawn(Box::pin(copy(from_server, to_client, move || {
                    counts.answer(connection, &asking)
                })));
            }
        }));
        (proxy, through)
    }

    /// How often a client began to speak after the server had, or at all.
    pub(super) fn round_trips(&self) -> u64 {
        self.0.round_trips.load(Ordering::SeqCst)
    }

    /// Lets `count` more answers through, and cuts the connection that the next one comes over.
    pub(super) fn cut_after(&self, count: u64) {
        self.0.answers.store(count, Ordering::SeqCst);
    }

    /// Cuts the connection that the next answer comes over, and no other.
    pub(super) fn cut_once(&self) {
        self.0.once.store(true, Ordering::SeqCst);
        self.0.answers.store(0, Ordering::SeqCst);
    }

    /// From now on the connections that there are stay open and pass nothing on, either way. New ones do.
    pub(super) fn fall_silent(&self) {
        let connections = self.connections();
        self.0.silent.store(connections, Ordering::SeqCst);
    }

    /// How many connections were made.
    pub(super) fn connections(&self) -> u64 {
        self.0.connections.load(Ordering::SeqCst)
    }

    /// Lets everything through again.
    pub(super) fn mend(&self) {
        self.0.answers.store(u64::MAX, Ordering::SeqCst);
    }
}

impl Counts {
    fn question(&self, connection: u64, asking: &AtomicBool) -> Passing {
        if self.is_silent(connection) {
            return Passing::Lost;
        }
        if !asking.swap(true, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        Passing::On
    }

    fn answer(&self, connection: u64, asking: &AtomicBool) -> Passing {
        if self.is_silent(connection) {
            return Passing::Lost;
        }
        asking.store(false, Ordering::SeqCst);
        let one_less = |left: u64| left.checked_sub(1);
        if self.answers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Passing::On;
        }
        if self.once.swap(false, Ordering::SeqCst) {
            self.answers.store(u64::MAX, Ordering::SeqCst);
        }
        Passing::Cut
    }

    fn is_silent(&self, connection: u64) -> bool {
        connection < self.silent.load(Ordering::SeqCst)
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut passing: impl FnMut() -> Passing,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        match passing() {
            Passing::On if to.write_all(&buffer[..length]).await.is_ok() => {}
            Passing::Lost => {}
            Passing::On | Passing::Cut => return,
        }
    }
}
