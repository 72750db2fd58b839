//! Reads the cookies of a request.

use salvo::Request;
use salvo::http::header::COOKIE;

/// Returns the values of all cookies of a name.
///
/// There may be several: a browser sends a server at `/kosync` the cookie of another one at `/`, too.
pub(super) fn cookie_values<'a>(req: &'a Request, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = req.headers().get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(other, _)| *other == name).map(|(_, value)| value)
}
