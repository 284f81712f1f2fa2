//! The process that owns a lease.

use std::{fmt, net::SocketAddr};

use crate::process::table::{Stat, open_sockets, processes, sockets};

/// A process, distinguishable from a later one with the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub pid: u32,
    /// Its start time as the kernel reports it; `None` if the system doesn't report it.
    started: Option<String>,
}

/// Programs that send one request and end. Their parent process is the owner.
const MESSENGERS: [&str; 6] = ["curl", "wget", "http", "https", "xh", "jq"];

impl Owner {
    /// The running process with this number.
    pub fn of(pid: u32) -> Option<Self> {
        let owner = Self {
            pid,
            started: Stat::of(pid).map(|stat| stat.started),
        };
        owner.is_alive().then_some(owner)
    }

    /// The process at the other end of a connection to us; only Linux shows it. `hint` are processes to check first.
    pub fn of_connection(peer: SocketAddr, local: SocketAddr, hint: &[u32]) -> Option<Self> {
        let socket = inode(peer, local)?;
        let asking = hint
            .iter()
            .copied()
            .find(|pid| open_sockets(*pid).any(|inode| inode == socket))
            .or_else(|| processes().find(|pid| open_sockets(*pid).any(|inode| inode == socket)))?;
        Self::of(who_sent(asking))
    }

    pub fn is_alive(&self) -> bool {
        match (Stat::of(self.pid), &self.started) {
            (Some(stat), Some(started)) => !stat.has_ended && stat.started == *started,
            (None, Some(_)) => false,
            // On systems other than Linux.
            (_, None) => i32::try_from(self.pid)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
                .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)
    }
}

/// The first process that isn't one of [`MESSENGERS`], or a shell's fork that only waits for one.
fn who_sent(asking: u32) -> u32 {
    let mut pid = asking;
    while let Some(stat) = Stat::of(pid) {
        let is_messenger = MESSENGERS.contains(&stat.name.as_str());
        let is_split = pid != asking && command_line(pid) == command_line(stat.parent);
        if !is_messenger && !is_split || stat.parent <= 1 {
            break;
        }
        pid = stat.parent;
    }
    pid
}

fn command_line(pid: u32) -> Option<Vec<u8>> {
    std::fs::read(format!("/proc/{pid}/cmdline")).ok()
}

/// The inode of the peer's socket: in the kernel's table it is the entry whose local address is the peer.
fn inode(peer: SocketAddr, local: SocketAddr) -> Option<u64> {
    let (near, far) = (hexadecimal(peer)?, hexadecimal(local)?);
    sockets()
        .into_iter()
        .find(|socket| socket.local.ends_with(&near) && socket.remote.ends_with(&far))
        .map(|socket| socket.inode)
}

/// The format of the kernel's table: the address's bytes in the machine's order, and the port. An IPv6 socket with an
/// IPv4 address ends with the same text.
fn hexadecimal(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let bytes = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{bytes:08X}:{:04X}", address.port()))
}
