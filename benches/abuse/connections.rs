//! Connections that are held open: idle, half a head, half a body, or kept alive with a small request every 5 s.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::client;
use crate::keep_alive::exchange;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

/// More than the 4,096 that the server takes by default.
const CONNECTIONS: usize = 4200;
/// Addresses of the attack. One private address may hold half of all connections.
const ADDRESSES: u8 = 8;
const TIME: Duration = Duration::from_secs(12);
/// Longest wait for the connections to be open.
const AHEAD: Duration = Duration::from_secs(15);
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Pause before a connection that was closed is opened again.
const PAUSE: Duration = Duration::from_secs(1);
const SMALL_REQUEST: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n";
/// An address that is neither the proxy's nor the attack's.
const DIRECT: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1));

/// Numbers of connections that the attack has open, and that were closed by the server.
#[derive(Default)]
struct Count {
    open: Cell<usize>,
    closed: Cell<usize>,
}

pub fn run() {
    for is_attacked in [false, true] {
        let dir = server::directory();
        let server = Server::start(dir.path());
        server.report(is_attacked, measure(&server, if is_attacked { CONNECTIONS } else { 0 }));
    }
}

async fn measure(server: &Server, connections: usize) {
    let address = server.address;
    assert_eq!(client::send(address, &client::register("192.0.2.1", "victim")).await.0, 201);
    let push = client::push("192.0.2.1", "victim", "book");
    for source in [address.ip(), DIRECT] {
        assert_eq!(client::send_from(source, address, &push).await.0, 200);
    }
    let (mut attackers, count) = (Attackers::default(), Rc::new(Count::default()));
    for number in 0..connections {
        attackers.start(hold(number, address, count.clone()));
    }
    let all_open = async {
        while count.open.get() + count.closed.get() < connections {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let _ = tokio::time::timeout(AHEAD, all_open).await;
    let opened = count.open.get();
    let mut victims = Victims::new(address);
    victims.start("pushes through the proxy, 127.0.0.1", push.clone());
    victims.start_from("pushes of 127.0.1.1", DIRECT, push);
    tokio::time::sleep(TIME).await;
    victims.finish().await;
    if connections > 0 {
        println!(
            "\nConnections of the attack: {opened} open at the start, {} at the end, {} closed by the server.",
            count.open.get(),
            count.closed.get()
        );
    }
}

/// Holds a connection open in one of the four ways. Opens it again when the server closes it.
async fn hold(number: usize, address: SocketAddr, count: Rc<Count>) {
    let source = Ipv4Addr::new(127, 0, 0, 2 + (number % usize::from(ADDRESSES)) as u8);
    let way = number / usize::from(ADDRESSES) % 4;
    // Not all at once, so that the queue of the listener is not what is measured.
    tokio::time::sleep(Duration::from_millis(number as u64)).await;
    loop {
        if let Ok(stream) = client::connect(source.into(), address).await {
            count.open.set(count.open.get() + 1);
            wait_for_end(way, stream).await;
            count.open.set(count.open.get() - 1);
            count.closed.set(count.closed.get() + 1);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn wait_for_end(way: usize, mut stream: TcpStream) -> Option<()> {
    let registration = client::register("192.0.2.2", "nobody");
    let sent: &[u8] = match way {
        0 => b"",
        1 => &registration[..20],
        2 => &registration[..registration.len() - 10],
        _ => {
            let mut stream = BufReader::new(stream);
            loop {
                exchange(&mut stream, SMALL_REQUEST).await?;
                // A request on a connection that was closed meanwhile ends this as well.
                tokio::time::sleep(KEEP_ALIVE).await;
            }
        }
    };
    stream.write_all(sent).await.ok()?;
    // Whatever the server still sends, such as a 408, before it closes.
    stream.read_to_end(&mut Vec::new()).await.ok().map(drop)
}
