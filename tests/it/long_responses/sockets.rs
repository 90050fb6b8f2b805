//! WebSockets.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::{Message as Sent, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use axum_oidc_session::{
    AuthSession, OidcAuth, SessionConnection, SessionListener, SessionWebSocketUpgrade,
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser, pause};

type Client = WebSocketStream<TcpStream>;

async fn connect(browser: &Browser, origin: &str, path: &str) -> Client {
    let address = origin.strip_prefix("http://").unwrap();
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    let cookies = browser.cookie_header(path).parse().unwrap();
    request.headers_mut().insert("cookie", cookies);
    let stream = TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(request, stream).await.unwrap().0
}

/// What the Close frame says; `None`: there is none.
async fn closed(client: &mut Client) -> Option<(u16, String)> {
    loop {
        match client.next().await {
            Some(Ok(Message::Close(frame))) => {
                return frame.map(|frame| (frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

/// `/echo` and `/ticks` of this crate's; the handlers tell when they have ended.
async fn guarded(builder: AppBuilder) -> (App, UnboundedReceiver<&'static str>) {
    let (told, ended) = mpsc::unbounded_channel();
    let app = builder
        .assemble(move |auth, router| {
            sockets(router, &told).layer(auth.layer()).merge(auth.routes())
        })
        .start()
        .await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(33)));
    (app, ended)
}

fn sockets(router: Router, told: &UnboundedSender<&'static str>) -> Router {
    let (echo_told, ticks_told) = (told.clone(), told.clone());
    let echo = async move |upgrade: SessionWebSocketUpgrade| -> Response {
        assert_eq!(upgrade.session().claims().sub(), "ada");
        upgrade.on_upgrade(async move |mut socket| {
            while let Some(Ok(message)) = socket.recv().await {
                let _gone = socket.send(message).await;
            }
            echo_told.send("echo").unwrap();
        })
    };
    let ticks = async move |upgrade: SessionWebSocketUpgrade| -> Response {
        upgrade.on_upgrade(async move |socket| {
            let (mut sender, mut receiver) = socket.split();
            // Both halves in tasks of their own, and the callback returns at once.
            let told = ticks_told.clone();
            TokioSpawner.spawn(Box::pin(async move {
                while sender.send(Sent::text("tick")).await.is_ok() {
                    SystemClock.sleep(Duration::from_millis(5)).await;
                }
                told.send("sender").unwrap();
            }));
            TokioSpawner.spawn(Box::pin(async move {
                while receiver.next().await.is_some() {}
                ticks_told.send("receiver").unwrap();
            }));
        })
    };
    router.route("/echo", get(echo)).route("/ticks", get(ticks))
}

#[tokio::test]
async fn a_socket_is_closed_with_1008_at_the_ceiling() {
    for builder in stores() {
        let (app, mut ended) = guarded(builder).await;
        let browser = app.signed_in().await;
        let mut client = connect(&browser, &app.origin, "/echo").await;
        client.send(Message::text("hello")).await.unwrap();
        assert_eq!(client.next().await.unwrap().unwrap(), Message::text("hello"));
        pause().await;
        app.later(3);
        assert_eq!(closed(&mut client).await, Some((1008, "session_expired".to_owned())));
        assert_eq!(ended.recv().await, Some("echo"), "the handler sees the end");
    }
}

/// Seconds are whole: the timer tells of the end up to one later, and what is sent until then must not cost the Close frame.
#[tokio::test]
async fn who_sends_at_the_deadline_before_the_timer_is_told_as_well() {
    for builder in stores() {
        let (app, mut ended) = guarded(builder).await;
        let browser = app.signed_in().await;
        app.clock.advance(Duration::from_millis(500));
        let mut echo = connect(&browser, &app.origin, "/echo").await;
        let mut ticks = connect(&browser, &app.origin, "/ticks").await;
        assert_eq!(ticks.next().await.unwrap().unwrap(), Message::text("tick"));
        pause().await;
        app.clock.advance(Duration::from_millis(2_700));
        echo.send(Message::text("too late")).await.unwrap();
        for client in [&mut echo, &mut ticks] {
            assert_eq!(closed(client).await, Some((1008, "session_expired".to_owned())));
        }
        for _ in ["echo", "sender", "receiver"] {
            assert!(ended.recv().await.is_some());
        }
    }
}

#[tokio::test]
async fn a_socket_is_closed_with_1008_at_a_logout() {
    for builder in stores() {
        let (app, mut ended) = guarded(builder).await;
        let browser = app.signed_in().await;
        let mut client = connect(&browser, &app.origin, "/ticks").await;
        assert_eq!(client.next().await.unwrap().unwrap(), Message::text("tick"));
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        assert_eq!(closed(&mut client).await, Some((1008, "session_revoked".to_owned())));
        let mut both = [ended.recv().await.unwrap(), ended.recv().await.unwrap()];
        both.sort_unstable();
        assert_eq!(both, ["receiver", "sender"], "halves that wait elsewhere are woken");
    }
}

#[tokio::test]
async fn a_socket_that_either_side_closes_leaves_nothing_behind() {
    let (app, mut ended) = guarded(App::builder()).await;
    let browser = app.signed_in().await;
    let mut client = connect(&browser, &app.origin, "/echo").await;
    client.close(None).await.unwrap();
    assert_eq!(ended.recv().await, Some("echo"));
    let hung_up = connect(&browser, &app.origin, "/echo").await;
    drop(hung_up);
    assert_eq!(ended.recv().await, Some("echo"));
    let mut client = connect(&browser, &app.origin, "/echo").await;
    client.send(Message::text("still there")).await.unwrap();
    assert_eq!(client.next().await.unwrap().unwrap(), Message::text("still there"));
}

#[tokio::test]
async fn without_a_session_there_is_no_handshake() {
    let (app, _ended) = guarded(App::builder()).await;
    let headers = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut refused =
        crate::support::Open::get(&app.browser(), &app.origin, "/echo", headers).await;
    refused.until("login_required").await;
    assert!(refused.text().starts_with("HTTP/1.1 401"), "{}", refused.text());
    // A signed-in user without a handshake.
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/echo").await.status, 400);
}

/// Handlers that know nothing of this crate, under the listener.
async fn serve(auth: &OidcAuth, told: &UnboundedSender<&'static str>) -> String {
    let plain = async |_: AuthSession, upgrade: WebSocketUpgrade| -> Response {
        upgrade.on_upgrade(async |mut socket| {
            while let Some(Ok(message)) = socket.recv().await {
                let _gone = socket.send(message).await;
            }
        })
    };
    let router = sockets(Router::new(), told).route("/plain", get(plain));
    let app: Router = router.layer(auth.layer()).merge(auth.routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let service = app.into_make_service_with_connect_info::<SessionConnection>();
    TokioSpawner.spawn(Box::pin(async move {
        axum::serve(SessionListener::new(listener), service).await.unwrap();
    }));
    origin
}

#[tokio::test]
async fn the_listener_cuts_what_knows_nothing_of_sessions() {
    for builder in stores() {
        let (told, _ended) = mpsc::unbounded_channel();
        let app = builder.start().await;
        let origin = serve(&app.auth, &told).await;
        let (one, two) = (app.signed_in().await, app.signed_in().await);
        let mut ends = connect(&one, &origin, "/plain").await;
        let mut stays = connect(&two, &origin, "/plain").await;
        for client in [&mut ends, &mut stays] {
            client.send(Message::text("hello")).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), Message::text("hello"));
        }
        assert_eq!(one.submit("/auth/logout").await.status, 303);
        assert_eq!(closed(&mut ends).await, None, "the connection breaks off");
        stays.send(Message::text("still there")).await.unwrap();
        assert_eq!(stays.next().await.unwrap().unwrap(), Message::text("still there"));
    }
}

#[tokio::test]
async fn under_the_listener_a_guarded_socket_gets_its_close_frame() {
    let (told, _ended) = mpsc::unbounded_channel();
    let app = App::start().await;
    let origin = serve(&app.auth, &told).await;
    let browser = app.signed_in().await;
    let mut client = connect(&browser, &origin, "/echo").await;
    client.send(Message::text("hello")).await.unwrap();
    assert_eq!(client.next().await.unwrap().unwrap(), Message::text("hello"));
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    assert_eq!(closed(&mut client).await, Some((1008, "session_revoked".to_owned())));
}
