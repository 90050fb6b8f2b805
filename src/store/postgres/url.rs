//! The connection URL: read once, refused early, never shown.
//!
//! `postgres://` or `postgresql://`; what it leaves out comes from the environment (`PGHOST`, `PGUSER`, `PGPASSWORD`, …) and
//! the password file. A parameter that means nothing is refused: a misspelt `sslmode` would encrypt nothing.

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::error::PostgresStoreError;

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
    fn what_the_url_says_is_used() {
        let options = parse("postgresql://ada@db.internal:6432/app?sslmode=verify-full").unwrap();
        assert_eq!(options.get_host(), "db.internal");
        assert_eq!((options.get_port(), options.get_username()), (6432, "ada"));
        assert_eq!(options.get_database(), Some("app"));
        assert!(parse("postgres:///app?host=/run/postgresql").is_ok());
    }
}
