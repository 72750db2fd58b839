//! One GET request to another server, with limits on time and size.

use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST};
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Position, Url};

/// Time for the whole exchange, including the connection.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Largest response body, in bytes.
const BODY_MAX: usize = 256 << 20;

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("the address has no host")]
    NoHost,
    #[error("the address has no port")]
    NoPort,
    #[error("no response within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error(transparent)]
    Connect(#[from] io::Error),
    #[error("{0}")]
    Tls(String),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Request(#[from] hyper::http::Error),
    #[error("the response broke off: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
}

/// A response, whatever its status.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// Sends a GET request and reads the whole response.
///
/// The limits are 30 s and 256 MiB. Redirects are not followed.
///
/// # Errors
/// [`RequestError`] if the server cannot be reached, is too slow, or does not speak HTTP/1.1.
pub(crate) async fn get(url: &Url, headers: &[(&str, &str)]) -> Result<Response, RequestError> {
    tokio::time::timeout(TIMEOUT, connect_and_send(url, headers)).await.map_err(|_| RequestError::Timeout)?
}

async fn connect_and_send(url: &Url, headers: &[(&str, &str)]) -> Result<Response, RequestError> {
    let host = url.host_str().ok_or(RequestError::NoHost)?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or(RequestError::NoPort)?;
    let stream = TcpStream::connect((host, port)).await?;
    match url.scheme() {
        "https" => send(TokioIo::new(secure(host, stream).await?), url, headers).await,
        _ => send(TokioIo::new(stream), url, headers).await,
    }
}

#[cfg(feature = "tls")]
async fn secure(host: &str, stream: TcpStream) -> Result<tokio_rustls::client::TlsStream<TcpStream>, RequestError> {
    let connector = super::tls::connector(super::tls::SYSTEM_AUTHORITIES.as_ref()).map_err(RequestError::Tls)?;
    let name =
        host.to_owned().try_into().map_err(|_| RequestError::Tls("the address has no valid host name".into()))?;
    let connected = connector.connect(name, stream).await;
    let hints = super::tls::Hints {
        untrusted: "the server's certificate is from no authority that this machine trusts",
        not_tls: "the server there does not speak TLS; is it http:// instead of https://?",
    };
    connected.map_err(|error| RequestError::Tls(super::tls::handshake_in_words(&error, &hints)))
}

#[cfg(not(feature = "tls"))]
async fn secure(_: &str, _: TcpStream) -> Result<TcpStream, RequestError> {
    Err(RequestError::Tls("this program was built without the feature `tls`".into()))
}

async fn send(
    stream: impl Read + Write + Unpin,
    url: &Url,
    headers: &[(&str, &str)],
) -> Result<Response, RequestError> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = hyper::Request::get(target).header(HOST, host).header(CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), BODY_MAX).collect().await.map_err(RequestError::Body)?;
        Ok(Response { status, body: body.to_bytes() })
    };
    // An error of the connection also ends the exchange, which reports it.
    let (response, _) = tokio::join!(exchange, connection);
    response
}
