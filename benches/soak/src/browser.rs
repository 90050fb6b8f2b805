//! A browser: its cookies, and what it knows of its session.

use crate::model::{Deadlines, LEEWAY, Span};
use crate::wire::Reply;

#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) jar: Jar,
    pub(crate) session: Option<Known>,
}

impl Browser {
    /// Begins anew.
    pub(crate) fn forget(&mut self) {
        self.jar.clear();
        self.session = None;
    }
}

/// A session as its browser knows it.
pub(crate) struct Known {
    pub(crate) sub: String,
    pub(crate) deadlines: Deadlines,
    pub(crate) leaves: Leaves,
    /// Before it leaves.
    pub(crate) requests: u64,
    /// How often `/note` was asked for.
    pub(crate) notes: u64,
    /// It is not used before this second.
    pub(crate) rests_until: i64,
}

/// How a browser leaves its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    SignsOut,
    /// The provider has set a ceiling that long after the sign-in, in seconds, the leeway not counted.
    Ceiling(i64),
    Idle,
    Absolute,
    /// It comes back without its cookies.
    LeftBehind,
}

impl Leaves {
    /// Of 100 sessions 50 are signed out, 20 reach the ceiling, and 10 leave in each other way.
    pub(crate) fn choose(random: &mut Random) -> Self {
        match random.below(100) {
            0..50 => Self::SignsOut,
            50..70 => Self::Ceiling(30 + i64::try_from(random.below(270)).unwrap()),
            70..80 => Self::Idle,
            80..90 => Self::Absolute,
            _ => Self::LeftBehind,
        }
    }

    /// How many requests come before it.
    pub(crate) fn requests(self, random: &mut Random) -> u64 {
        match self {
            Self::SignsOut | Self::Idle | Self::LeftBehind => 100 + random.below(600),
            Self::Ceiling(_) | Self::Absolute => u64::MAX,
        }
    }

    /// What the person types in at the provider: the session's end, in seconds from then on.
    pub(crate) fn session_expiry_in(self) -> Option<i64> {
        match self {
            Self::Ceiling(after) => Some(after + LEEWAY),
            _ => None,
        }
    }

    /// The ceiling of a session whose sign-in happened in `span`.
    pub(crate) fn ceiling(self, span: Span) -> Option<Span> {
        match self {
            Self::Ceiling(after) => Some(span.plus(after)),
            _ => None,
        }
    }
}

/// Cookies of one server.
#[derive(Clone, Default)]
pub(crate) struct Jar(Vec<(String, String)>);

impl Jar {
    pub(crate) fn keep(&mut self, reply: &Reply) {
        for cookie in reply.headers("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            self.0.retain(|(kept, _)| kept != name);
            if !attributes.contains("Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// The value of the `Cookie` header.
    pub(crate) fn header(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// What the marker cookie says of a session that has ended.
    pub(crate) fn marker(&self) -> Option<String> {
        let marker = self.0.iter().find(|(name, _)| name.ends_with("_m"));
        // While the session lives its deadline is there, too.
        marker.and_then(|(_, value)| value.split('.').next()).map(str::to_owned)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Numbers that look random, the same in each run (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
