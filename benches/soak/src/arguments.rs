//! What is asked for on the command line.

/// What this process is.
pub(crate) enum What {
    Run(Run),
    /// The server; the process that runs the load starts it.
    Serve(Serve),
}

pub(crate) struct Run {
    pub(crate) seconds: u64,
    pub(crate) store: Store,
    /// How many seconds of the crate's pass in one.
    pub(crate) speed: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Memory,
    Sqlite,
}

pub(crate) struct Serve {
    pub(crate) issuer: String,
    /// The file, for a store that is in one.
    pub(crate) file: Option<String>,
    /// When the clock began, in nanoseconds of Unix time.
    pub(crate) start: u64,
    pub(crate) speed: u32,
}

pub(crate) const SERVE: &str = "--serve";

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<What, String> {
    let mut run = Run { seconds: 600, store: Store::Memory, speed: 10 };
    let (mut serve, mut issuer, mut file, mut start) = (false, None, None, 0);
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        if name == SERVE {
            serve = true;
            continue;
        }
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--seconds" => run.seconds = number(&value)?,
            "--speed" => run.speed = number(&value)?,
            "--store" => run.store = store(&value)?,
            "--issuer" => issuer = Some(value),
            "--file" => file = Some(value),
            "--start" => start = number(&value)?,
            _ => return Err(USAGE.into()),
        }
    }
    if !serve {
        return Ok(What::Run(run));
    }
    let issuer = issuer.ok_or(USAGE)?;
    Ok(What::Serve(Serve { issuer, file, start, speed: run.speed }))
}

fn store(name: &str) -> Result<Store, String> {
    match name {
        "memory" => Ok(Store::Memory),
        "sqlite" => Ok(Store::Sqlite),
        _ => Err(USAGE.into()),
    }
}

fn number<T: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    text.parse().ok().filter(|number| *number >= T::from(1)).ok_or_else(|| USAGE.into())
}

const USAGE: &str = "usage: soak [--seconds N] [--store memory|sqlite] [--speed N]\n\
    --seconds  how long, 600 by default; memory is judged from 480 s on\n\
    --speed    how many seconds pass for the crate in one, 10 by default";
