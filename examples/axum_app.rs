//! Mounts kosync in an axum app under a path, beside a page of the app.
//!
//! Run it with `cargo run --example axum_app -- ./data 127.0.0.1:8080`. The custom sync server in KOReader is then
//! `http://127.0.0.1:8080/kosync`, and browsers find the dashboard at `http://127.0.0.1:8080/kosync/`.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use kosync::Server;

/// Passes a request to kosync, with the client's address for the limit on failed logins.
async fn sync(State(kosync): State<Server>, ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request) -> Response {
    kosync.handle(request, Some(peer)).await.map(Body::new)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data_dir = arguments.next().unwrap_or("./data".into());
    let address = arguments.next().unwrap_or("127.0.0.1:8080".into());

    let kosync = Server::builder().data_dir(data_dir).build()?;
    // `nest` strips the prefix from the path. The dashboard's links need the slash at the end of the prefix.
    let app = Router::new()
        .route("/", get(async || "my own page"))
        .route("/kosync", get(async || Redirect::permanent("/kosync/")))
        .nest("/kosync/", Router::new().fallback(sync).with_state(kosync));

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
