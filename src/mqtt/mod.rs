//! Publishes reading progress over MQTT. Its messages let Home Assistant discover devices and sensors.
//!
//! It subscribes to the store's events and reads the store. Publishing never delays a sync, also where the broker is slow or
//! unreachable.

mod account;
mod client;
mod error;
mod load_queue;
mod messages;
mod publisher;
mod state;

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::client::{BrokerEvent, prepare, run_event_loop};
use self::messages::Topics;
use self::publisher::Publisher;
use crate::config::MqttConfig;
use crate::error::Result;
use crate::state::{AppState, MqttStatus};

/// Delay before the first attempt to reconnect. It doubles with each attempt.
const MIN_RECONNECT_DELAY: Duration = Duration::from_secs(1);
/// Longest delay between attempts to reconnect.
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(30);
/// How long the broker may take to acknowledge our disconnect.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a program has no broker to name.
pub(crate) enum NoBroker {
    /// None is set up, which is no fault. The text says how to get one.
    #[cfg(feature = "cli")]
    NotSetUp(String),
    /// It is not known which.
    Unknown(String),
}

/// Why a connection ended, or could not begin.
struct Interruption {
    reason: String,
    is_fault: bool,
}

impl From<String> for Interruption {
    fn from(reason: String) -> Self {
        Self { reason, is_fault: true }
    }
}

impl From<NoBroker> for Interruption {
    fn from(error: NoBroker) -> Self {
        match error {
            #[cfg(feature = "cli")]
            NoBroker::NotSetUp(reason) => Self { reason, is_fault: false },
            NoBroker::Unknown(reason) => reason.into(),
        }
    }
}

/// Publishes to a broker until `shutdown` completes. `broker` is called before each connection and names the broker.
pub(crate) async fn publish<F, B>(app: &AppState, broker: F, shutdown: impl Future) -> Result<()>
where
    F: Fn() -> B,
    B: Future<Output = Result<MqttConfig, NoBroker>>,
{
    let mut shutdown = pin!(shutdown);
    let mut delay = MIN_RECONNECT_DELAY;
    // The same reason is logged once, not with each attempt.
    let mut logged_reason = String::new();
    loop {
        let start = Instant::now();
        let Err(Interruption { reason, is_fault }) = run_connection(app, &broker, shutdown.as_mut()).await else {
            return Ok(());
        };
        // A broker that accepts connections and closes them at once is not back.
        if start.elapsed() > MAX_RECONNECT_DELAY {
            logged_reason.clear();
            delay = MIN_RECONNECT_DELAY;
        }
        let disconnected = MqttStatus::Disconnected { reason: reason.clone(), since: app.store.now() };
        let was_disconnected =
            |status| matches!(status, MqttStatus::Disconnected { reason: before, .. } if before == reason);
        if !was_disconnected(app.mqtt_status()) {
            app.set_mqtt_status(disconnected);
        }
        if reason != logged_reason {
            match is_fault {
                true => tracing::warn!(%reason, "MQTT broker unavailable, retrying; repeats suppressed"),
                false => tracing::info!(%reason, "no MQTT broker, so no sensors; looking for one; repeats suppressed"),
            }
            logged_reason = reason;
        }
        tokio::select! {
            _ = &mut shutdown => return Ok(()),
            () = tokio::time::sleep(delay) => {}
        }
        delay = (delay * 2).min(MAX_RECONNECT_DELAY);
    }
}

/// Runs one connection to its end: `Ok` if `shutdown` ended it, else the reason.
async fn run_connection<F, B>(
    app: &AppState,
    broker: &F,
    mut shutdown: Pin<&mut impl Future>,
) -> Result<(), Interruption>
where
    F: Fn() -> B,
    B: Future<Output = Result<MqttConfig, NoBroker>>,
{
    let prepared = async {
        let config = broker().await?;
        let instance = app.store.instance_id().await.map_err(|error| error.to_string())?;
        let topics = Arc::new(Topics::new(&config, instance));
        Ok::<_, Interruption>((prepare(&config, &topics)?, topics, config))
    };
    let ((client, event_loop), topics, config) = tokio::select! {
        prepared = prepared => prepared?,
        _ = &mut shutdown => return Ok(()),
    };
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let mut connection = pin!(run_event_loop(event_loop, topics.clone(), sender));
    // The broker acknowledges the connection first, however long that takes.
    tokio::select! {
        reason = &mut connection => return Err(reason.into()),
        _ = &mut shutdown => return Ok(()),
        first = events.recv() => debug_assert_eq!(first, Some(BrokerEvent::Connected)),
    }
    let broker = format!("{}:{}", config.host, config.port_or_default());
    app.set_mqtt_status(MqttStatus::Connected { broker, since: app.store.now() });
    tracing::info!(host = config.host, port = config.port_or_default(), "MQTT broker connected");
    let mut publisher = Publisher::new(app, client, topics);
    tokio::select! {
        reason = &mut connection => return Err(reason.into()),
        reason = publisher.run(events) => return Err(reason.into()),
        // Also while the publisher waits for a broker that accepts no more messages.
        _ = &mut shutdown => {}
    }
    let disconnect = async {
        tokio::select! {
            () = publisher.go_offline() => {}
            _ = &mut connection => return,
        }
        connection.await;
    };
    // If this takes too long, the broker publishes our last will, which says the same.
    let _ = tokio::time::timeout(DISCONNECT_TIMEOUT, disconnect).await;
    Ok(())
}

#[cfg(test)]
mod tests;
