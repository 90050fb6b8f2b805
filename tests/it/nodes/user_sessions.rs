//! The sessions of a user: listed, and ended from another one.

use axum::Json;
use axum::extract::Path;
use axum::routing::{get, post};
use axum_oidc_session::AuthSession;
use serde_json::{Value, json};

use crate::support::{App, Browser, Node};

async fn listing(app: &App) -> Node {
    let list = async |session: AuthSession| {
        let sessions = session.sessions().await.unwrap().into_iter();
        let json = sessions.map(|session| {
            json!({"id": session.id, "current": session.is_current, "device": session.device,
                "signed_in": session.signed_in_at.seconds(), "used": session.last_used_at.seconds(),
                "until": session.expires_at.seconds()})
        });
        Json(Value::Array(json.collect()))
    };
    let end = async |session: AuthSession, Path(id): Path<String>| {
        session.end_session(&id).await.unwrap().to_string()
    };
    let others =
        async |session: AuthSession| session.end_other_sessions().await.unwrap().to_string();
    app.node_with(
        |auth| auth,
        move |router| {
            let router = router.route("/list", get(list)).route("/end/{id}", post(end));
            router.route("/end-others", post(others))
        },
    )
    .await
}

async fn list(browser: &Browser) -> Vec<Value> {
    let mut sessions = browser.fetch("/list").await.json().as_array().unwrap().clone();
    sessions.sort_by_key(|session| session["current"] != true);
    sessions
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

#[tokio::test]
async fn the_list_says_where_and_since_when() {
    let app = App::builder().sealed_store().start().await;
    let node = listing(&app).await;
    let phone = app.browser();
    let callback = phone.until_callback("/auth/login").await;
    let named = [("user-agent", FIREFOX), ("accept", "text/html")];
    assert_eq!(phone.send("GET", &callback, &named, "").await.status, 303);
    app.later(60);
    let here = app.signed_in().await;
    app.op.authorize_as("grace");
    let _other = app.signed_in().await;
    let sessions = list(&node.serve(&here)).await;
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    assert_eq!((&sessions[0]["current"], &sessions[0]["device"]), (&json!(true), &Value::Null));
    assert_eq!(sessions[1]["device"], "Firefox on Linux");
    let signed_in = |at: usize| sessions[at]["signed_in"].as_i64().unwrap();
    assert_eq!(signed_in(0) - signed_in(1), 60);
}

#[tokio::test]
async fn one_is_ended_and_only_of_ones_own() {
    let app = App::builder().sealed_store().start().await;
    let node = listing(&app).await;
    let (here, there) = (node.serve(&app.signed_in().await), app.signed_in().await);
    app.op.authorize_as("grace");
    let graces = node.serve(&app.signed_in().await);
    let id = list(&here).await[1]["id"].as_str().unwrap().to_owned();
    let own = list(&here).await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(graces.post(&format!("/end/{id}")).await.text(), "false");
    assert_eq!(here.post("/end/nonsense").await.text(), "false");
    assert_eq!(there.fetch("/api/me").await.status, 200);
    assert_eq!(here.post(&format!("/end/{id}")).await.text(), "true");
    assert_eq!(there.fetch("/api/me").await.json()["reason"], "revoked");
    assert_eq!(here.post(&format!("/end/{id}")).await.text(), "false");
    let reply = here.post(&format!("/end/{own}")).await;
    let removed = reply.cookie_changes().1;
    assert_eq!((reply.text().as_str(), removed.len()), ("true", 22), "two, and 20 bindings");
    assert!(["app", "app_m"].iter().all(|name| removed.iter().any(|it| it == name)));
    assert_eq!(here.fetch("/api/me").await.code(), "login_required");
}

#[tokio::test]
async fn all_others_are_ended() {
    let app = App::builder().sealed_store().start().await;
    let node = listing(&app).await;
    let (one, two, here) = (app.signed_in().await, app.signed_in().await, app.signed_in().await);
    let here = node.serve(&here);
    assert_eq!(here.post("/end-others").await.text(), "2");
    for other in [one, two] {
        assert_eq!(other.fetch("/api/me").await.status, 401);
    }
    assert_eq!(here.fetch("/api/me").await.status, 200);
    assert_eq!(here.post("/end-others").await.text(), "0");
}

#[tokio::test]
async fn an_administrator_ends_them_all_and_a_later_login_passes() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    let under_way = app.browser();
    let callback = under_way.until_callback("/auth/login").await;
    assert_eq!(node.auth.sessions_of("ada").await.unwrap().len(), 1);
    assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
    assert_eq!(browser.fetch("/api/me").await.status, 401);
    app.later(1);
    assert_eq!(under_way.navigate(&callback).await.code(), "logged_out_meanwhile");
    let again = app.signed_in().await;
    let sid = again.fetch("/api/me").await.json()["claims"]["sid"].as_str().unwrap().to_owned();
    assert_eq!(node.auth.end_sessions_with_sid(&sid).await.unwrap(), 1);
    assert_eq!(again.fetch("/api/me").await.status, 401);
}
