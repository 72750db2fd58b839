//! Topics and messages, in the format of Home Assistant's MQTT discovery.
//!
//! One discovery message per account creates its device, with all sensors and the event entity.

use serde::Serialize;
use serde_json::{Value, json};

use super::state::State;
use crate::config::MqttConfig;
use crate::model::UserId;
use crate::text::Texts;

/// Payload of the status topic while this server is connected.
pub(super) const ONLINE: &str = "online";
/// Payload of the status topic when this server is gone.
pub(super) const OFFLINE: &str = "offline";

/// The topics of this server.
pub(super) struct Topics {
    discovery: String,
    /// What the topics of all servers begin with.
    shared_prefix: String,
    prefix: String,
    /// Unique among the servers that share a broker.
    node_id: String,
}

impl Topics {
    pub(super) fn new(config: &MqttConfig, instance: u64) -> Self {
        let node_id = format!("kosync_{instance:016x}");
        let prefix = format!("{}/{instance:016x}", config.topic_prefix.as_str());
        let (discovery, shared_prefix) = (config.discovery_prefix.as_str(), config.topic_prefix.as_str());
        Self { discovery: discovery.to_owned(), shared_prefix: shared_prefix.to_owned(), prefix, node_id }
    }

    /// Returns the node id of the discovery topics, which is also the MQTT client id.
    pub(super) fn node_id(&self) -> &str {
        &self.node_id
    }

    /// Returns the topic that says whether this server is connected. Retained, and the topic of our last will.
    pub(super) fn status(&self) -> String {
        format!("{}/status", self.prefix)
    }

    /// Returns the filter that matches the statuses of all servers.
    pub(super) fn all_statuses(&self) -> String {
        format!("{}/+/status", self.shared_prefix)
    }

    /// Returns whether a status is our own. Returns `None` if the topic is not that of a server's status.
    pub(super) fn is_own_status(&self, topic: &str) -> Option<bool> {
        let server = topic.strip_prefix(&self.shared_prefix)?.strip_prefix('/')?.strip_suffix("/status")?;
        let is_instance = server.len() == 16 && server.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_instance.then(|| topic == self.status())
    }

    /// Returns the name of an account's device. Where other servers publish to the same broker, it says which server's it is.
    pub(super) fn device_name(&self, account: &str, has_others: bool) -> String {
        let tag = if has_others { format!(" {}", &self.node_id[self.node_id.len() - 4..]) } else { String::new() };
        format!("kosync {account}{tag}")
    }

    /// Returns the topic on which Home Assistant announces that it has started.
    pub(super) fn home_assistant_status(&self) -> String {
        format!("{}/status", self.discovery)
    }

    /// Returns the topic of an account's discovery message. Retained.
    pub(super) fn device(&self, user: UserId) -> String {
        format!("{}/device/{}/{}/config", self.discovery, self.node_id, user.get())
    }

    /// Returns the filter that matches the discovery messages of all accounts.
    pub(super) fn all_devices(&self) -> String {
        format!("{}/device/{}/+/config", self.discovery, self.node_id)
    }

    /// Returns the account that a topic of [`Topics::device`] belongs to.
    pub(super) fn parse_device(&self, topic: &str) -> Option<UserId> {
        let start = format!("{}/device/{}/", self.discovery, self.node_id);
        topic.strip_prefix(&start)?.strip_suffix("/config")?.parse().ok().map(UserId)
    }

    /// Returns the topic of an account's [`State`]. Retained.
    pub(super) fn state(&self, user: UserId) -> String {
        format!("{}/{}/state", self.prefix, user.get())
    }

    /// Returns the topic of an account's [`ReadingEvent`]s. Not retained: a subscriber must not get past events.
    pub(super) fn event(&self, user: UserId) -> String {
        format!("{}/{}/event", self.prefix, user.get())
    }

    /// Returns the message that creates an account's device and entities, named by `texts`.
    ///
    /// The entities of reading times are there where these are known.
    pub(super) fn discovery_message(
        &self,
        user: UserId,
        name: &str,
        address: Option<&str>,
        has_reading: bool,
        texts: Texts,
    ) -> Value {
        let id = format!("{}_{}", self.node_id, user.get());
        let text = |id| texts.msg(id).to_string();
        let entity = |key: &str, platform: &str, name, icon: &str, more: Value| {
            let mut entity = json!({
                "platform": platform, "unique_id": format!("{id}_{key}"), "name": text(name), "icon": icon,
            });
            merge(&mut entity, more);
            entity
        };
        let sensor = |key: &str, name, icon: &str, more: Value| {
            let mut sensor = json!({ "value_template": format!("{{{{ value_json.{key} }}}}") });
            merge(&mut sensor, more);
            entity(key, "sensor", name, icon, sensor)
        };
        let count = |key: &str, name, icon: &str, unit: String| {
            sensor(key, name, icon, json!({ "unit_of_measurement": unit, "state_class": "measurement" }))
        };
        let mut device = json!({
            "identifiers": [id], "name": name, "manufacturer": "kosync", "model": text("mqtt-model"),
            "sw_version": env!("CARGO_PKG_VERSION"),
        });
        if let Some(address) = address {
            merge(&mut device, json!({ "configuration_url": address }));
        }
        let attributes = json!({
            "json_attributes_topic": self.state(user),
            "json_attributes_template": "{{ {'authors': value_json.authors, 'document': value_json.document} | tojson }}",
        });
        let mut message = json!({
            "device": device,
            "origin": {
                "name": "kosync", "sw_version": env!("CARGO_PKG_VERSION"), "support_url": env!("CARGO_PKG_REPOSITORY"),
            },
            "availability_topic": self.status(),
            "state_topic": self.state(user),
            "qos": 1,
            "components": {
                "book": sensor("book", "mqtt-book", "mdi:book-open-page-variant", attributes),
                "percentage": sensor("percentage", "mqtt-percentage", "mdi:progress-check", json!({
                    "unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0,
                })),
                "device": sensor("device", "mqtt-device", "mdi:tablet", json!({})),
                "last_sync": sensor("last_sync", "mqtt-last-sync", "mdi:sync", json!({ "device_class": "timestamp" })),
                "finished_this_year": count(
                    "finished_this_year", "mqtt-finished-this-year", "mdi:book-check", text("mqtt-unit-books"),
                ),
                "in_progress": count("in_progress", "mqtt-in-progress", "mdi:bookshelf", text("mqtt-unit-books")),
                "days_in_a_row": count(
                    "days_in_a_row", "mqtt-days-in-a-row", "mdi:calendar-check", text("mqtt-unit-days"),
                ),
                "reading_now": entity("reading_now", "binary_sensor", "mqtt-reading-now", "mdi:book-clock", json!({
                    "value_template": "{{ 'ON' if value_json.reading else 'OFF' }}",
                })),
                "reading": entity("reading", "event", "mqtt-reading", "mdi:bookmark-check", json!({
                    "state_topic": self.event(user), "event_types": ReadingEvent::ALL.map(ReadingEvent::as_str),
                })),
            },
        });
        if has_reading {
            let more = json!({
                "minutes_today": count("minutes_today", "mqtt-minutes-today", "mdi:timer-outline", "min".to_owned()),
                "pages_today": count("pages_today", "mqtt-pages-today", "mdi:book-open-outline", text("mqtt-unit-pages")),
            });
            merge(&mut message["components"], more);
        }
        message
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// An event of an account's event entity.
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
            Self::Started => "book_started",
            Self::Finished => "book_finished",
        }
    }

    /// Returns the event's message: its type, and the state after it.
    pub(super) fn message(self, state: &State<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Message<'a> {
            event_type: &'static str,
            #[serde(flatten)]
            state: &'a State<'a>,
        }
        to_bytes(&Message { event_type: self.as_str(), state })
    }
}

pub(super) fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    #[allow(clippy::expect_used)]
    serde_json::to_vec(message).expect("messages have string keys and infallible types")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_device_topic_names_the_account() {
        let topics = Topics::new(&MqttConfig::default(), 255);
        assert_eq!(topics.device(UserId(7)), "homeassistant/device/kosync_00000000000000ff/7/config");
        assert_eq!(topics.parse_device(&topics.device(UserId(7))), Some(UserId(7)));
        for other in [
            "homeassistant/device/kosync_00000000000000fe/7/config",
            &topics.device(UserId(7))[1..],
            &topics.state(UserId(7)),
        ] {
            assert_eq!(topics.parse_device(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_in_the_server_s_language_and_ids_and_topics_are_not() {
        let topics = Topics::new(&MqttConfig::default(), 255);
        let message = |language| topics.discovery_message(UserId(7), "kosync ada", None, true, Texts::of(language));
        let (english, german) = (message(Language::English), message(Language::German));
        assert_eq!(english["components"]["book"]["name"], "Book");
        assert_eq!(german["components"]["finished_this_year"]["name"], "Dieses Jahr beendet");
        assert_eq!(german["components"]["pages_today"]["unit_of_measurement"], "Seiten");
        // Whatever is not for people's eyes is the same.
        let for_programs = |mut message: Value| {
            message["device"]["model"] = Value::Null;
            for component in message["components"].as_object_mut().expect("entities").values_mut() {
                component["name"] = Value::Null;
                if component["unit_of_measurement"] != "%" && component["unit_of_measurement"] != "min" {
                    component["unit_of_measurement"] = Value::Null;
                }
            }
            message
        };
        assert_eq!(for_programs(english), for_programs(german));
    }

    #[test]
    fn a_status_topic_names_the_server() {
        let topics = Topics::new(&MqttConfig::default(), 255);
        assert_eq!(topics.is_own_status(&topics.status()), Some(true));
        assert_eq!(topics.is_own_status("kosync/00000000000000fe/status"), Some(false));
        for other in
            [&topics.state(UserId(7)), "homeassistant/status", "kosync/status", "kosync/x/status", "kosync//status"]
        {
            assert_eq!(topics.is_own_status(other), None, "{other}");
        }
        assert_eq!(topics.device_name("ada", false), "kosync ada");
        assert_eq!(topics.device_name("ada", true), "kosync ada 00ff");
    }
}
