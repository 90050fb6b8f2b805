//! A PgBouncer of the test's own, in front of a [`PostgresServer`].
//!
//! It listens on 127.0.0.1. A shell holds the other end of a pipe to this process: when that closes, for whatever reason, the
//! shell ends PgBouncer and removes its folder.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::postgres_server::{PostgresServer, is_root, run};

/// A running PgBouncer, ended when it is dropped.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    port: u16,
    shell: Child,
}

impl PgBouncer {
    /// Starts it; returns when it takes connections. `settings`: more lines for its configuration.
    ///
    /// Prepared statements stay where they were prepared, in every version.
    pub(crate) fn start(server: &PostgresServer, pool_mode: &str, settings: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oidc-bouncer-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        // Since 1.21 it can keep them apart.
        let apart = if version() >= (1, 21) { "max_prepared_statements = 0" } else { "" };
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             ignore_startup_parameters = extra_float_digits\npool_mode = {pool_mode}\n{apart}\n{settings}\n",
            server.port()
        );
        std::fs::write(folder.join("pgbouncer.ini"), configuration).unwrap();
        if is_root() {
            run(Command::new("chown").arg("-R").arg("postgres").arg(&folder));
        }
        let shell = launch(&folder);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self { port, shell }
    }

    /// The way through it to the database of `url`.
    pub(crate) fn url(&self, url: &str) -> String {
        let database = url.rsplit('/').next().unwrap();
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn launch(folder: &Path) -> Child {
    let script = r#"
        if [ "$(id -u)" = 0 ]; then
            set -- "$1" setpriv --reuid=postgres --regid=postgres --clear-groups "$2"
        fi
        folder=$1
        shift
        "$@" -q pgbouncer.ini >log 2>&1 </dev/null &
        pid=$!
        read -r _
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        cd / && rm -rf "$folder"
    "#;
    Command::new("sh")
        .args(["-c", script, "pgbouncer"])
        .arg(folder)
        .arg(program())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Debian keeps it where only administrators look.
fn program() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join("pgbouncer"))
            .find(|program| program.exists())
            .expect("these tests need PgBouncer: install the Debian package pgbouncer")
    })
}

fn version() -> (u32, u32) {
    let output = Command::new(program()).arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let number = text.lines().next().unwrap().trim_start_matches("PgBouncer ").to_owned();
    let mut parts = number.split('.').map(|part| part.parse().unwrap());
    (parts.next().unwrap(), parts.next().unwrap())
}
