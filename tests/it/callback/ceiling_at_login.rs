//! Ceiling rules 2 to 5 end to end: a session with exactly this ceiling, or a refusal that leaves nothing.

use axum_oidc_session::dev_provider::SessionExpiryMode as Mode;

use super::{assert_clean_login, assert_no_session, assert_refused};
use crate::support::{App, Browser, Calls, NOW, Reply};

/// An hour before the claim of the table.
const STARTS_AT: i64 = 1_893_456_000 - 3_600;

/// Signs in, and follows the one retry inside the leeway.
async fn sign_in_with_retry(browser: &Browser) -> Reply {
    let reply = browser.sign_in().await;
    match reply.parameter_if_redirect("prompt").as_deref() {
        Some("login") => {
            let callback = browser.authorize(&reply).await;
            browser.navigate(&callback).await
        }
        _ => reply,
    }
}

/// All that was issued is revoked: one refresh token for each exchange.
async fn assert_all_revoked(app: &App, row: &str) {
    app.settled().await;
    let revoked = app.op.revoked_tokens();
    assert_eq!(revoked.len() as u64, app.calls().code, "{row}");
    let issued = app.op.issued_values();
    assert!(revoked.iter().all(|token| issued.contains(token)), "{row}");
}

#[tokio::test]
async fn well_formed_claims_are_the_ceiling() {
    for (text, ceiling) in [("1893456000", 1_893_456_000), ("9999999999", 9_999_999_999)] {
        let app = App::builder().starts_at(STARTS_AT).start().await;
        app.op.set_session_expiry(Mode::Raw(text.to_owned()));
        let browser = app.signed_in().await;
        let me = browser.fetch("/api/me").await.json();
        assert_eq!(me["ceiling"], ceiling);
        assert_eq!(me["claims"]["session_expiry"], ceiling, "as asserted");
        // The idle limit of a day comes before a ceiling in the year 2286.
        assert_eq!(me["session_expires_at"], (ceiling - 30).min(STARTS_AT + 86_400));
    }
}

#[tokio::test]
async fn an_absent_claim_leaves_the_local_limits() {
    let app = App::builder().starts_at(STARTS_AT).start().await;
    app.op.set_session_expiry(Mode::Absent);
    let browser = app.signed_in().await;
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["ceiling"], serde_json::Value::Null);
    assert_eq!(me["session_expires_at"], STARTS_AT + 86_400);
}

pub(super) fn malformed() -> Vec<Mode> {
    let mut modes: Vec<Mode> = [
        "null",
        "true",
        "false",
        "\"1893456000\"",
        "\"\"",
        "1.5",
        "1893456000.0",
        "1.8e9",
        "[]",
        "[1893456000]",
        "{}",
        "0",
        "-0",
        "-5",
        "10000000000",
        "1893456000000",
        "-9223372036854775808",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
    ]
    .map(|text| Mode::Raw(text.to_owned()))
    .into();
    modes.push(Mode::Twice("1893456000".to_owned(), "1893456000".to_owned()));
    modes.push(Mode::Twice("null".to_owned(), "1893456000".to_owned()));
    modes
}

#[tokio::test]
async fn malformed_claims_are_refused() {
    for mode in malformed() {
        let row = format!("{mode:?}");
        let app = App::builder().starts_at(STARTS_AT).sealed_store().start().await;
        app.op.set_session_expiry(mode.clone());
        let browser = app.browser();
        let reply = browser.sign_in().await;
        let code = "session_expiry_malformed";
        assert_refused(&app, &browser, &reply, (403, code), &row).await;
        assert_eq!(app.calls().userinfo, 0, "{row}");
        assert_all_revoked(&app, &row).await;
        app.op.set_session_expiry(Mode::PerSession(Some(std::time::Duration::from_secs(3_600))));
        app.op.end_sessions("ada");
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn the_ceiling_at_login_is_judged_by_iat_and_by_now() {
    // `iat` and `E` relative to now, then what is expected: a session, the retry and then a page, or a page at once.
    let (session, inside, past) =
        (None, Some((403, "session_ceiling_inside_leeway")), Some((403, "session_ceiling_past")));
    for (iat, end, outcome) in [
        (0, 3_600, session),
        (0, 31, session),
        (0, 30, inside),
        (0, 29, inside),
        (0, 1, inside),
        (0, 0, past),
        (0, -1, past),
        (0, -3_600, past),
        // now > E − 30 though iat is old.
        (-120, 31, session),
        (-120, 30, inside),
        (-120, 1, inside),
        (-120, 0, past),
        // iat is later than now, by less than the tolerance.
        (20, 51, session),
        (20, 50, inside),
        (20, 21, inside),
        (20, 20, past),
    ] {
        let row = format!("iat {iat}, E {end}");
        let app = App::builder().sealed_store().start().await;
        app.op.set_session_expiry(Mode::At(NOW + end));
        app.op.set_id_token_claim("iat", NOW + iat);
        let browser = app.browser();
        let reply = sign_in_with_retry(&browser).await;
        let Some(refusal) = outcome else {
            assert_eq!(reply.status, 303, "{row}");
            let me = browser.fetch("/api/me").await.json();
            assert_eq!(
                (&me["ceiling"], &me["session_expires_at"]),
                (&(NOW + end).into(), &(NOW + end - 30).into()),
                "{row}"
            );
            continue;
        };
        assert_refused(&app, &browser, &reply, refusal, &row).await;
        let wait = (outcome == inside).then(|| end.to_string());
        assert_eq!(reply.header("retry-after"), wait.as_deref(), "{row}");
        assert_all_revoked(&app, &row).await;
        let exchanges = if outcome == inside { 2 } else { 1 };
        let calls = Calls {
            discovery: 1,
            jwks: 1,
            code: exchanges,
            revocation: exchanges,
            ..Calls::default()
        };
        assert_eq!(app.calls(), calls, "{row}");
        app.op.set_session_expiry(Mode::At(NOW + 3_600));
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn cookie_and_record_live_until_the_deadline_and_no_longer() {
    for (end, max_age) in [(3_600, 3_570), (31, 1), (86_430, 86_400), (90_000, 86_400)] {
        let app = App::builder().sealed_store().start().await;
        app.op.set_session_expiry(Mode::At(NOW + end));
        let reply = app.browser().sign_in().await;
        assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(max_age), "{end}");
        assert_eq!(reply.set_cookie("app_m").unwrap().max_age, Some(max_age + 600), "{end}");
        assert_eq!(app.store().stored()[0].expires_at.seconds(), NOW + max_age, "{end}");
    }
}

#[tokio::test]
async fn the_ceiling_at_a_read() {
    for (left, live) in
        [(3_600, true), (31, true), (30, false), (29, false), (0, false), (-1, false)]
    {
        for sealed in [false, true] {
            let builder = App::builder();
            let app = if sealed { builder.sealed_store() } else { builder }.start().await;
            let browser = app.signed_in().await;
            let keeper = browser.copy();
            keeper.set_cookie("app", &browser.cookie("app").unwrap());
            app.later(u64::try_from(3_600 - left).unwrap());
            let reply = keeper.fetch("/api/me").await;
            if live {
                assert_eq!(reply.json()["session_expires_at"], NOW + 3_570, "{left}");
            } else {
                assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{left}");
            }
        }
    }
}

/// Rule 5: an older session of this browser for the same issuer and sub is ended; somebody else's is not.
#[tokio::test]
async fn a_refusal_ends_the_older_session_of_the_same_user() {
    for (subject, ended) in [("ada", true), ("grace", false)] {
        for sealed in [false, true] {
            let builder = App::builder();
            let app = if sealed { builder.sealed_store() } else { builder }.start().await;
            let browser = app.signed_in().await;
            app.op.authorize_as(subject);
            app.op.set_session_expiry(Mode::At(NOW - 1));
            let reply = browser.sign_in().await;
            assert_eq!(reply.refusal(), (403, "session_ceiling_past".to_owned()), "{subject}");
            let after = browser.fetch("/api/me").await;
            if ended {
                assert_eq!(after.refusal(), (401, "session_expired".to_owned()));
                assert_no_session_stored(&app);
            } else {
                assert_eq!(after.json()["claims"]["sub"], "ada");
            }
        }
    }
}

fn assert_no_session_stored(app: &App) {
    if let Some(store) = &app.store {
        assert_eq!(store.stored(), []);
    }
}

/// Rule 1: UserInfo is no source.
#[tokio::test]
async fn a_session_expiry_in_user_info_is_not_trusted() {
    use axum_oidc_session::dev_provider::{Fault, UserInfoFault};
    for (mode, ceiling) in [(Mode::Absent, None), (Mode::At(NOW + 3_600), Some(NOW + 3_600))] {
        let app = App::start().await;
        app.op.set_session_expiry(mode);
        app.op.set_fault(Some(Fault::UserInfo(UserInfoFault::SessionExpiry)));
        let browser = app.signed_in().await;
        assert_eq!(app.calls().userinfo, 1);
        let me = browser.fetch("/api/me").await.json();
        assert_eq!(me["ceiling"].as_i64(), ceiling);
        assert_eq!(me["claims"]["session_expiry"].as_i64(), ceiling);
    }
}

/// Rule 5 once more, after what takes time: the ceiling is not passed while UserInfo or the application is asked.
#[tokio::test]
async fn a_ceiling_that_is_crossed_during_the_login_is_refused() {
    use std::time::Duration;

    use axum_oidc_session::LoginDecision;
    use axum_oidc_session::clock::ManualClock;
    let slow = |clock: &ManualClock, seconds: u64| {
        let clock = clock.clone();
        move |_| {
            clock.advance(Duration::from_secs(seconds));
            std::future::ready(LoginDecision::Accept)
        }
    };
    for (seconds, refusal) in [
        (69, None),
        (70, Some("session_ceiling_inside_leeway")),
        (100, Some("session_ceiling_past")),
    ] {
        let row = format!("{seconds} s");
        let clock = ManualClock::at(NOW);
        let hook = slow(&clock, seconds);
        let app = App::builder().sealed_store().on_clock(clock);
        let app = app.configure(move |auth| auth.after_login(hook)).start().await;
        app.op.set_session_expiry(Mode::At(NOW + 100));
        let browser = app.browser();
        let reply = browser.sign_in().await;
        match refusal {
            None => assert_eq!(browser.fetch("/api/me").await.json()["ceiling"], NOW + 100),
            Some("session_ceiling_inside_leeway") => {
                assert_eq!(
                    reply.parameter("prompt").as_deref(),
                    Some("login"),
                    "rule 6 goes first"
                );
                assert_no_session(&app, &browser, &row).await;
                assert_all_revoked(&app, &row).await;
            }
            Some(code) => {
                assert_refused(&app, &browser, &reply, (403, code), &row).await;
                assert_all_revoked(&app, &row).await;
            }
        }
    }
}
