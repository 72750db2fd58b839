#!/usr/bin/env python3
"""Checks MQTT messages by the rules of Home Assistant's Core (2026.11), and prints what its entities would show.

Reads lines from standard input as mosquitto_sub prints them with `-F '%r %t %p'`. Prints a JSON object: for each discovery topic the state of each
component. Exits with 1 and a line for each message that Core would refuse, or take in another way than we mean it.
"""

import json
import re
import sys
from datetime import datetime

from jinja2.sandbox import ImmutableSandboxedEnvironment

TOPIC = re.compile(r"homeassistant/device/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)/config")
TEXTS = {
    "device": "manufacturer model model_id name hw_version serial_number sw_version via_device suggested_area configuration_url",
    "origin": "name sw_version support_url",
}
COMMON = "availability availability_mode availability_topic availability_template payload_available payload_not_available enabled_by_default"
COMMON += " entity_category icon json_attributes_topic json_attributes_template default_entity_id unique_id entity_picture qos encoding name platform"
OWN = {
    "sensor": "device_class expire_after force_update last_reset_value_template options state_class suggested_display_precision unit_of_measurement",
    "binary_sensor": "device_class expire_after force_update off_delay payload_off payload_on",
    "event": "device_class event_types",
}
SHARED = "device origin components availability availability_mode availability_topic availability_template command_topic state_topic qos encoding"
failures = []


def fail(topic, what):
    failures.append(f"{topic}: {what}")


def render(template, text):
    """Renders as Core does: with the message as JSON, and without blanks at both ends."""
    environment = ImmutableSandboxedEnvironment()
    environment.filters["tojson"] = json.dumps
    return environment.from_string(template).render(value=text, value_json=json.loads(text)).strip()


def texts(topic, name, value, allowed):
    for key, text in value.items():
        if key not in allowed.split() or not isinstance(text, str):
            fail(topic, f"`{name}` has {key}: {text!r}")
        elif key.endswith("_url") and not re.match(r"https?://[^/]+", text):
            fail(topic, f"{key} is {text!r}")


def sensor_state(topic, key, component, value):
    """Returns the state that Core's MQTT sensor takes from a rendered value."""
    if value == "None":
        return None
    if value == "":
        return fail(topic, f"{key}: Core ignores an empty value, and keeps the last one")
    if value in ("unknown", "unavailable"):
        return fail(topic, f"{key}: {value!r} means to Core that there is no state")
    if len(value) > 255:
        return fail(topic, f"{key}: a state has 255 characters at most")
    if component.get("device_class") == "timestamp":
        if datetime.fromisoformat(value).tzinfo is None:
            fail(topic, f"{key}: {value!r} has no time zone")
        return value
    if component.keys() & {"unit_of_measurement", "state_class", "suggested_display_precision"}:
        return float(value)
    return value


def state(topic, key, component, message):
    kind = component.get("platform")
    for name in component.keys() - set(f"{COMMON} {OWN.get(kind, '')} state_topic value_template".split()):
        fail(topic, f"{key}: Core's {kind} knows no {name}")
    if not component.get("icon", "").startswith("mdi:") or not component.get("unique_id"):
        fail(topic, f"{key}: {component}")
    if kind == "event":
        for event_type in component["event_types"]:
            if not re.fullmatch(r"[a-z0-9_]+", event_type):
                fail(topic, f"{key}: the event type {event_type!r} is no slug")
        event = json.loads(message)
        if event.get("event_type") not in component["event_types"]:
            fail(topic, f"{key}: Core refuses the event {message}")
        return event.pop("event_type", None)
    if "json_attributes_template" in component:
        json.loads(render(component["json_attributes_template"], message))
    value = render(component["value_template"], message)
    if kind == "binary_sensor":
        return {"ON": True, "OFF": False}.get(value) if value in ("ON", "OFF") else fail(topic, f"{key}: {value!r} is neither ON nor OFF")
    return sensor_state(topic, key, component, value)


def main():
    devices, last = {}, {}
    for line in sys.stdin:
        retained, topic, text = (line.rstrip("\n").split(" ", 2) + [""])[:3]
        last[topic] = (retained == "1", text)
        if TOPIC.fullmatch(topic) and text:
            devices[topic] = json.loads(text)
        elif topic.startswith("homeassistant/device/") and text:
            fail(topic, "Core does not look there")
    shown, ids = {}, []
    for topic, device in devices.items():
        for key in device.keys() - set(SHARED.split()):
            fail(topic, f"Core knows no {key}")
        identifiers = device["device"].pop("identifiers")
        texts(topic, "device", device["device"], TEXTS["device"])
        texts(topic, "origin", device["origin"], TEXTS["origin"])
        if not identifiers or last.get(device["availability_topic"], (0, ""))[1] != "online":
            fail(topic, f"it is not available: {device}")
        shown[topic] = {}
        for key, component in device["components"].items():
            ids.append(component.get("unique_id"))
            message = last.get(component.get("state_topic", device["state_topic"]))
            if message:
                shown[topic][key] = state(topic, key, component, message[1])
    if len(ids) != len(set(ids)):
        fail("unique_id", "two entities share one")
    print(json.dumps(shown))
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
