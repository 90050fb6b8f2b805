//! The connection URL: read once, refused early, never shown.
//!
//! `postgres://` or `postgresql://`; what it leaves out comes from the environment (`PGHOST`, `PGUSER`, `PGPASSWORD`, …) and
//! the password file. A parameter that means nothing is refused: a misspelt `sslmode` would encrypt nothing.

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::error::PostgresStoreError;
use super::settings::PostgresSettings;
use crate::store::link;

pub(super) fn parse(url: &str) -> Result<PgConnectOptions, PostgresStoreError> {
    let url = Url::parse(url).map_err(|error| PostgresStoreError::Url(problem(error)))?;
    if !["postgres", "postgresql"].contains(&url.scheme()) {
        return Err(PostgresStoreError::Url("it must begin with postgres://"));
    }
    let is_known = |key: &str| PARAMETERS.contains(&key) || key.starts_with("options[");
    if let Some((key, _)) = url.query_pairs().find(|(key, _)| !is_known(key)) {
        return Err(PostgresStoreError::UnknownParameter(key.into_owned()));
    }
    let options = PgConnectOptions::from_url(&url)
        .map_err(|_| PostgresStoreError::Url("a part or a parameter has no valid value"))?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name(env!("CARGO_PKG_NAME")),
    };
    // There are no floating-point numbers here, and PgBouncer refuses the parameter.
    let options = options.extra_float_digits(None);
    // Each request would format its statement for a log that nobody reads.
    Ok(options.disable_statement_logging())
}

/// The way to the database is TLS, loopback or a socket, unless the settings say otherwise.
pub(super) fn check_link(
    options: &PgConnectOptions,
    settings: &PostgresSettings,
) -> Result<(), PostgresStoreError> {
    let is_encrypted = matches!(
        options.get_ssl_mode(),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    let is_socket = options.get_socket().is_some();
    let is_fit = is_encrypted || is_socket || link::stays_here(options.get_host());
    if is_fit || settings.allow_clear_text { Ok(()) } else { Err(PostgresStoreError::ClearText) }
}

/// The parser's own words quote nothing, but they are not a promise.
fn problem(error: url::ParseError) -> &'static str {
    match error {
        url::ParseError::InvalidPort => "the port is no number",
        url::ParseError::RelativeUrlWithoutBase => "it must begin with postgres://",
        url::ParseError::EmptyHost => "the host is missing",
        _ => "a part is malformed; is a special character in the password not percent-encoded?",
    }
}

const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_connection_url_is_refused_without_quoting_it() {
        for (url, problem) in [
            ("", "it must begin with postgres://"),
            ("/var/lib/hunter2", "it must begin with postgres://"),
            ("mysql://u:hunter2@h/d", "it must begin with postgres://"),
            ("postgres://u:hunter2@h:port/d", "the port is no number"),
            (
                "postgres://u:hunter2@h/d?sslmode=hunter2",
                "a part or a parameter has no valid value",
            ),
            ("postgres://u:hunter2@h/d?port=hunter2", "a part or a parameter has no valid value"),
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error, PostgresStoreError::Url(problem), "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let error = parse("postgres://u:p@h/d?sslmod=require").unwrap_err();
        assert_eq!(error, PostgresStoreError::UnknownParameter("sslmod".to_owned()));
    }

    #[test]
    fn clear_text_to_another_machine_must_be_asked_for() {
        let check =
            |url: &str, settings: &PostgresSettings| check_link(&parse(url).unwrap(), settings);
        let (usual, open) =
            (PostgresSettings::default(), PostgresSettings::default().insecure_allow_clear_text());
        for (url, is_fit) in [
            ("postgres://u@db.internal/d", false),
            ("postgres://u@db.internal/d?sslmode=prefer", false),
            ("postgres://u@db.internal/d?sslmode=allow", false),
            ("postgres://u@db.internal/d?sslmode=disable", false),
            ("postgres://u@localhost/d?hostaddr=10.0.0.1", false),
            ("postgres://u@10.0.0.1/d?ssl-mode=disable", false),
            ("postgres://u@db.internal/d?sslmode=require", true),
            ("postgres://u@db.internal/d?sslmode=verify-ca", true),
            ("postgres://u@db.internal/d?sslmode=verify-full", true),
            ("postgres://u@localhost/d", true),
            ("postgres://u@127.0.0.1:5433/d?sslmode=disable", true),
            ("postgres://u@[::1]/d", true),
            ("postgres:///d?host=/run/postgresql", true),
            ("postgres://u@%2Frun%2Fpostgresql/d", true),
        ] {
            let expected = if is_fit { Ok(()) } else { Err(PostgresStoreError::ClearText) };
            assert_eq!(check(url, &usual), expected, "{url}");
            assert_eq!(check(url, &open), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_the_url_says_is_used() {
        let options = parse("postgresql://ada@db.internal:6432/app?sslmode=verify-full").unwrap();
        assert_eq!(options.get_host(), "db.internal");
        assert_eq!((options.get_port(), options.get_username()), (6432, "ada"));
        assert_eq!(options.get_database(), Some("app"));
        assert!(parse("postgres:///app?host=/run/postgresql").is_ok());
    }
}
