//! The line to the provider, which can be cut: then nobody listens, and what was connected is closed.

use std::net::TcpListener as StdListener;

use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use futures_util::future::{Either, select};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{AppBuilder, until};

pub(super) struct Line {
    /// What browsers and the application connect to.
    port: u16,
    provider: u16,
    cut: Option<watch::Sender<()>>,
}

impl Line {
    /// Lets the provider of an application be reached over a line alone.
    pub(super) async fn before(builder: AppBuilder) -> (Self, AppBuilder) {
        let [port, provider] = [free_port(), free_port()];
        let mut line = Self { port, provider, cut: None };
        line.mend().await;
        let issuer = format!("http://127.0.0.1:{port}");
        (line, builder.provider(move |op| op.issuer(issuer).port(provider)))
    }

    pub(super) async fn cut(&mut self) {
        self.cut = None;
        until(async || TcpStream::connect(("127.0.0.1", self.port)).await.is_err()).await;
    }

    pub(super) async fn mend(&mut self) {
        let (cut, is_cut) = watch::channel(());
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        TokioSpawner.spawn(Box::pin(connect(listener, self.provider, is_cut)));
        self.cut = Some(cut);
    }
}

async fn connect(listener: TcpListener, provider: u16, mut is_cut: watch::Receiver<()>) {
    loop {
        let accepted = {
            let (cut, accept) =
                (std::pin::pin!(is_cut.changed()), std::pin::pin!(listener.accept()));
            match select(cut, accept).await {
                Either::Left(_) => return,
                Either::Right((accepted, _)) => accepted,
            }
        };
        let Ok((mut client, _)) = accepted else { continue };
        let mut is_cut = is_cut.clone();
        TokioSpawner.spawn(Box::pin(async move {
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", provider)).await else { return };
            let copied = std::pin::pin!(copy_bidirectional(&mut client, &mut server));
            let _ = select(copied, std::pin::pin!(is_cut.changed())).await;
        }));
    }
}

fn free_port() -> u16 {
    StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
