//! Texts for people.

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::{AuthSession, Refusal};
use time::OffsetDateTime;

/// Text for HTML content and quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What the user is called.
pub(super) fn name(session: &AuthSession) -> &str {
    let claims = session.claims();
    claims.name().or(claims.email()).or(claims.preferred_username()).unwrap_or(claims.sub())
}

/// A `<time>` element in UTC; the number alone if it is beyond the calendar.
pub(super) fn time(at: UnixTime) -> String {
    let Ok(utc) = OffsetDateTime::from_unix_timestamp(at.seconds()) else {
        return at.seconds().to_string();
    };
    let (date, (hour, minute, second)) = (utc.date(), utc.to_hms());
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    format!("<time datetime=\"{date}T{clock}Z\">{date} {clock} UTC</time>")
}

/// As on a clock: `9:07`, `1:02:03`, `2 days 1:02:03`; the script counts in the same way.
pub(super) fn countdown(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        (1, _) => format!("1 day {hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} days {hours}:{minutes:02}:{seconds:02}"),
    }
}

/// In the largest unit that divides it.
pub(super) fn duration(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let unit = units.into_iter().find(|(size, _)| seconds.is_multiple_of(*size) && seconds > 0);
    let (size, name) = unit.unwrap_or((1, "second"));
    let count = seconds / size;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// What ended a session, for its user.
pub(super) const fn ended(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::CeilingReached => {
            "Your organization’s sign-in service sets when a session must be over, and that time has come."
        }
        Refusal::IdleLimit => "It was not used for a while.",
        Refusal::AbsoluteLimit => "It had reached its longest duration.",
        Refusal::Continuity => {
            "The sign-in service described another sign-in than yours, so it was ended."
        }
        Refusal::RefreshRejected => "The sign-in service wants you to sign in again.",
        _ => "It was ended elsewhere.",
    }
}
