//! Mounts kosync in an axum app, under a path, beside the app's own page.
//!
//! Run it with `cargo run --example axum_app -- ./data 127.0.0.1:8080`. The custom sync server in KOReader is then
//! `http://127.0.0.1:8080/kosync`; the same address in a browser is the dashboard.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use axum::routing::get;
use kosync::Server;

/// Passes the client's address on, by which kosync counts failed logins.
async fn with_peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(peer);
    request
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data_dir = arguments.next().unwrap_or("./data".into());
    let address = arguments.next().unwrap_or("127.0.0.1:8080".into());

    // `nest_service` removes the path from the requests, so kosync cannot know it.
    let kosync = Server::builder().data_dir(data_dir).path("/kosync").build()?;
    let app = Router::new()
        .route("/", get(async || "my own page"))
        .nest_service("/kosync", kosync)
        .layer(map_request(with_peer));

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
