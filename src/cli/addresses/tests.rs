//! The whole table of situations.

use super::machine::Interface;
use super::*;

fn interface(addresses: &[&str], has_hardware: bool) -> Interface {
    Interface {
        addresses: addresses.iter().map(|ip| ip.parse().expect("an address")).collect(),
        has_hardware,
        is_bridge: false,
    }
}

fn machine(container: Option<Container>, interfaces: &[Interface]) -> Machine {
    let lo = interface(&["127.0.0.1", "::1"], false);
    Machine { container, interfaces: [&[lo], interfaces].concat() }
}

fn situation(listen: &str, machine: &Machine) -> Situation {
    let listeners = listen.split(' ').map(|text| text.parse().expect("an address to listen on")).collect();
    Situation {
        configured: None,
        unknown: None,
        listeners,
        are_inherited: false,
        certificate: None,
        machine: machine.clone(),
    }
}

/// The addresses, or the first words of the reason.
fn told(situation: &Situation) -> String {
    match situation.reachable() {
        Reachable::At(urls) => urls.join(" "),
        Reachable::Locally(urls) => format!("here: {}", urls.join(" ")),
        Reachable::Unknown { reason, advice } => {
            assert!(advice.contains("KOSYNC_ADDRESS") || advice.contains("option `address`"), "{advice}");
            format!("unknown: {reason}")
        }
    }
}

#[test]
fn an_address_is_shown_only_where_devices_can_use_it() {
    let home = machine(None, &[interface(&["192.168.1.20", "2001:db8::5"], true)]);
    let docker = machine(Some(Container::Docker), &[interface(&["172.17.0.2"], false)]);
    let pod = machine(Some(Container::Kubernetes), &[interface(&["10.42.0.9"], false)]);
    let alone = machine(None, &[]);
    for (machine, listen, expected) in [
        (&home, "[::]:7200", "http://192.168.1.20:7200 http://[2001:db8::5]:7200"),
        (&home, "0.0.0.0:7200", "http://192.168.1.20:7200"),
        (&home, "192.168.1.20:80", "http://192.168.1.20:80"),
        (&home, "127.0.0.1:7200", "here: http://127.0.0.1:7200"),
        (&home, "[::1]:7200", "here: http://[::1]:7200"),
        (&home, "unix:/run/k", "unknown: the server listens on unix:/run/k, for a reverse proxy"),
        (&home, "unix:/run/k 127.0.0.1:1", "here: unix:/run/k http://127.0.0.1:1"),
        (&home, "unix:/run/k 127.0.0.1:1 192.168.1.20:2", "http://192.168.1.20:2"),
        (&home, "[::]:7200 192.168.1.20:7200", "http://192.168.1.20:7200 http://[2001:db8::5]:7200"),
        (&docker, "[::]:7200", "unknown: this is a Docker container, whose own address devices do not reach"),
        (&docker, "172.17.0.2:7200", "unknown: this is a Docker container, whose own address devices do not reach"),
        (&docker, "127.0.0.1:7200", "here: http://127.0.0.1:7200"),
        (
            &docker,
            "127.0.0.1:1 0.0.0.0:7200",
            "unknown: this is a Docker container, whose own address devices do not reach",
        ),
        (&pod, "[::]:7200", "unknown: this is a Kubernetes pod, whose own address devices do not reach"),
        (&alone, "[::]:7200", "unknown: the system names no network address of this machine"),
    ] {
        assert_eq!(told(&situation(listen, machine)), expected, "{listen} {machine:?}");
    }
    let socket_unit = Situation { are_inherited: true, ..situation("[::]:7200", &alone) };
    assert_eq!(
        told(&socket_unit),
        "unknown: the socket comes from systemd, and the service does not see the addresses of this machine"
    );
    let socket_unit = Situation { are_inherited: true, ..situation("[::]:7200", &home) };
    assert_eq!(told(&socket_unit), "http://192.168.1.20:7200 http://[2001:db8::5]:7200");
    let configured = Some("https://books.example".parse().expect("an address"));
    assert_eq!(told(&Situation { configured, ..situation("[::]:7200", &docker) }), "https://books.example");
}

#[test]
fn with_tls_an_address_has_a_name_that_the_certificate_is_for() {
    let home = machine(None, &[interface(&["192.168.1.20", "192.168.1.21"], true)]);
    for (listen, hosts, ips, expected) in [
        ("[::]:7200", vec!["books.example"], vec![], "https://books.example:7200"),
        ("[::]:443", vec!["books.example"], vec![], "https://books.example"),
        ("[::]:7200", vec!["a.example", "b.example"], vec![], "https://a.example:7200 https://b.example:7200"),
        ("[::]:7200", vec![], vec!["192.168.1.21"], "https://192.168.1.21:7200"),
        (
            "[::]:7200",
            vec![],
            vec![],
            "unknown: the certificate is for no single host name and for no address of this machine",
        ),
        ("127.0.0.1:7200", vec!["books.example"], vec![], "here: https://127.0.0.1:7200"),
    ] {
        let certificate = CertificateNames {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            ips: ips.iter().map(|ip: &&str| ip.parse().expect("an address")).collect(),
        };
        let situation = Situation { certificate: Some(certificate), ..situation(listen, &home) };
        assert_eq!(told(&situation), expected, "{listen}");
    }
}

#[test]
fn home_assistant_s_reasons_name_its_option() {
    let docker = machine(Some(Container::Docker), &[interface(&["172.30.33.5"], false)]);
    for unknown in [UnknownAddress::PortOff, UnknownAddress::NoCertificateName, UnknownAddress::NotTold] {
        let situation = Situation { unknown: Some(unknown), ..situation("[::]:7200", &docker) };
        let Reachable::Unknown { reason, advice } = situation.reachable() else { panic!("{unknown:?}") };
        assert!(advice.contains("option `address`") && !format!("{reason}{advice}").contains("172.30"), "{advice}");
    }
}
