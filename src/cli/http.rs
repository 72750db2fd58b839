//! One request to another server, and its whole answer.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

/// How long an answer may take, from the connection on.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest answer, in bytes.
const ANSWER_MAX: usize = 256 << 20;

/// Asks with GET: the status and the body, whatever the status is.
pub(super) async fn get(url: &Url, headers: &[(&str, &str)]) -> Result<(u16, Bytes)> {
    let asked = tokio::time::timeout(TIMEOUT, connect_and_ask(url, headers)).await;
    asked.map_err(|_| anyhow!("no answer within {} s", TIMEOUT.as_secs())).flatten()
}

async fn connect_and_ask(url: &Url, headers: &[(&str, &str)]) -> Result<(u16, Bytes)> {
    let host = url.host_str().context("the address has no host")?;
    let port = url.port_or_known_default().context("the address has no port")?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    match url.scheme() {
        "https" => ask(TokioIo::new(secure(host, stream).await?), url, headers).await,
        _ => ask(TokioIo::new(stream), url, headers).await,
    }
}

#[cfg(feature = "tls")]
async fn secure(host: &str, stream: TcpStream) -> Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let connector = crate::tls_connector(std::path::Path::new(crate::AUTHORITIES)).map_err(|error| anyhow!(error))?;
    let name = host.trim_matches(['[', ']']).to_owned().try_into().context("the address has no host name")?;
    Ok(connector.connect(name, stream).await?)
}

#[cfg(not(feature = "tls"))]
async fn secure(_: &str, _: TcpStream) -> Result<TcpStream> {
    bail!("this program was built without TLS")
}

async fn ask(stream: impl Read + Write + Unpin, url: &Url, headers: &[(&str, &str)]) -> Result<(u16, Bytes)> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut request = hyper::Request::get(target).header(HOST, host).header(CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        match Limited::new(answer.into_body(), ANSWER_MAX).collect().await {
            Ok(body) => Ok((status, body.to_bytes())),
            Err(error) => bail!("its answer broke off: {error}"),
        }
    };
    // Whatever ends the connection ends the exchange, too.
    let (answer, _) = tokio::join!(exchange, connection);
    answer
}
