//! `kosync serve`: bind, open, say where, serve until told to stop.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow};
#[cfg(feature = "mqtt")]
use kosync::MqttConfig;
use kosync::{Config, ListenAddr, Listener, Server};
use listenfd::ListenFd;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};

use super::settings::Settings;
use super::supervisor::Supervisor;
use super::{addresses, log};

pub(super) enum Failure {
    /// It did not start: a setting, a folder, a port. A person has to mend it.
    Start(Error),
    /// It stopped on its own.
    Run(Error),
}

pub(super) fn run(settings: Settings) -> Result<(), Failure> {
    let start = || {
        let (config, wishes) = settings.load_for_serving()?;
        log::init(config.log_level)?;
        allow_many_files();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok((config, wishes, runtime))
    };
    let (mut config, wishes, runtime) = start().map_err(Failure::Start)?;
    runtime.block_on(async {
        let supervisor = match wishes {
            Some(_) => ask_supervisor(&mut config).await,
            None => None,
        };
        #[cfg(feature = "mqtt")]
        let (named, supervisor) =
            (config.mqtt.clone(), supervisor.filter(|_| wishes.is_some_and(|wishes| wishes.broker)));
        let Prepared { server, listeners, metrics, ingress, stop } = prepare(config).map_err(Failure::Start)?;
        let (stopping, stopped) = tokio::sync::watch::channel(());
        // Dropped when the signal comes, which both servers wait for.
        let stop = async move {
            stop.await;
            drop(stopping);
        };
        let until_stopped = || {
            let mut stopped = stopped.clone();
            async move { stopped.changed().await }
        };
        let protocol = server.serve(listeners, until_stopped());
        // Where there are no listeners there is nothing to serve, and so nothing to wait for.
        let metrics =
            async { if metrics.is_empty() { Ok(()) } else { server.serve_metrics(metrics, until_stopped()).await } };
        let ingress =
            async { if ingress.is_empty() { Ok(()) } else { server.serve_ingress(ingress, until_stopped()).await } };
        #[cfg(feature = "mqtt")]
        let telling = tell_broker(&server, named, supervisor, until_stopped());
        #[cfg(not(feature = "mqtt"))]
        let telling = {
            drop(supervisor);
            std::future::ready(Ok(()))
        };
        let mut serving = std::pin::pin!(async { tokio::try_join!(protocol, metrics, ingress, telling) });
        let ended = tokio::select! {
            served = &mut serving => Some(served),
            () = stop => None,
        };
        let served = match ended {
            Some(served) => served,
            None => serving.await,
        };
        tracing::info!("stopped");
        served.map(drop).map_err(|error| Failure::Run(error.into()))
    })
}

/// Asks what a person would otherwise have to find out. Everything works without it.
async fn ask_supervisor(config: &mut Config) -> Option<Supervisor> {
    let supervisor = match Supervisor::ours() {
        Ok(supervisor) => supervisor,
        Err(error) => {
            tracing::warn!(reason = %format!("{error:#}"), "Home Assistant is not asked for its address and its broker");
            return None;
        }
    };
    if config.address.is_none() {
        let scheme = if config.tls_certificate.is_some() { "https" } else { "http" };
        match supervisor.address(scheme, kosync::PORT).await {
            Ok(address) => config.address = Some(address),
            Err(error) => {
                tracing::warn!(reason = %format!("{error:#}"), "the address for KOReader is not known for sure")
            }
        }
    }
    Some(supervisor)
}

/// Tells whoever is named what is read, or else the broker that Home Assistant has.
#[cfg(feature = "mqtt")]
async fn tell_broker(
    server: &Server,
    named: Option<MqttConfig>,
    supervisor: Option<Supervisor>,
    stop: impl Future,
) -> kosync::Result<()> {
    match (named, supervisor) {
        (Some(broker), _) => server.publish(|| async { Ok(broker.clone()) }, stop).await,
        // Asked each time: its password changes when the broker is started anew.
        (None, Some(supervisor)) => {
            let ask = || async { supervisor.broker().await.map_err(|error| format!("{error:#}")) };
            server.publish(ask, stop).await
        }
        (None, None) => Ok(()),
    }
}

struct Prepared<S> {
    server: Server,
    listeners: Vec<Listener>,
    /// The listeners for metrics alone.
    metrics: Vec<Listener>,
    /// The listeners for Home Assistant's ingress.
    ingress: Vec<Listener>,
    /// Completes when we are told to stop.
    stop: S,
}

/// All that can fail, and then word that it has not.
fn prepare(config: Config) -> Result<Prepared<impl Future>> {
    let bind = |addresses: &[ListenAddr]| addresses.iter().map(Listener::bind).collect::<kosync::Result<Vec<_>>>();
    let listeners = match inherited()? {
        inherited if !inherited.is_empty() => inherited,
        _ => bind(&config.listen)?,
    };
    let metrics = bind(&config.metrics_listen)?;
    let ingress = bind(&config.ingress_listen)?;
    let stop = stop_signal()?;
    let dashboard = config.dashboard;
    let server = Server::builder().config(config).build()?;
    let registration = server.registration()?;
    // The terminal may be gone; the server goes on without it.
    let _ = greet(&server, &listeners, &metrics, &ingress, dashboard);
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, data_dir = %server.store().path().display(), registration, "started");
    tell_systemd(NotifyState::Ready);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        tokio::spawn(watch(server.clone(), patience));
    }
    Ok(Prepared { server, listeners, metrics, ingress, stop })
}

fn greet(
    server: &Server,
    listeners: &[Listener],
    metrics: &[Listener],
    ingress: &[Listener],
    dashboard: bool,
) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "kosync {}. In KOReader, the custom sync server is:", env!("CARGO_PKG_VERSION"))?;
    for listener in listeners {
        for address in addresses::reachable(&listener.local_addr()?, server.speaks_tls()) {
            writeln!(out, "    {address}")?;
        }
    }
    if dashboard {
        writeln!(out, "Open the same address in a browser to see what you read.")?;
    }
    for listener in metrics {
        for address in addresses::reachable(&listener.local_addr()?, false) {
            writeln!(out, "Metrics: {address}/metrics")?;
        }
    }
    for listener in ingress {
        writeln!(out, "Home Assistant's ingress: {}", listener.local_addr()?)?;
    }
    let registration = if server.registration()? { "open" } else { "closed" };
    writeln!(out, "Data folder: {}. Registration: {registration}.", server.store().path().display())?;
    Ok(out.flush()?)
}

/// The sockets that systemd has bound for us. Then it is systemd's configuration that says where, not ours.
fn inherited() -> Result<Vec<Listener>> {
    let mut sockets = ListenFd::from_env();
    (0..sockets.len())
        .map(|index| {
            take(&mut sockets, index).with_context(|| format!("LISTEN_FDS: socket {} cannot be used", index + 3))
        })
        .collect()
}

fn take(sockets: &mut ListenFd, index: usize) -> Result<Listener> {
    if let Ok(Some(socket)) = sockets.take_tcp_listener(index) {
        socket.set_nonblocking(true)?;
        return Ok(TcpListener::from_std(socket)?.into());
    }
    let socket = sockets.take_unix_listener(index)?.ok_or_else(|| anyhow!("it was taken before"))?;
    socket.set_nonblocking(true)?;
    Ok(UnixListener::from_std(socket)?.into())
}

fn stop_signal() -> io::Result<impl Future> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tell_systemd(NotifyState::Stopping);
        tracing::info!("stopping: requests in flight may end");
    })
}

/// Tells systemd that all is well, twice as often as it asks for. When the store has given up it is not told, and starts us anew.
async fn watch(server: Server, patience: Duration) {
    let mut ticks = tokio::time::interval(patience / 2);
    loop {
        ticks.tick().await;
        match server.store().check() {
            Ok(()) => tell_systemd(NotifyState::Watchdog),
            Err(error) => {
                tracing::error!(%error, "the store cannot be read; systemd's watchdog is not told that all is well")
            }
        }
    }
}

/// Only whoever started us under systemd wants to know; nobody fails over it.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told");
    }
}

/// Each connection is an open file, and the usual limit is as low as the number of connections we take.
fn allow_many_files() {
    let raise = || {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let wanted = hard.min(65_536);
        if soft < wanted { setrlimit(Resource::RLIMIT_NOFILE, wanted, hard) } else { Ok(()) }
    };
    if let Err(error) = raise() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
