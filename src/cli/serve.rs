//! `kosync serve`: bind, open, say where, serve until told to stop.

use std::io;
use std::time::Duration;

#[cfg(feature = "mqtt")]
use crate::MqttConfig;
use crate::{Config, Server};
use anyhow::{Error, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::home_assistant::{self, SupervisorNeeds};
use super::log;
use super::settings::Settings;
use super::sockets::{Sockets, StartupBanner};
#[cfg(feature = "mqtt")]
use super::supervisor::Supervisor;
use super::supervisor::ask_supervisor;

/// How long the threads that look up names may go on once all else has ended.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(500);

pub(super) enum ServeError {
    /// It did not start: a setting, a folder, a port. A person has to mend it.
    Start(Error),
    /// It stopped on its own.
    Run(Error),
}

pub(super) fn run(settings: Settings) -> Result<(), ServeError> {
    let start = || {
        let (config, wishes) = settings.load_for_serving()?;
        if wishes.is_some() {
            home_assistant::check_files(&config)?;
        }
        log::init(config.log_level)?;
        allow_many_files();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok((config, wishes, runtime))
    };
    let (config, wishes, runtime) = start().map_err(ServeError::Start)?;
    let ended = runtime.block_on(serve(config, wishes));
    // A name that is being looked up cannot be told to stop, and nobody waits for it.
    runtime.shutdown_timeout(LOOKUP_TIMEOUT);
    ended
}

async fn serve(config: Config, wishes: Option<SupervisorNeeds>) -> Result<(), ServeError> {
    let mut stop = Box::pin(stop_signal().map_err(|error| ServeError::Start(error.into()))?);
    let (config, supervisor) = tokio::select! {
        asked = ask_supervisor(config, wishes) => asked,
        () = &mut stop => return Ok(()),
    };
    #[cfg(feature = "mqtt")]
    let broker = config.mqtt.clone();
    let (server, Sockets { protocol, metrics, ingress }) = prepare(config).map_err(ServeError::Start)?;
    let (stopping, stopped) = tokio::sync::watch::channel(());
    // Dropped when the signal comes, which all servers wait for.
    let stop = async move {
        stop.await;
        drop(stopping);
    };
    let until_stopped = || {
        let mut stopped = stopped.clone();
        async move { stopped.changed().await }
    };
    let protocol = server.serve(protocol, until_stopped());
    let metrics = server.serve_metrics(metrics, until_stopped());
    let ingress = server.serve_ingress(ingress, until_stopped());
    #[cfg(feature = "mqtt")]
    let telling = publish_to_broker(&server, broker, supervisor, until_stopped());
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
    served.map(drop).map_err(|error| ServeError::Run(error.into()))
}

/// Tells whoever is named what is read, or else the broker that Home Assistant has.
#[cfg(feature = "mqtt")]
async fn publish_to_broker(
    server: &Server,
    named: Option<MqttConfig>,
    supervisor: Option<Supervisor>,
    stop: impl Future,
) -> crate::Result<()> {
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

/// All that can fail, and then word that it has not.
fn prepare(config: Config) -> Result<(Server, Sockets)> {
    let sockets = Sockets::bind(&config)?;
    let greeting = StartupBanner { address: config.address.clone(), dashboard: config.dashboard };
    let server = Server::builder().config(config).build()?;
    let registration = server.registration()?;
    // The terminal may be gone; the server goes on without it.
    let _ = greeting.say(&server, &sockets);
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, data_dir = %server.store().path().display(), registration, "started");
    notify_systemd(NotifyState::Ready);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        tokio::spawn(run_watchdog(patience));
    }
    Ok((server, sockets))
}

fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        notify_systemd(NotifyState::Stopping);
        tracing::info!("stopping: requests in flight may end");
    })
}

/// Tells systemd that we live, twice as often as it asks for. A disk that is full or gone is none of its business: reads go on, and
/// another start would mend nothing.
async fn run_watchdog(patience: Duration) {
    let mut ticks = tokio::time::interval(patience / 2);
    loop {
        ticks.tick().await;
        notify_systemd(NotifyState::Watchdog);
    }
}

/// Only whoever started us under systemd wants to know; nobody fails over it.
fn notify_systemd(state: NotifyState<'_>) {
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
