//! `GET /metrics`, in Prometheus's text format.

use crate::common::{KEY, Site, position};

/// Returns the value of one metric.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().unwrap()
}

#[test]
fn requests_failed_logins_commits_and_sizes_are_counted() {
    let site = Site::with(|builder| builder.metrics(true));
    site.registered("ada", KEY);
    for document in ["a", "b", "b"] {
        site.pushed("ada", KEY, &position(document, "p", 0.5));
    }
    site.login("ada", "wrong").unauthorized();
    site.login("nobody", "wrong").unauthorized();
    assert_eq!(site.send("GET", "/nowhere/secret", &[], None).status, 404);
    assert_eq!(site.send("POST", "/healthcheck", &[], None).status, 405);
    let reply = site.send("GET", "/metrics", &[], None);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = &reply.body;
    for (name, count) in [
        ("kosync_requests_total{route=\"users/create\",status=\"201\"}", 1.0),
        ("kosync_requests_total{route=\"syncs/progress\",status=\"200\"}", 3.0),
        ("kosync_requests_total{route=\"users/auth\",status=\"401\"}", 2.0),
        ("kosync_requests_total{route=\"healthcheck\",status=\"405\"}", 1.0),
        ("kosync_requests_total{route=\"none\",status=\"404\"}", 1.0),
        ("kosync_request_duration_seconds_count{route=\"syncs/progress\"}", 3.0),
        ("kosync_failed_logins_total", 2.0),
        ("kosync_accounts", 2.0),
        ("kosync_positions", 2.0),
        // One registration and three pushes, each in a batch of its own.
        ("kosync_commit_duration_seconds_count", 4.0),
        ("kosync_batch_size_sum", 4.0),
        ("kosync_batch_size_bucket{le=\"1.0\"}", 4.0),
    ] {
        assert_eq!(value(text, name), count, "{name}");
    }
    assert!(value(text, "kosync_store_bytes") > 4096.0);
    assert!(value(text, "kosync_commit_duration_seconds_sum") > 0.0);
    assert!(
        text.contains("# TYPE kosync_requests counter") && text.contains("# HELP kosync_accounts Accounts"),
        "{text}"
    );
    // Paths and names, which clients can make up, are in no label.
    assert!(!text.contains("secret") && !text.contains("ada"), "{text}");
    // The first request for metrics is counted, and so is the deletion of an account.
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    let text = site.send("GET", "/metrics", &[], None).body;
    assert_eq!(value(&text, "kosync_requests_total{route=\"metrics\",status=\"200\"}"), 1.0);
    assert_eq!((value(&text, "kosync_accounts"), value(&text, "kosync_positions")), (1.0, 0.0));
}

#[test]
fn the_route_is_disabled_by_default() {
    let site = Site::start();
    assert_eq!(site.send("GET", "/metrics", &[], None).shaped().status, 404);
}
