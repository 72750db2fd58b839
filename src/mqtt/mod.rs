//! What is read, told to an MQTT broker: for Home Assistant, which makes devices with sensors of it, and for whoever else listens.
//!
//! It listens to the store's events and reads; nothing waits for it. A broker that is away or slow costs a sync nothing.

mod client;
mod messages;
mod publisher;
mod state;

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::client::{BrokerEvent, drive, open};
use self::messages::Topics;
use self::publisher::Publisher;
use crate::config::MqttConfig;
use crate::error::Result;
use crate::state::AppState;

/// How long to wait before a broker that was lost is looked for again: at first, and at most.
const MIN_RECONNECT_DELAY: Duration = Duration::from_secs(1);
const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(30);
/// How long the broker may take to hear that we go.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Tells a broker until `shutdown` completes. `broker` is asked before each connection.
pub(crate) async fn publish<F, B>(state: &AppState, broker: F, shutdown: impl Future) -> Result<()>
where
    F: Fn() -> B,
    B: Future<Output = Result<MqttConfig, String>>,
{
    let mut shutdown = pin!(shutdown);
    let mut wait = MIN_RECONNECT_DELAY;
    // PublishResult once, and again when it is another or has been mended in between: not every half minute.
    let mut complaint = String::new();
    loop {
        let start = Instant::now();
        let Err(reason) = session(state, &broker, shutdown.as_mut()).await else { return Ok(()) };
        // One that lets us in and hangs up at once is not back.
        if start.elapsed() > MAX_RECONNECT_DELAY {
            complaint.clear();
            wait = MIN_RECONNECT_DELAY;
        }
        if reason != complaint {
            tracing::warn!(%reason, "no MQTT broker; it is looked for until there is one");
            complaint = reason;
        }
        tokio::select! {
            _ = &mut shutdown => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(MAX_RECONNECT_DELAY);
    }
}

/// One connection, to its end: `Ok` where `shutdown` ended it, else why it ended.
async fn session<F, B>(state: &AppState, broker: &F, mut shutdown: Pin<&mut impl Future>) -> Result<(), String>
where
    F: Fn() -> B,
    B: Future<Output = Result<MqttConfig, String>>,
{
    let prepared = async {
        let config = broker().await?;
        let instance = state.store.instance_id().await.map_err(|error| error.to_string())?;
        let topics = Arc::new(Topics::new(&config, instance));
        Ok::<_, String>((open(&config, &topics)?, topics, config))
    };
    let ((client, eventloop), topics, config) = tokio::select! {
        prepared = prepared => prepared?,
        _ = &mut shutdown => return Ok(()),
    };
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let mut drive = pin!(drive(eventloop, topics.clone(), sender));
    // The broker's own word comes first, and may be long in coming.
    tokio::select! {
        reason = &mut drive => return Err(reason),
        _ = &mut shutdown => return Ok(()),
        first = events.recv() => debug_assert_eq!(first, Some(BrokerEvent::Connected)),
    }
    tracing::info!(host = config.host, port = config.port(), "the MQTT broker is told what is read");
    let mut teller = Publisher::new(state, client, topics);
    tokio::select! {
        reason = &mut drive => return Err(reason),
        failure = teller.run(events) => return Err(failure),
        // Also where the broker takes nothing any more, and the teller waits for it.
        _ = &mut shutdown => {}
    }
    let farewell = async {
        tokio::select! {
            () = teller.go_offline() => {}
            _ = &mut drive => return,
        }
        drive.await;
    };
    // Whoever is not told in time is told by our last will.
    let _ = tokio::time::timeout(DISCONNECT_TIMEOUT, farewell).await;
    Ok(())
}
