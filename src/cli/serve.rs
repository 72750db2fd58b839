//! `kosync serve`: binds the sockets, opens the store, and serves until a signal comes.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::addresses::{CertificateNames, Situation};
use super::banner::StartupBanner;
use super::home_assistant::{self, Supervisor, SupervisorNeeds};
use super::settings::{Loaded, Origins, Settings};
use super::sockets::Sockets;
use super::{CommandError, explain, log};
use crate::config::UnknownAddress;
use crate::{Config, Listener, Server};
#[cfg(feature = "mqtt")]
use crate::{MqttConfig, mqtt};

/// How long threads that look up host names may outlast everything else.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(500);
/// Time after which a start says that it waits for the data directory. It usually takes milliseconds.
const SLOW_START: Duration = Duration::from_secs(3);
/// Limit of open files where the system sets none. Each connection is one.
const OPEN_FILES: u64 = 65_536;

pub(super) fn run(settings: Settings) -> Result<(), CommandError> {
    let start = || {
        let Loaded { config, needs, origins } = settings.load_with_origins()?;
        if let Some(missing) = origins.missing_tls_file(&config) {
            bail!("{missing}");
        }
        if needs.is_some() {
            home_assistant::check_files(&config)?;
        }
        log::init(config.log_level)?;
        origins.log_remarks();
        raise_open_file_limit();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok((config, needs, origins, runtime))
    };
    let (config, needs, origins, runtime) = start().map_err(CommandError::Setup)?;
    let outcome = runtime.block_on(serve(config, needs, &origins));
    // A lookup of a host name cannot be cancelled.
    runtime.shutdown_timeout(LOOKUP_TIMEOUT);
    outcome
}

async fn serve(config: Config, needs: Option<SupervisorNeeds>, origins: &Origins) -> Result<(), CommandError> {
    let mut stop = Box::pin(stop_signal().map_err(|error| CommandError::Setup(error.into()))?);
    // From here on it ends nothing any more; during the start it waits.
    let hangup = signal(SignalKind::hangup()).map_err(|error| CommandError::Setup(error.into()))?;
    #[cfg(feature = "mqtt")]
    let (broker, needs_broker) = (config.mqtt.clone(), needs.is_some_and(|needs| needs.broker));
    let sockets = Sockets::bind(&config).map_err(CommandError::Setup)?;
    let building = build_unless_stopped(config.clone(), origins.clone(), &mut stop).await;
    let Some(server) = building.map_err(CommandError::Setup)? else {
        tracing::info!("stopped");
        return Ok(());
    };
    let is_app = needs.is_some();
    let supervisor = Supervisor::of_app(&config, needs);
    let naming_supervisor = supervisor.as_ref().filter(|_| config.address.is_none());
    let unknown = match naming_supervisor {
        Some(_) => Some(UnknownAddress::NotYetTold),
        None => Some(UnknownAddress::NotTold).filter(|_| is_app && config.address.is_none()),
    };
    if let Some(unknown) = unknown {
        server.set_unknown_address(unknown);
    }
    announce(&server, &sockets, &config, unknown, origins).map_err(CommandError::Setup)?;
    let Sockets { protocol, metrics, ingress, .. } = sockets;
    // The sender is dropped when the signal comes, which ends all servers.
    let (stopping, stopped) = tokio::sync::watch::channel(());
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
    // The Supervisor may answer late or never, so it is asked while all sockets are served.
    let naming = name_address(&server, naming_supervisor, &config, until_stopped());
    #[cfg(feature = "mqtt")]
    let publishing = publish(&server, broker, supervisor.as_ref().filter(|_| needs_broker), until_stopped());
    #[cfg(not(feature = "mqtt"))]
    let publishing = std::future::ready(Ok(()));
    let mut serving = std::pin::pin!(async { tokio::try_join!(protocol, metrics, ingress, publishing, naming) });
    let mut reloading = std::pin::pin!(reload_at_signal(&server, hangup));
    let mut stop = std::pin::pin!(stop);
    let ended = loop {
        tokio::select! {
            outcome = &mut serving => break Some(outcome),
            () = &mut stop => break None,
            () = &mut reloading => {}
        }
    };
    let outcome = match ended {
        Some(outcome) => outcome,
        None => serving.await,
    };
    tracing::info!("stopped");
    outcome.map(drop).map_err(|error| CommandError::Run(error.into()))
}

/// Asks the Supervisor for the address to type into KOReader.
async fn name_address(
    server: &Server,
    supervisor: Option<&Supervisor>,
    config: &Config,
    stop: impl Future,
) -> crate::Result<()> {
    let Some(supervisor) = supervisor else { return Ok(()) };
    tokio::select! {
        found = supervisor.find_address(config.tls_certificate.as_deref()) => match found {
            Ok(address) => {
                server.set_address(address.clone());
                tracing::info!(address = address.as_str(), "address for KOReader found");
            }
            Err(unknown) => {
                server.set_unknown_address(unknown);
                tracing::warn!(reason = unknown.reason(), "the address for KOReader is unknown; option: address");
            }
        },
        _ = stop => {}
    }
    Ok(())
}

/// Publishes to the configured broker, else to the one that Home Assistant offers.
#[cfg(feature = "mqtt")]
async fn publish(
    server: &Server,
    configured: Option<MqttConfig>,
    supervisor: Option<&Supervisor>,
    stop: impl Future,
) -> crate::Result<()> {
    match (configured, supervisor) {
        (Some(broker), _) => server.publish(|| async { Ok(broker.clone()) }, stop).await,
        // Asked before each connection, since the password changes whenever Home Assistant restarts its broker.
        (None, Some(supervisor)) => mqtt::publish(&server.state, || supervisor.broker(), stop).await,
        (None, None) => Ok(()),
    }
}

/// Builds the server on its own thread, so that a stop signal ends the start. Another process may hold a lock on the data directory for as
/// long as it likes.
///
/// Returns `None` after a stop signal. The thread then ends with the process.
async fn build_unless_stopped(
    config: Config,
    origins: Origins,
    stop: impl Future<Output = ()>,
) -> Result<Option<Server>> {
    let data_dir = config.data_dir.clone();
    let mut building = tokio::task::spawn_blocking(move || {
        let built = Server::builder().config(config.clone()).build();
        built.map_err(|error| explain::with_origin(error, &origins, &config))
    });
    let mut stop = std::pin::pin!(stop);
    let mut slow = std::pin::pin!(tokio::time::sleep(SLOW_START));
    let mut is_slow = false;
    loop {
        tokio::select! {
            built = &mut building => return Ok(Some(built??)),
            () = &mut stop => return Ok(None),
            () = &mut slow, if !is_slow => {
                is_slow = true;
                let data_dir = data_dir.as_ref().map(|path| tracing::field::display(path.display()));
                tracing::warn!(data_dir, "still opening the data directory: another process may hold a lock on its files");
            }
        }
    }
}

/// Prints the banner, and reports that the server is ready.
fn announce(
    server: &Server,
    sockets: &Sockets,
    config: &Config,
    unknown: Option<UnknownAddress>,
    origins: &Origins,
) -> Result<()> {
    let listeners = sockets.protocol.iter().map(Listener::local_addr).collect::<io::Result<Vec<_>>>()?;
    let names = |candidates: &[IpAddr]| certificate_names(server, config, candidates);
    let banner = StartupBanner {
        address: Situation::new(config.address.clone(), unknown, listeners, sockets.are_inherited, names).reachable(),
        dashboard: config.dashboard,
        closed_by_flag: origins.flag_of("registration").is_some() && !config.registration,
    };
    let registration = server.registration()?;
    // Standard output may be closed; the server works without it.
    let _ = banner.print(server, sockets);
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, data_dir = %server.store().path().display(), registration, "started");
    notify_systemd(NotifyState::Ready);
    if let Some(timeout) = sd_notify::watchdog_enabled() {
        tokio::spawn(run_watchdog(timeout));
    }
    Ok(())
}

/// Returns the certificate's names, and the addresses that it is valid for.
fn certificate_names(server: &Server, config: &Config, candidates: &[IpAddr]) -> Option<CertificateNames> {
    let certificate = config.tls_certificate.as_deref().filter(|_| server.uses_tls())?;
    Some(CertificateNames::read(certificate, candidates))
}

/// Reloads the certificate at each SIGHUP. Never completes.
async fn reload_at_signal(server: &Server, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        if !server.reload_certificate() {
            tracing::info!("SIGHUP ignored: there is no certificate to read again; other settings need a restart");
        }
    }
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
        tracing::info!("stopping, waiting for requests in flight");
    })
}

/// Notifies systemd's watchdog twice per timeout. The watchdog does not watch the disk: while it is full or gone reads still work, and
/// a restart would not help.
async fn run_watchdog(timeout: Duration) {
    let mut ticks = tokio::time::interval(timeout / 2);
    loop {
        ticks.tick().await;
        notify_systemd(NotifyState::Watchdog);
    }
}

/// Notifies systemd, if it started this process. A failure is only logged.
fn notify_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "sd_notify failed");
    }
}

/// Raises the soft limit of open files to the hard one: the usual soft limit is below the number of connections.
fn raise_open_file_limit() {
    // `None` is no limit.
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(OPEN_FILES);
    if current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::warn!(%error, "cannot raise the open-file limit");
    }
}
