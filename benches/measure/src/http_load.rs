//! Throughput over loopback HTTP, by Debian's `wrk`.
//!
//! Machines are shared and noisy, so that a figure alone says nothing: the case and the bare route take turns, a pair gives a
//! ratio, and the median of the pairs is told, with that of the bare route against itself beside it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::case::Case;

/// How hard, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Of each run.
    pub seconds: u64,
    /// Pairs of runs, of which the median is taken.
    pub pairs: usize,
    /// Connections that are kept alive.
    pub connections: usize,
}

impl Default for Load {
    fn default() -> Self {
        Self { seconds: 1, pairs: 7, connections: 32 }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    /// Requests per second: the median.
    pub requests: f64,
    /// As a fraction of what the case that it is compared with reaches: the median of the pairs.
    pub ratio: f64,
    /// The smallest and the largest ratio of a pair.
    pub spread: (f64, f64),
}

/// The throughput of `case` beside that of `bare`. Each has a server of its own; both are on the runtime of `handle`, which is to have one
/// thread, and on which what the case's store needs runs, too.
///
/// # Errors
///
/// `wrk` is missing, or an answer was not 200.
pub fn pairs(handle: &Handle, case: &Case, bare: &Case, load: Load) -> Result<Throughput, String> {
    let (case, bare) = (Server::start(case, handle), Server::start(bare, handle));
    let mut requests = Vec::with_capacity(load.pairs);
    let mut ratios = Vec::with_capacity(load.pairs);
    // The first second finds caches and connections cold.
    run(&case, Load { seconds: 1, ..load })?;
    for pair in 0..load.pairs {
        // Whoever comes first has it no better on the whole.
        let (this, that) = if pair % 2 == 0 {
            let this = run(&case, load)?;
            (this, run(&bare, load)?)
        } else {
            let that = run(&bare, load)?;
            (run(&case, load)?, that)
        };
        requests.push(this);
        ratios.push(this / that);
    }
    let spread = (min(&ratios), ratios.iter().copied().fold(0.0, f64::max));
    Ok(Throughput { requests: median(requests), ratio: median(ratios), spread })
}

fn run(server: &Server, load: Load) -> Result<f64, String> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", &load.connections.to_string()]);
    wrk.args(["-d", &format!("{}s", load.seconds)]);
    match server.cookies.as_slice() {
        [] => {}
        [cookie] => {
            wrk.args(["-H", &format!("Cookie: {cookie}")]);
        }
        cookies => {
            wrk.arg("-s").arg(script(cookies)?);
        }
    }
    let output = wrk.arg(format!("http://{}{}", server.address, server.path)).output();
    let output = output
        .map_err(|error| format!("wrk (a Debian package of that name) does not run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("not every answer was 200:\n{text}"));
    }
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    line.and_then(|number| number.trim().parse().ok()).ok_or(text)
}

/// Lets `wrk` send the cookies in turn.
fn script(cookies: &[String]) -> Result<PathBuf, String> {
    let path = std::env::temp_dir().join(format!("wrk-{}.lua", std::process::id()));
    let cookies: String = cookies.iter().map(|cookie| format!("  {cookie:?},\n")).collect();
    let script = format!(
        "local cookies = {{\n{cookies}}}\nlocal requests, next = {{}}, 0\n\
         function init()\n  for number, cookie in ipairs(cookies) do\n    \
         requests[number] = wrk.format(nil, nil, {{ Cookie = cookie }})\n  end\nend\n\
         function request()\n  next = next % #requests + 1\n  return requests[next]\nend\n"
    );
    std::fs::write(&path, script).map_err(|error| error.to_string())?;
    Ok(path)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn min(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Serves until it is dropped.
struct Server {
    address: SocketAddr,
    path: &'static str,
    cookies: Vec<String>,
    task: JoinHandle<()>,
}

impl Server {
    fn start(case: &Case, handle: &Handle) -> Self {
        let (app, path, cookies) = (case.app.clone(), case.path, case.cookies.clone());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let task = handle.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
        Self { address, path, cookies, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
