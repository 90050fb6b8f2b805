//! Each method of `tower_sessions::Session` that reads or writes, over both kinds of store.

use axum::extract::Request;
use axum_oidc_session::AuthSession;
use axum_oidc_session::tower_sessions::{Expiry, Session};
use serde_json::{Value, json};

use super::{command, with_data};
use crate::support::{App, Browser, NOW};

async fn each(test: impl AsyncFn(&App, &Browser), handler: impl AsyncHandler) {
    for builder in with_data(async move |session: Session, request: Request| {
        handler.call(session, command(&request).to_owned()).await
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        test(&app, &browser).await;
        assert_eq!(browser.get("/").await.text(), "hello ada", "the session lives on");
    }
}

/// A handler of a session and a command.
trait AsyncHandler: Clone + Send + Sync + 'static {
    fn call(&self, session: Session, command: String) -> impl Future<Output = String> + Send;
}

impl<F, Fut> AsyncHandler for F
where
    F: Fn(Session, String) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = String> + Send,
{
    fn call(&self, session: Session, command: String) -> impl Future<Output = String> + Send {
        self(session, command)
    }
}

async fn ask(browser: &Browser, command: &str) -> String {
    browser.fetch(&format!("/app?{command}")).await.text()
}

/// `set`, `n`, or what `other` does; then what is there under `n` and `m`.
async fn with_numbers(session: &Session) {
    session.insert("n", 1).await.unwrap();
    session.insert("m", 2).await.unwrap();
}

async fn shown(session: &Session) -> String {
    let n: Option<i32> = session.get("n").await.unwrap();
    let m: Option<i32> = session.get("m").await.unwrap();
    format!("{n:?} {m:?}")
}

#[tokio::test]
async fn insert_and_get() {
    let handler = |session: Session, command: String| async move {
        if command == "set" {
            with_numbers(&session).await;
        }
        shown(&session).await
    };
    let test = async |app: &App, browser: &Browser| {
        assert_eq!(ask(browser, "").await, "None None");
        assert_eq!(ask(browser, "set").await, "Some(1) Some(2)");
        assert_eq!(ask(browser, "").await, "Some(1) Some(2)");
        assert_eq!(ask(&app.signed_in().await, "").await, "None None", "another session's");
    };
    each(test, handler).await;
}

#[tokio::test]
async fn insert_value_gives_what_was_there() {
    let handler = |session: Session, command: String| async move {
        format!("{:?}", session.insert_value("n", json!(command)).await.unwrap())
    };
    let test = async |_: &App, browser: &Browser| {
        assert_eq!(ask(browser, "a").await, "None");
        assert_eq!(ask(browser, "b").await, "Some(String(\"a\"))");
    };
    each(test, handler).await;
}

#[tokio::test]
async fn get_value() {
    let handler = |session: Session, command: String| async move {
        if command == "set" {
            session.insert("n", json!({"a": [1, null]})).await.unwrap();
        }
        session.get_value("n").await.unwrap().unwrap_or_default().to_string()
    };
    let test = async |_: &App, browser: &Browser| {
        ask(browser, "set").await;
        assert_eq!(ask(browser, "").await, r#"{"a":[1,null]}"#);
    };
    each(test, handler).await;
}

#[tokio::test]
async fn remove_and_remove_value() {
    let handler = |session: Session, command: String| async move {
        match &*command {
            "set" => with_numbers(&session).await,
            "remove" => assert_eq!(session.remove::<i32>("n").await.unwrap(), Some(1)),
            "remove_value" => {
                assert_eq!(session.remove_value("m").await.unwrap(), Some(Value::from(2)));
            }
            _ => {}
        }
        shown(&session).await
    };
    let test = async |_: &App, browser: &Browser| {
        ask(browser, "set").await;
        ask(browser, "remove").await;
        assert_eq!(ask(browser, "").await, "None Some(2)");
        ask(browser, "remove_value").await;
        assert_eq!(ask(browser, "").await, "None None");
    };
    each(test, handler).await;
}

#[tokio::test]
async fn clear_takes_the_applications_data_and_nothing_of_ours() {
    let handler = |session: Session, command: String| async move {
        match &*command {
            "set" => with_numbers(&session).await,
            // Before anything is read, and after.
            "clear" => session.clear().await,
            "read_clear" => {
                shown(&session).await;
                session.clear().await;
            }
            _ => return shown(&session).await,
        }
        String::new()
    };
    let test = async |_: &App, browser: &Browser| {
        for clear in ["clear", "read_clear"] {
            ask(browser, "set").await;
            assert_eq!(ask(browser, "").await, "Some(1) Some(2)");
            ask(browser, clear).await;
            assert_eq!(ask(browser, "").await, "None None", "{clear}");
        }
    };
    each(test, handler).await;
}

#[tokio::test]
async fn is_empty_and_is_modified() {
    let handler = |session: Session, command: String| async move {
        let before = session.is_modified();
        if command == "set" {
            with_numbers(&session).await;
        }
        shown(&session).await;
        format!("{} {before} {}", session.is_empty().await, session.is_modified())
    };
    let test = async |_: &App, browser: &Browser| {
        assert_eq!(ask(browser, "").await, "false false false");
        assert_eq!(ask(browser, "set").await, "false false true");
        assert_eq!(ask(browser, "").await, "false false false");
    };
    each(test, handler).await;
}

#[tokio::test]
async fn id_stands_for_the_request_and_tells_nothing_of_the_cookie() {
    let handler = |session: Session, _: String| async move { session.id().unwrap().to_string() };
    let test = async |app: &App, browser: &Browser| {
        let (one, two) = (ask(browser, "").await, ask(browser, "").await);
        assert_ne!(one, two);
        assert!(!browser.cookie("app").unwrap().contains(&one));
        if let Some(store) = &app.store {
            assert!(store.stored().iter().all(|session| session.id.to_string() != one));
        }
    };
    each(test, handler).await;
}

#[tokio::test]
async fn expiry_expiry_date_and_expiry_age_are_those_of_the_deadline() {
    let handler = |session: Session, _: String| async move {
        let Some(Expiry::AtDateTime(at)) = session.expiry() else { panic!("no date") };
        assert_eq!(at, session.expiry_date());
        assert!(session.expiry_age().whole_seconds() > 0);
        at.unix_timestamp().to_string()
    };
    let test = async |_: &App, browser: &Browser| {
        assert_eq!(ask(browser, "").await, (NOW + 3_570).to_string());
    };
    each(test, handler).await;
}

#[tokio::test]
async fn save_is_at_once() {
    let handler = |session: Session, command: String| async move {
        if command == "save" {
            with_numbers(&session).await;
            session.save().await.unwrap();
            session.insert("m", 3).await.unwrap();
            // What is not saved is undone by load.
            session.load().await.unwrap();
        }
        shown(&session).await
    };
    let test = async |app: &App, browser: &Browser| {
        assert_eq!(ask(browser, "save").await, "Some(1) Some(2)");
        assert_eq!(ask(browser, "").await, "Some(1) Some(2)");
        if let Some(store) = &app.store {
            assert_eq!(store.stored()[0].application.as_ref().unwrap().version, 1);
        }
    };
    each(test, handler).await;
}

#[tokio::test]
async fn load_shows_what_is_stored() {
    let handler = |session: Session, command: String| async move {
        if command == "set" {
            with_numbers(&session).await;
        }
        session.load().await.unwrap();
        shown(&session).await
    };
    let test = async |_: &App, browser: &Browser| {
        assert_eq!(ask(browser, "set").await, "None None", "it was not saved yet");
    };
    each(test, handler).await;
}

#[tokio::test]
async fn our_part_is_neither_seen_nor_touched() {
    for builder in with_data(async |session: Session, auth: AuthSession| {
        for ours in ["claims", "tokens", "session_expires_at", "id_token", "sub"] {
            assert_eq!(session.get_value(ours).await.unwrap(), None);
            session.insert(ours, json!({"sub": "grace", "at": 9_999_999_999_i64})).await.unwrap();
        }
        session.save().await.unwrap();
        auth.claims().sub().to_owned()
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let before = browser.fetch("/api/me").await.text();
        assert_eq!(browser.get("/app").await.text(), "ada");
        assert_eq!(browser.fetch("/api/me").await.text(), before);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
    }
}
