//! Issue 16, 13: the start shows an address that devices can use, or says why it knows none and names the setting.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::kosync::{Process, may_unshare};

/// Returns a command that runs the binary in a network namespace of its own. Not even its loopback interface is up.
fn without_network(variables: &[(&str, &str)], prefix: &str) -> Command {
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(variables.iter().copied());
    command.arg("-c").arg(format!("{prefix} exec unshare --net \"$0\" \"$@\"")).arg0("sh");
    command.arg(env!("CARGO_BIN_EXE_kosync")).stdin(Stdio::null());
    command
}

#[test]
fn in_a_container_the_address_is_unknown_and_the_setting_is_named() {
    if !may_unshare("--net") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let start = |variables: &[(&str, &str)]| {
        let mut command = without_network(variables, "");
        command.arg("--data-dir").arg(dir.path()).args(["--listen", "[::]:0"]);
        let process = Process::spawn(command);
        let banner = process.banner.join("\n");
        process.stop();
        banner
    };
    let banner = start(&[("container", "podman")]);
    assert!(banner.contains("The address to type into KOReader is not known: this is a"), "{banner}");
    assert!(
        banner.contains("whose own address devices do not reach") && banner.contains("`KOSYNC_ADDRESS`"),
        "{banner}"
    );
    assert!(!banner.contains("127.0.0.1") && !banner.contains("    http"), "{banner}");
    let banner = start(&[("container", "podman"), ("KOSYNC_ADDRESS", "http://192.168.1.20:7200")]);
    assert!(banner.contains("is:\n    http://192.168.1.20:7200\n"), "{banner}");
}

/// `ListenStream=[::]:7200` and `PrivateNetwork=yes`, as in nixos/systemd.
#[test]
fn behind_a_socket_unit_with_a_private_network_the_address_is_unknown() {
    if !may_unshare("--net") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let socket = std::net::TcpListener::bind("[::]:0").or_else(|_| std::net::TcpListener::bind("0.0.0.0:0")).unwrap();
    // `unshare` keeps the process id, which is that of the receiver.
    let mut command = without_network(&[], "exec 3<&0; export LISTEN_FDS=1 LISTEN_PID=$$;");
    command.arg("--data-dir").arg(dir.path()).stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)));
    let process = Process::spawn(command);
    let banner = process.banner.join("\n");
    // In a container that runs this test, the container is the reason.
    let reasons = ["the service does not see the addresses of this machine", "whose own address devices do not reach"];
    assert!(reasons.iter().any(|reason| banner.contains(reason)) && banner.contains("KOSYNC_ADDRESS"), "{banner}");
    assert!(!banner.contains("127.0.0.1") && !banner.contains("    http"), "{banner}");
    process.stop();
}

/// A server for a local reverse proxy knows that devices do not use its address.
#[test]
fn an_address_of_this_machine_alone_is_said_to_be_one() {
    let dir = tempfile::tempdir().unwrap();
    let start = |listen: &str| {
        let mut command = super::kosync::command();
        command.arg("--data-dir").arg(dir.path()).args(["--listen", listen]);
        let process = Process::spawn(command);
        let banner = process.banner.join("\n");
        process.stop();
        banner
    };
    let banner = start("127.0.0.1:0");
    assert!(banner.contains("In KOReader on this machine") && banner.contains("reverse proxy"), "{banner}");
    let banner = start(&format!("unix:{}", dir.path().join("socket").display()));
    assert!(banner.contains("for a reverse proxy.\nType the address of the proxy."), "{banner}");
}
