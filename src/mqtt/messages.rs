//! Topics and messages, as Home Assistant's MQTT discovery takes them: one message per account makes its device and entities.

use serde::Serialize;
use serde_json::{Value, json};

use super::state::Reading;
use crate::config::MqttConfig;

/// What the status topic says.
pub(super) const ONLINE: &str = "online";
pub(super) const OFFLINE: &str = "offline";

/// The topics of this server, among others of the same broker.
pub(super) struct Topics {
    discovery: String,
    prefix: String,
    /// Tells servers that share a broker from each other.
    node: String,
}

impl Topics {
    pub(super) fn new(config: &MqttConfig, instance: u64) -> Self {
        let node = format!("kosync_{instance:016x}");
        let prefix = format!("{}/{instance:016x}", config.topic_prefix.as_str());
        Self { discovery: config.discovery_prefix.as_str().to_owned(), prefix, node }
    }

    /// Also the name that we log in as a client with.
    pub(super) fn node(&self) -> &str {
        &self.node
    }

    /// Whether we are there: retained, and our last will.
    pub(super) fn status(&self) -> String {
        format!("{}/status", self.prefix)
    }

    /// Where Home Assistant says that it has started.
    pub(super) fn home_assistant(&self) -> String {
        format!("{}/status", self.discovery)
    }

    /// What makes an account's device: retained.
    pub(super) fn device(&self, number: u32) -> String {
        format!("{}/device/{}/{number}/config", self.discovery, self.node)
    }

    /// All devices of this server.
    pub(super) fn devices(&self) -> String {
        format!("{}/device/{}/+/config", self.discovery, self.node)
    }

    /// The account of a device's topic.
    pub(super) fn number_of(&self, device: &str) -> Option<u32> {
        let start = format!("{}/device/{}/", self.discovery, self.node);
        device.strip_prefix(&start)?.strip_suffix("/config")?.parse().ok()
    }

    /// Where an account's reading stands: retained.
    pub(super) fn state(&self, number: u32) -> String {
        format!("{}/{number}/state", self.prefix)
    }

    /// What happens in an account's reading: not retained, since it has on_event.
    pub(super) fn event(&self, number: u32) -> String {
        format!("{}/{number}/event", self.prefix)
    }

    /// The message that makes an account's device.
    pub(super) fn discovery_message(&self, number: u32, name: &str, address: Option<&str>) -> Value {
        let id = format!("{}_{number}", self.node);
        let entity = |key: &str, platform: &str, name: &str, icon: &str, more: Value| {
            let mut entity = json!({
                "platform": platform, "unique_id": format!("{id}_{key}"), "name": name, "icon": icon,
            });
            merge(&mut entity, more);
            entity
        };
        let sensor = |key: &str, name: &str, icon: &str, more: Value| {
            let mut sensor = json!({ "value_template": format!("{{{{ value_json.{key} }}}}") });
            merge(&mut sensor, more);
            entity(key, "sensor", name, icon, sensor)
        };
        let mut device = json!({
            "identifiers": [id], "name": format!("kosync {name}"), "manufacturer": "kosync", "model": "Reading account",
            "sw_version": env!("CARGO_PKG_VERSION"),
        });
        if let Some(address) = address {
            merge(&mut device, json!({ "configuration_url": address }));
        }
        let attributes = json!({
            "json_attributes_topic": self.state(number),
            "json_attributes_template": "{{ {'authors': value_json.authors, 'document': value_json.document} | tojson }}",
        });
        json!({
            "device": device,
            "origin": { "name": "kosync", "sw_version": env!("CARGO_PKG_VERSION") },
            "availability_topic": self.status(),
            "state_topic": self.state(number),
            "qos": 1,
            "components": {
                "book": sensor("book", "Book", "mdi:book-open-page-variant", attributes),
                "percentage": sensor("percentage", "Progress", "mdi:progress-check", json!({
                    "unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0,
                })),
                "device": sensor("device", "Device", "mdi:tablet", json!({})),
                "last_sync": sensor("last_sync", "Last sync", "mdi:sync", json!({ "device_class": "timestamp" })),
                "reading": entity("reading", "event", "Reading", "mdi:bookmark-check", json!({
                    "state_topic": self.event(number), "event_types": ReadingEvent::ALL.map(ReadingEvent::as_str),
                })),
            },
        })
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// What can happen in an account's reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadingEvent {
    Progress,
    Started,
    Finished,
}

impl ReadingEvent {
    const ALL: [Self; 3] = [Self::Progress, Self::Started, Self::Finished];

    fn as_str(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Started => "book started",
            Self::Finished => "book finished",
        }
    }

    /// The message of it.
    pub(super) fn message(self, reading: &Reading) -> Vec<u8> {
        #[derive(Serialize)]
        struct Message<'a> {
            event_type: &'static str,
            #[serde(flatten)]
            reading: &'a Reading,
        }
        to_bytes(&Message { event_type: self.as_str(), reading })
    }
}

pub(super) fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    #[allow(clippy::expect_used)]
    serde_json::to_vec(message).expect("our own messages have string keys and no failing types")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_a_topic() {
        let topics = Topics::new(&MqttConfig::default(), 255);
        assert_eq!(topics.device(7), "homeassistant/device/kosync_00000000000000ff/7/config");
        assert_eq!(topics.number_of(&topics.device(7)), Some(7));
        for other in ["homeassistant/device/kosync_00000000000000fe/7/config", &topics.device(7)[1..], &topics.state(7)]
        {
            assert_eq!(topics.number_of(other), None, "{other}");
        }
    }
}
