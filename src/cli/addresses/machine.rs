//! What this machine's system says about its network: addresses that devices can reach, and whether it is a container.

use std::env;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// Where the system lists its network interfaces.
const INTERFACES: &str = "/sys/class/net";

/// A program that gives containers a network of their own, behind the machine's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Container {
    Docker,
    Podman,
    Kubernetes,
    Other,
}

impl Container {
    /// Returns its name with an article, for a sentence.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Docker => "a Docker container",
            Self::Podman => "a Podman container",
            Self::Kubernetes => "a Kubernetes pod",
            Self::Other => "a container",
        }
    }
}

/// What tells that a process runs in a container.
#[derive(Debug, Clone, Default)]
pub(super) struct Markers {
    /// Whether `/.dockerenv` exists.
    pub(super) docker_file: bool,
    /// Whether `/run/.containerenv` exists.
    pub(super) podman_file: bool,
    /// Whether Kubernetes has set `KUBERNETES_SERVICE_HOST`.
    pub(super) kubernetes_variable: bool,
    /// The variable `container`, which container runtimes set for the first process.
    pub(super) variable: Option<String>,
    /// The control groups of this process.
    pub(super) cgroups: String,
    /// The line of `/` in the list of mounts.
    pub(super) root_mount: String,
}

impl Markers {
    fn read() -> Self {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let is_root = |line: &&str| line.split(' ').nth(4) == Some("/");
        Self {
            docker_file: Path::new("/.dockerenv").exists(),
            podman_file: Path::new("/run/.containerenv").exists(),
            kubernetes_variable: env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            variable: env::var("container").ok(),
            cgroups: fs::read_to_string("/proc/self/cgroup").unwrap_or_default(),
            root_mount: mounts.lines().find(is_root).unwrap_or_default().to_owned(),
        }
    }

    /// Returns the kind of container. `None` also for LXC and systemd-nspawn, which are machines with addresses of their own.
    pub(super) fn container(&self) -> Option<Container> {
        let variable = self.variable.as_deref().unwrap_or_default();
        let has_cgroup = |parts: &[&str]| parts.iter().any(|part| self.cgroups.contains(part));
        let has_root = |part: &str| self.root_mount.contains(part);
        if self.kubernetes_variable || has_cgroup(&["/kubepods"]) {
            Some(Container::Kubernetes)
        } else if self.podman_file || variable == "podman" || has_cgroup(&["/libpod-"]) {
            Some(Container::Podman)
        } else if self.docker_file || variable == "docker" || has_cgroup(&["/docker/", "/docker-"]) {
            Some(Container::Docker)
        } else if variable == "oci"
            || has_cgroup(&["/nerdctl-", "/cri-containerd", "/ecs/"])
            || ["/containerd/", "/docker/", "/containers/storage/"].into_iter().any(has_root)
        {
            Some(Container::Other)
        } else {
            None
        }
    }
}

/// A network interface that is up.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub(super) addresses: Vec<IpAddr>,
    /// Whether it is, or has among its ports, a network card, also a virtual machine's.
    pub(super) has_hardware: bool,
    /// Whether it is a bridge, such as those of Docker and libvirt.
    pub(super) is_bridge: bool,
}

/// What is known of this machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Machine {
    pub(super) container: Option<Container>,
    pub(super) interfaces: Vec<Interface>,
}

impl Machine {
    pub(super) fn read() -> Self {
        Self { container: Markers::read().container(), interfaces: interfaces() }
    }

    /// Returns the addresses that other devices may reach, IPv4 first. None are known in a container with a network of its own.
    ///
    /// A container has the machine's network if there is a network card in it.
    pub(super) fn addresses(&self) -> Result<Vec<IpAddr>, Container> {
        let has_hardware = self.interfaces.iter().any(|interface| interface.has_hardware);
        if let Some(container) = self.container.filter(|_| !has_hardware) {
            return Err(container);
        }
        let reachable = self.interfaces.iter().filter(|interface| !interface.is_bridge || interface.has_hardware);
        let addresses = reachable.flat_map(|interface| interface.addresses.iter().copied());
        let mut addresses: Vec<IpAddr> = addresses.filter(|ip| !ip.is_loopback() && !is_link_local(*ip)).collect();
        if let Some(container) = self.container {
            // A container in a virtual machine of its own has a network card, too, but the container's address.
            if !addresses.is_empty() && addresses.iter().all(|ip| is_of_container_network(*ip)) {
                return Err(container);
            }
        }
        addresses.sort_by_key(IpAddr::is_ipv6);
        Ok(addresses)
    }

    /// Returns all addresses but link-local ones, also those that only containers reach. Returns the loopback address if there is no other.
    pub(super) fn all_addresses(&self, only_v4: bool) -> Vec<IpAddr> {
        let all = self.interfaces.iter().flat_map(|interface| interface.addresses.iter().copied());
        let mut all: Vec<IpAddr> = all.filter(|ip| !ip.is_loopback() && !is_link_local(*ip)).collect();
        all.retain(|ip| ip.is_ipv4() || !only_v4);
        all.sort_by_key(IpAddr::is_ipv6);
        if all.is_empty() { vec![Ipv4Addr::LOCALHOST.into()] } else { all }
    }
}

/// Lists the interfaces that are up.
fn interfaces() -> Vec<Interface> {
    let mut by_name: Vec<(String, Interface)> = Vec::new();
    for entry in getifaddrs().into_iter().flatten().filter(|entry| entry.flags.contains(InterfaceFlags::IFF_UP)) {
        let ip = entry.address.and_then(|address| {
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        });
        let known = by_name.iter().position(|(name, _)| *name == entry.interface_name);
        let index = known.unwrap_or_else(|| {
            let directory = Path::new(INTERFACES).join(&entry.interface_name);
            let is_bridge = directory.join("bridge").exists();
            let has_hardware = is_hardware(&directory) || ports(&directory).iter().any(|port| is_hardware(port));
            by_name.push((entry.interface_name.clone(), Interface { addresses: Vec::new(), has_hardware, is_bridge }));
            by_name.len() - 1
        });
        by_name[index].1.addresses.extend(ip);
    }
    by_name.into_iter().map(|(_, interface)| interface).collect()
}

/// Returns whether an interface is a network card, or a VLAN or bond on one.
fn is_hardware(directory: &Path) -> bool {
    let is_above_another = || {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("lower_"))
            && !directory.join("bridge").exists()
    };
    directory.join("device").exists() || is_above_another()
}

/// Returns the directories of a bridge's ports.
fn ports(directory: &Path) -> Vec<PathBuf> {
    let ports = fs::read_dir(directory.join("brif")).into_iter().flatten().flatten();
    ports.map(|port| Path::new(INTERFACES).join(port.file_name())).collect()
}

/// A link-local address is of no use: it needs the name of an interface, which cannot be typed into an e-reader.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Returns whether Docker or Podman gives such an address to containers by default.
fn is_of_container_network(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => matches!(ip.octets(), [172, 17..=31, ..] | [10, 88 | 89, ..] | [10, 0, 2, _]),
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_told_from_machines_by_their_markers() {
        let none = Markers::default;
        let variable = |text: &str| Markers { variable: Some(text.into()), ..none() };
        let cgroups = |text: &str| Markers { cgroups: text.into(), ..none() };
        let root_mount = |text: &str| Markers { root_mount: text.into(), ..none() };
        for (markers, container) in [
            (none(), None),
            (Markers { docker_file: true, ..none() }, Some(Container::Docker)),
            (Markers { podman_file: true, ..none() }, Some(Container::Podman)),
            // Podman makes Docker's file, too, where it is asked to look like Docker.
            (Markers { podman_file: true, docker_file: true, ..none() }, Some(Container::Podman)),
            (Markers { kubernetes_variable: true, docker_file: true, ..none() }, Some(Container::Kubernetes)),
            (variable("podman"), Some(Container::Podman)),
            (variable("docker"), Some(Container::Docker)),
            (variable("oci"), Some(Container::Other)),
            (variable("lxc"), None),
            (variable("systemd-nspawn"), None),
            (cgroups("0::/\n"), None),
            (cgroups("0::/system.slice/kosync.service\n"), None),
            (cgroups("1:name=systemd:/lxc/101/ns/system.slice/kosync.service\n"), None),
            (cgroups("12:cpu:/docker/0a1b2c\n"), Some(Container::Docker)),
            (cgroups("0::/system.slice/docker-0a1b2c.scope\n"), Some(Container::Docker)),
            (cgroups("0::/machine.slice/libpod-0a1b2c.scope/container\n"), Some(Container::Podman)),
            (cgroups("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0a.scope\n"), Some(Container::Kubernetes)),
            (cgroups("0::/system.slice/nerdctl-0a1b2c.scope\n"), Some(Container::Other)),
            (root_mount("24 1 259:2 / / rw,relatime - ext4 /dev/root rw"), None),
            (root_mount("24 1 0:22 / / rw - overlay overlay rw,lowerdir=/iso/squashfs,upperdir=/cow"), None),
            (
                root_mount("24 1 0:22 / / rw - overlay overlay rw,lowerdir=/var/lib/containerd/io.containerd/1/fs"),
                Some(Container::Other),
            ),
        ] {
            assert_eq!(markers.container(), container, "{markers:?}");
        }
    }

    #[test]
    fn the_addresses_are_those_that_other_devices_may_reach() {
        use Container::Docker;
        let interface = |addresses: &[&str], has_hardware, is_bridge| Interface {
            addresses: addresses.iter().map(|ip| ip.parse().expect("an address")).collect(),
            has_hardware,
            is_bridge,
        };
        let lo = || interface(&["127.0.0.1", "::1"], false, false);
        let card = || interface(&["fe80::1", "2001:db8::5", "192.168.1.20"], true, false);
        let docker0 = || interface(&["172.17.0.1"], false, true);
        for (container, interfaces, expected) in [
            (None, vec![lo()], Ok("")),
            (None, vec![lo(), card()], Ok("192.168.1.20 2001:db8::5")),
            (None, vec![lo(), docker0(), card()], Ok("192.168.1.20 2001:db8::5")),
            (None, vec![lo(), interface(&["192.168.1.20"], true, true)], Ok("192.168.1.20")),
            // LXC has one end of a pair, which is no hardware.
            (None, vec![lo(), interface(&["192.168.1.20"], false, false)], Ok("192.168.1.20")),
            (
                None,
                vec![lo(), card(), interface(&["100.64.0.7"], false, false)],
                Ok("192.168.1.20 100.64.0.7 2001:db8::5"),
            ),
            (Some(Docker), vec![lo()], Err(Docker)),
            (Some(Docker), vec![lo(), interface(&["172.17.0.2"], false, false)], Err(Docker)),
            // `docker run --network host`
            (Some(Docker), vec![lo(), docker0(), card()], Ok("192.168.1.20 2001:db8::5")),
            (Some(Docker), vec![lo(), interface(&["172.18.0.3"], true, false)], Err(Docker)),
        ] {
            let machine = Machine { container, interfaces };
            let addresses = machine.addresses();
            let text = addresses.map(|found| found.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" "));
            assert_eq!(text, expected.map(str::to_owned), "{machine:?}");
        }
    }
}
