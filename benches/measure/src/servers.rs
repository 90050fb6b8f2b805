//! A Redis and a PostgreSQL of a bench's own: a free loopback port, a temporary folder, ended when dropped.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Debian's `redis-server`, without persistence.
#[derive(Debug)]
pub struct Redis {
    pub url: String,
    server: Child,
}

impl Redis {
    /// # Errors
    ///
    /// The package is missing.
    pub fn start() -> Result<Self, String> {
        let port = free_port();
        let server = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--loglevel", "warning"])
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| missing("redis-server", &error))?;
        wait_for(port)?;
        Ok(Self { url: format!("redis://127.0.0.1:{port}"), server })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Debian's PostgreSQL, as fast as it can be: `fsync` is off. What is measured reads.
#[derive(Debug)]
pub struct Postgres {
    pub url: String,
    folder: PathBuf,
}

impl Postgres {
    /// # Errors
    ///
    /// The package is missing, or the server does not start.
    pub fn start() -> Result<Self, String> {
        let (port, number) = (free_port(), std::process::id());
        let folder = std::env::temp_dir().join(format!("bench-postgres-{number}"));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { url, folder };
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(&server.folder))?;
        }
        let mut initdb = server.command("initdb")?;
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]);
        run(initdb.arg("-D").arg(server.data()))?;
        let socket = server.folder.display();
        let options = format!("-p {port} -h 127.0.0.1 -k {socket} -c fsync=off");
        let mut start = server.command("pg_ctl")?;
        start.args(["start", "-w", "-s", "-t", "60", "-o", &options]);
        run(start.arg("-l").arg(server.folder.join("log")).arg("-D").arg(server.data()))?;
        Ok(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A program of PostgreSQL, run by its user.
    fn command(&self, program: &str) -> Result<Command, String> {
        let path = program_path(program)?;
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(mut stop) = self.command("pg_ctl") {
            let _ = run(stop.args(["stop", "-w", "-s", "-m", "fast"]).arg("-D").arg(self.data()));
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Debian keeps the programs of each version in a folder of its own.
fn program_path(program: &str) -> Result<PathBuf, String> {
    let versions =
        fs::read_dir("/usr/lib/postgresql").map_err(|error| missing("postgresql", &error))?;
    let paths = versions.flatten().map(|version| version.path().join("bin").join(program));
    paths.filter(|path| path.exists()).max().ok_or_else(|| format!("there is no {program}"))
}

fn is_root() -> bool {
    Path::new("/root").read_dir().is_ok()
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn missing(package: &str, error: &std::io::Error) -> String {
    format!("{package} (a Debian package of that name) does not run: {error}")
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) -> Result<(), String> {
    for _ in 0..500 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("nobody listens on port {port}"))
}
