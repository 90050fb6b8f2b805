//! A real Redis server of the tests' own: loopback, a free port, a temporary folder.
//!
//! 1. Every write is on disk before it is answered (`appendonly yes`, `appendfsync always`).
//! 2. It ends when the test process ends, in whatever way: a shell waits for its pipe to this process to close, then kills
//!    the server and removes the folder.
//! 3. A test that stops or fills its server has one of its own; the others share one, each under a key prefix of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use axum_oidc_session::{RedisSettings, RedisStore};
use redis::aio::MultiplexedConnection;

pub(crate) struct RedisServer {
    port: u16,
    is_tls: bool,
    folder: PathBuf,
    options: Vec<String>,
    running: Mutex<Option<Running>>,
}

struct Running {
    server: Child,
    watchdog: Child,
}

impl RedisServer {
    /// The server that tests share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<RedisServer> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&["--appendfsync", "everysec"]))
    }

    /// A server of the test's own, with these options of `redis-server` in addition.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::started(|| Self::down(options))
    }

    /// One that speaks TLS only.
    pub(crate) fn tls(options: &[(&str, &str)]) -> Self {
        let options: Vec<&str> = options.iter().flat_map(|(name, value)| [*name, *value]).collect();
        Self::started(|| {
            let mut server = Self::down(&options);
            server.is_tls = true;
            server
        })
    }

    /// One that waits to become part of a cluster. Its second port is the first and 10,000.
    pub(crate) fn cluster_node(options: &[&str]) -> Self {
        let of_node = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
        let options = [&of_node, options].concat();
        Self::started(|| {
            loop {
                let node = Self::down(&options);
                if node.port < 50_000
                    && TcpListener::bind(("127.0.0.1", node.port + 10_000)).is_ok()
                {
                    return node;
                }
            }
        })
    }

    /// Between choosing a port and taking it another process may be faster.
    fn started(make: impl Fn() -> Self) -> Self {
        for _ in 0..10 {
            let server = make();
            if server.try_up() {
                return server;
            }
        }
        panic!("redis-server does not start");
    }

    /// A server that does not run yet.
    pub(crate) fn down(options: &[&str]) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("axum-oidc-session-redis-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { port, is_tls: false, folder, options, running: Mutex::default() }
    }

    /// Starts it (again), and waits until it takes connections.
    pub(crate) fn up(&self) {
        assert!(self.try_up(), "redis-server does not start again");
    }

    /// Ends it as an administrator does.
    pub(crate) fn stop(&self) {
        self.end("TERM");
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&self) {
        self.end("KILL");
    }

    /// Lets it hang: connections stay, nothing is answered.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A store under `prefix`, with a connection of its own. Patient: the machine may be busy.
    pub(crate) fn store(&self, prefix: &str) -> RedisStore {
        let limit = Duration::from_secs(10);
        let settings = RedisSettings::default().key_prefix(prefix).response_timeout(limit);
        RedisStore::with_settings(self.url(), settings).unwrap()
    }

    /// A connection to look at the server with.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    fn try_up(&self) -> bool {
        let port = self.port.to_string();
        let ports = if self.is_tls {
            ["--port", "0", "--tls-port", &port]
        } else {
            ["--port", &port, "--tcp-backlog", "128"]
        };
        // Some versions take the first of two.
        let is_set = self.options.iter().any(|option| option == "--save");
        let snapshots: &[&str] = if is_set { &[] } else { &["--save", ""] };
        let mut server = Command::new(program())
            .args(["--bind", "127.0.0.1", "--daemonize", "no"])
            .args(ports)
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(snapshots)
            .arg("--dir")
            .arg(&self.folder)
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is no redis-server: install the Debian package redis-server");
        let watchdog = Command::new("sh")
            .args(["-c", WATCH, "sh", &server.id().to_string()])
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stdout.take().unwrap());
        *self.running.lock().unwrap() = Some(Running { server, watchdog });
        let mut line = String::new();
        while log.read_line(&mut line).unwrap() > 0 {
            if line.contains("Ready to accept connections") {
                // Read to its end, or the server would wait for a reader some day.
                std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
                return true;
            }
            line.clear();
        }
        self.kill();
        false
    }

    fn signal(&self, signal: &str) {
        let running = self.running.lock().unwrap();
        send(signal, &running.as_ref().expect("the server runs").server);
    }

    fn end(&self, signal: &str) {
        let Some(mut running) = self.running.lock().unwrap().take() else { return };
        // First the watchdog: it must not meet another process under the server's number.
        running.watchdog.kill().unwrap();
        running.watchdog.wait().unwrap();
        send(signal, &running.server);
        running.server.wait().unwrap();
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn send(signal: &str, process: &Child) {
    // One that has ended by itself is not there to be told.
    let number = process.id().to_string();
    Command::new("kill").args(["-s", signal, &number]).stderr(Stdio::null()).status().unwrap();
}

/// A server that is about to end still writes: the folder is removed after it, 10 s later at most.
const WATCH: &str = r#"
cat; kill -KILL "$1"; n=0
while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
rm -rf "$2""#;

/// Another version of Redis, or Valkey, may be named.
fn program() -> std::ffi::OsString {
    std::env::var_os("REDIS_SERVER").unwrap_or_else(|| "redis-server".into())
}
