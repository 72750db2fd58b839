//! Mounts kosync in a Salvo app under a path, beside a page of the app.
//!
//! Run it with `cargo run --example salvo_app -- ./data 127.0.0.1:8080`. The custom sync server in KOReader is then
//! `http://127.0.0.1:8080/kosync`, where browsers find the dashboard.

use kosync::salvo::conn::tcp::TcpAcceptor;
use kosync::salvo::{self, prelude::*};

#[handler]
async fn own_page() -> &'static str {
    "my own page"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data_dir = arguments.next().unwrap_or("./data".into());
    let address = arguments.next().unwrap_or("127.0.0.1:8080".into());

    let kosync = kosync::Server::builder().data_dir(data_dir).build()?;
    let kosync = Router::with_path("kosync").push(kosync.router()).push(kosync.dashboard());
    let app = Router::new().get(own_page).push(kosync);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let mut server = salvo::Server::new(TcpAcceptor::try_from(listener)?);
    // A push that arrived whole is then stored though the device has hung up.
    server.http1_mut().half_close(true);
    server.try_serve(app).await?;
    Ok(())
}
