//! One connection to a broker.

use std::sync::Arc;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, QoS, StateError,
};
use tokio::sync::mpsc::UnboundedSender;

use super::messages::{OFFLINE, ONLINE, Topics};
use crate::builder::first_line;
use crate::config::MqttConfig;

/// Messages that wait to be sent. Whoever has more waits.
const QUEUE_LEN: usize = 64;
/// The longest message, in bytes: an account's device has about 2,500, and its name three times.
const MESSAGE_MAX: usize = 64 * 1024;
/// How often the broker is shown that we are there, in seconds. After half as much again without a word it says our last will.
const KEEP_ALIVE: u16 = 30;

/// What a broker said that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BrokerEvent {
    /// It has let us in.
    Connected,
    /// Home Assistant has started, and wants to know everything.
    HomeAssistantStarted,
    /// It keeps a device for the account of that number.
    Device(u32),
}

/// A connection that is made once it is driven.
pub(super) fn open(config: &MqttConfig, topics: &Topics) -> Result<(AsyncClient, EventLoop), String> {
    let mut options = MqttOptions::new(topics.node(), (config.host.as_str(), config.port()));
    options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(MESSAGE_MAX, MESSAGE_MAX);
    options.set_last_will(LastWill::new(topics.status(), OFFLINE, QoS::AtLeastOnce, true));
    let password = match &config.password_file {
        Some(file) => Some(first_line(file)?),
        None => config.password.clone(),
    };
    match (&config.username, password) {
        (Some(name), Some(password)) => drop(options.set_credentials(name, password.reveal().to_owned())),
        (Some(name), None) => drop(options.set_username(name)),
        (None, _) => {}
    }
    if config.tls {
        secure(&mut options, config)?;
    }
    AsyncClient::builder(options).capacity(QUEUE_LEN).try_build().map_err(|error| error.to_string())
}

#[cfg(not(feature = "tls"))]
fn secure(_: &mut MqttOptions, _: &MqttConfig) -> Result<(), String> {
    Err("this program was built without the feature `tls`".into())
}

#[cfg(feature = "tls")]
fn secure(options: &mut MqttOptions, config: &MqttConfig) -> Result<(), String> {
    use tokio_rustls::rustls::pki_types::ServerName;

    use crate::client::tls::{SYSTEM_AUTHORITIES, connector};

    let connector = connector(config.ca_certificate.as_deref().unwrap_or(SYSTEM_AUTHORITIES.as_ref()))?;
    let name = ServerName::try_from(config.host.clone()).map_err(|_| format!("`{}` is no host name", config.host))?;
    options.set_socket_connector(move |address, network| {
        let (connector, name) = (connector.clone(), name.clone());
        async move {
            let stream = rumqttc::default_socket_connect(address, network).await?;
            connector.connect(name, stream).await
        }
    });
    Ok(())
}

/// Drives a connection to its end, and says why it ended.
pub(super) async fn drive(
    mut eventloop: EventLoop,
    topics: Arc<Topics>,
    events: UnboundedSender<BrokerEvent>,
) -> String {
    let home_assistant = topics.home_assistant();
    loop {
        let event = match eventloop.poll().await {
            Ok(Event::Incoming(event)) => event,
            Ok(Event::Outgoing(_)) => continue,
            Err(error) => return reason(&error),
        };
        let heard_now = match event {
            Packet::ConnAck(_) => Some(BrokerEvent::Connected),
            Packet::Publish(message) if message.topic == home_assistant.as_bytes() => {
                (message.payload == ONLINE.as_bytes() && !message.retain).then_some(BrokerEvent::HomeAssistantStarted)
            }
            // An empty one is one that was taken away.
            Packet::Publish(message) if !message.payload.is_empty() => std::str::from_utf8(&message.topic)
                .ok()
                .and_then(|topic| topics.number_of(topic))
                .map(BrokerEvent::Device),
            _ => None,
        };
        if let Some(heard_now) = heard_now {
            // Nobody listens any more once we take our leave.
            let _ = events.send(heard_now);
        }
    }
}

fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => "it refused our username or password".into(),
        ConnectionError::Io(error) => error.to_string(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => "it does not answer".into(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => "it has not answered for half a minute".into(),
        ConnectionError::MqttState(_) => "it has broken off the connection".into(),
        error => error.to_string(),
    }
}
