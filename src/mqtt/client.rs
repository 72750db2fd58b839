//! One connection to an MQTT broker.

use std::io;
use std::sync::Arc;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, QoS, StateError,
};
use tokio::sync::mpsc::UnboundedSender;

use super::messages::{OFFLINE, ONLINE, Topics};
use crate::config::{MqttConfig, read_password_file};
use crate::model::UserId;

/// Messages that may wait to be sent. Publishing one more waits.
const QUEUE_LEN: usize = 64;
/// Longest message, in bytes. A discovery message has about 4,000, and three times the account's name.
const MESSAGE_MAX: usize = 64 * 1024;
/// Longest time without a message to the broker, in seconds. After 1.5 times as long it publishes our last will.
const KEEP_ALIVE: u16 = 30;

/// An event of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BrokerEvent {
    /// The broker accepted the connection.
    Connected,
    /// Home Assistant has started, and expects all messages again.
    HomeAssistantStarted,
    /// The broker retains a discovery message for this account.
    RetainedDevice(UserId),
    /// Our own status came back. Retained statuses of other servers came before it.
    OwnStatus,
    /// Another server publishes to this broker, or did.
    OtherServer,
}

/// Prepares a connection. [`run_event_loop`] opens it.
///
/// # Errors
/// The password file or the CA certificate cannot be used, or the host is no name that TLS can verify.
pub(super) fn prepare(config: &MqttConfig, topics: &Topics) -> Result<(AsyncClient, EventLoop), String> {
    let mut options = MqttOptions::new(topics.node_id(), (config.host.as_str(), config.port_or_default()));
    options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(MESSAGE_MAX, MESSAGE_MAX);
    options.set_last_will(LastWill::new(topics.status(), OFFLINE, QoS::AtLeastOnce, true));
    let password = match &config.password_file {
        Some(file) => Some(read_password_file(file)?),
        None => config.password.clone(),
    };
    match (&config.username, password) {
        (Some(name), Some(password)) => drop(options.set_credentials(name, password.reveal().to_owned())),
        (Some(name), None) => drop(options.set_username(name)),
        (None, _) => {}
    }
    if config.tls {
        enable_tls(&mut options, config)?;
    }
    AsyncClient::builder(options).capacity(QUEUE_LEN).try_build().map_err(|error| error.to_string())
}

#[cfg(not(feature = "tls"))]
fn enable_tls(_: &mut MqttOptions, _: &MqttConfig) -> Result<(), String> {
    Err("this program was built without the feature `tls`".into())
}

#[cfg(feature = "tls")]
fn enable_tls(options: &mut MqttOptions, config: &MqttConfig) -> Result<(), String> {
    use tokio_rustls::rustls::pki_types::ServerName;

    use crate::client::tls::{Hints, SYSTEM_AUTHORITIES, connector, handshake_in_words};

    let authorities = config.ca_certificate.clone().unwrap_or_else(|| SYSTEM_AUTHORITIES.into());
    let connector = connector(&authorities)?;
    let name =
        ServerName::try_from(config.host.clone()).map_err(|_| format!("`{}` is not a host name", config.host))?;
    options.set_socket_connector(move |address, network| {
        let (connector, name, authorities) = (connector.clone(), name.clone(), authorities.clone());
        async move {
            let stream = rumqttc::default_socket_connect(address, network).await?;
            let connected = connector.connect(name, stream).await;
            connected.map_err(|error| {
                let authorities = authorities.display();
                let untrusted =
                    format!("the server's certificate is not in {authorities}, and no authority in it has signed it");
                let not_tls = "the broker does not speak TLS on this port; 8883 is the usual one for TLS";
                io::Error::other(handshake_in_words(&error, &Hints { untrusted: &untrusted, not_tls }))
            })
        }
    });
    Ok(())
}

/// Runs a connection until it ends, and returns the reason.
pub(super) async fn run_event_loop(
    mut event_loop: EventLoop,
    topics: Arc<Topics>,
    events: UnboundedSender<BrokerEvent>,
) -> String {
    let home_assistant = topics.home_assistant_status();
    loop {
        let packet = match event_loop.poll().await {
            Ok(Event::Incoming(packet)) => packet,
            Ok(Event::Outgoing(_)) => continue,
            Err(error) => return reason(&error),
        };
        let event = match packet {
            Packet::ConnAck(_) => Some(BrokerEvent::Connected),
            Packet::Publish(message) if message.topic == home_assistant.as_bytes() => {
                (message.payload == ONLINE.as_bytes() && !message.retain).then_some(BrokerEvent::HomeAssistantStarted)
            }
            // An empty message is a device or a server that was removed.
            Packet::Publish(message) if !message.payload.is_empty() => {
                let topic = std::str::from_utf8(&message.topic).unwrap_or_default();
                match topics.is_own_status(topic) {
                    Some(true) => (!message.retain).then_some(BrokerEvent::OwnStatus),
                    Some(false) => Some(BrokerEvent::OtherServer),
                    None => topics.parse_device(topic).map(BrokerEvent::RetainedDevice),
                }
            }
            _ => None,
        };
        if let Some(event) = event {
            // While disconnecting, events are no longer received.
            let _ = events.send(event);
        }
    }
}

fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) => "the broker refused the username or password".into(),
        ConnectionError::Io(error) => io_in_words(error),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => "the broker does not answer".into(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => "the broker has not answered for 30 s".into(),
        // With TLS 1.3 the broker rejects the client after the handshake.
        ConnectionError::MqttState(error) => match io_cause(error).filter(|error| error.get_ref().is_some()) {
            Some(error) => io_in_words(error),
            None => "the broker closed the connection".into(),
        },
        ConnectionError::ConnectionRefused(ConnectReturnCode::ServiceUnavailable) => {
            "the broker is not available".into()
        }
        ConnectionError::ConnectionRefused(ConnectReturnCode::BadClientId) => "the broker refused the client id".into(),
        // The texts of the library are names of its types.
        ConnectionError::ConnectionRefused(_) => "the broker refused the connection".into(),
        _ => "the broker does not follow the MQTT protocol".into(),
    }
}

fn io_cause(error: &StateError) -> Option<&io::Error> {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.into_iter().find_map(|error| error.downcast_ref())
}

#[cfg(feature = "tls")]
fn io_in_words(error: &io::Error) -> String {
    crate::client::tls::io_in_words(error)
}

#[cfg(not(feature = "tls"))]
fn io_in_words(error: &io::Error) -> String {
    error.to_string()
}
