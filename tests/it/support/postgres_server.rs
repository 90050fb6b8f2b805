//! A PostgreSQL server of the tests' own.
//!
//! - [`PostgresServer::shared`]: one per test process, fast instead of durable; each test has a
//!   [database](PostgresServer::database) of its own.
//! - [`PostgresServer::start`]: one of a test's own, durable, to be stopped, killed and paused.
//!
//! It listens on 127.0.0.1 and keeps its data in a temporary folder. A shell holds the other end of a pipe to this
//! process: when that closes, for whatever reason, the shell ends the server and removes the folder.
//!
//! A superuser may come in without a password; the role `guarded` only with the password [`PASSWORD`].

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

/// The password of the role `guarded`.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// A running server, ended when it is dropped.
#[derive(Debug)]
pub(crate) struct PostgresServer {
    folder: PathBuf,
    port: u16,
    durable: bool,
    watchdog: Child,
}

impl PostgresServer {
    /// The server that all tests of this process share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<PostgresServer> = OnceLock::new();
        SHARED.get_or_init(|| Self::launch(false))
    }

    /// A server of the test's own.
    pub(crate) fn start() -> Self {
        Self::launch(true)
    }

    fn launch(durable: bool) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oidc-pg-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let watchdog = watchdog(&folder);
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Self { folder, port, durable, watchdog };
        let mut initdb = server.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]);
        run(initdb.arg("--no-sync").arg("-D").arg(server.data()));
        let access = "host all guarded 127.0.0.1/32 scram-sha-256\n\
                      host all all 127.0.0.1/32 trust\nlocal all all trust\n";
        std::fs::write(server.data().join("pg_hba.conf"), access).unwrap();
        server.start_again();
        server
    }

    /// Starts the server after it was stopped or killed; returns when it takes connections.
    pub(crate) fn start_again(&self) {
        let mut options = format!(
            "-p {} -h 127.0.0.1 -k {} -c max_connections=100 -c log_statement=all -c log_min_messages=warning -c log_line_prefix=%d:",
            self.port,
            self.folder.display()
        );
        if !self.durable {
            options.push_str(" -c fsync=off");
        }
        let mut command = self.command("pg_ctl");
        command.args(["start", "-w", "-s", "-t", "60", "-o", &options]);
        run(command.arg("-l").arg(self.log_path()).arg("-D").arg(self.data()));
    }

    /// Stops the server as an administrator does: its connections are ended.
    pub(crate) fn stop(&self) {
        let mut command = self.command("pg_ctl");
        run(command.args(["stop", "-w", "-s", "-m", "fast"]).arg("-D").arg(self.data()));
    }

    /// Kills every process of the server with SIGKILL.
    pub(crate) fn kill(&self) {
        let killed = self.signal("KILL");
        // The next start needs the memory that they shared.
        while killed.iter().any(|pid| working_folder(pid).is_some()) {
            std::thread::yield_now();
        }
        // Where nobody has buried the dead yet, the server takes the one that these files name for alive.
        for lock in [self.data().join("postmaster.pid"), self.socket_lock()] {
            std::fs::remove_file(lock).unwrap();
        }
    }

    /// Lets the server hang (SIGSTOP): its sockets stay open.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    /// Ends a [`pause`](Self::pause).
    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    /// At its next start the stopped server waits for a primary to copy, and takes readers only.
    pub(crate) fn become_standby(&self) {
        std::fs::write(self.data().join("standby.signal"), "").unwrap();
    }

    /// A new, empty database: its URL.
    pub(crate) async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.execute("postgres", &format!("CREATE DATABASE {name}")).await;
        self.url("postgres", &name)
    }

    /// Executes SQL in a database as the superuser.
    pub(crate) async fn execute(&self, database: &str, sql: &str) {
        let mut connection = PgConnection::connect(&self.url("postgres", database)).await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// `user` may be `name:password`.
    pub(crate) fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged: every statement, among others.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap()
    }

    fn signal(&self, signal: &str) -> Vec<String> {
        let processes = self.processes();
        // One of the children may end meanwhile.
        Command::new("kill").arg(format!("-{signal}")).args(&processes).output().unwrap();
        processes
    }

    /// The postmaster and its children.
    fn processes(&self) -> Vec<String> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster = file.lines().next().unwrap().trim();
        assert_eq!(working_folder(postmaster), Some(self.data()), "the server is not running");
        let children = format!("/proc/{postmaster}/task/{postmaster}/children");
        let children = std::fs::read_to_string(children).unwrap();
        let children = children.split_whitespace().map(str::to_owned);
        std::iter::once(postmaster.to_owned()).chain(children).collect()
    }

    fn command(&self, program: &str) -> Command {
        let program = binaries().join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).env("LC_ALL", "C");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn socket_lock(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}.lock", self.port))
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Ends what was started in `folder` when this process closes its end of the pipe, or is ended.
fn watchdog(folder: &Path) -> Child {
    // The number in the file may be that of another process by now: the server's is the one that runs in the data folder.
    let script = r#"
        read -r _
        pid=$(head -n 1 data/postmaster.pid 2>/dev/null)
        runs() { [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; }
        if runs "$1"; then
            children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
            kill -CONT $pid $children 2>/dev/null
            kill -QUIT $pid 2>/dev/null
            for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                runs "$1" || break
                sleep 0.1
            done
            runs "$1" && kill -KILL $pid 2>/dev/null
        fi
        cd / && rm -rf "$1"
    "#;
    Command::new("sh")
        .args(["-c", script, "watchdog"])
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// `None` if the process has ended.
fn working_folder(pid: &str) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Where the server's programs are: Debian does not put them into `PATH`.
fn binaries() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut debian: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
        debian.sort();
        std::env::split_paths(&path)
            .chain(debian.into_iter().rev())
            .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
            .expect("these tests need a PostgreSQL server: install the Debian package postgresql")
    })
}

pub(super) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        let output = Command::new("id").arg("-u").output().unwrap();
        output.stdout.trim_ascii() == b"0"
    })
}

pub(super) fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
}
