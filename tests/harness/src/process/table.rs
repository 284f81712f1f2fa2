//! The kernel's tables of processes and sockets. Only Linux shows them, in /proc.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use rustix::process::{Pid, Signal, kill_process};

/// The kernel's data about a process.
pub struct Stat {
    pub name: String,
    pub parent: u32,
    /// The number of its process group.
    pub group: u32,
    /// Its start time: a later process with the same number has another.
    pub started: String,
    pub has_ended: bool,
}

impl Stat {
    /// Parses `pid (name) state parent … starttime`. The name may contain blanks and parentheses.
    pub fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = text.split_once('(')?;
        let (name, rest) = rest.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Some(Self {
            name: name.to_owned(),
            has_ended: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            started: (*fields.get(19)?).to_owned(),
        })
    }
}

/// Whether this system shows its tables.
pub fn is_shown() -> bool {
    Path::new("/proc/net/tcp").exists()
}

pub fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// A TCP socket of this machine, as the kernel writes it.
pub struct Socket {
    /// Hexadecimal address and port, as in `0100007F:1388`.
    pub local: String,
    pub remote: String,
    pub listens: bool,
    pub inode: u64,
}

/// All TCP sockets of this machine.
pub fn sockets() -> Vec<Socket> {
    const LISTENS: &str = "0A";
    let mut sockets = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        sockets.extend(text.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            Some(Socket {
                local: (*fields.get(1)?).to_owned(),
                remote: (*fields.get(2)?).to_owned(),
                listens: *fields.get(3)? == LISTENS,
                inode: fields.get(9)?.parse().ok()?,
            })
        }));
    }
    sockets
}

/// The inodes of the sockets that a process has open.
pub fn open_sockets(pid: u32) -> impl Iterator<Item = u64> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd"));
    entries.into_iter().flatten().filter_map(|entry| {
        let target = std::fs::read_link(entry.ok()?.path()).ok()?;
        let inode = target.to_str()?.strip_prefix("socket:[")?;
        inode.strip_suffix(']')?.parse().ok()
    })
}

/// The TCP ports on which a process or one of its descendants listens, each with the process's name. Those of a debugger
/// are left out.
pub fn listening(root: u32) -> BTreeMap<u16, String> {
    let ports: HashMap<u64, u16> = sockets()
        .into_iter()
        .filter(|socket| socket.listens)
        .filter_map(|socket| {
            let (_, port) = socket.local.rsplit_once(':')?;
            Some((socket.inode, u16::from_str_radix(port, 16).ok()?))
        })
        .collect();
    let mut found = BTreeMap::new();
    for pid in family(root) {
        let command = command(pid);
        for inode in open_sockets(pid) {
            if let Some(port) = ports
                .get(&inode)
                .filter(|port| !is_debuggers(**port, &command))
            {
                let name = || Stat::of(pid).map_or_else(|| pid.to_string(), |stat| stat.name);
                found.entry(*port).or_insert_with(name);
            }
        }
    }
    found
}

/// The words of a process's command line, with a NUL after each.
fn command(pid: u32) -> String {
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).into_owned()
}

/// Whether the port belongs to debugpy: to its adapter, or, in a program that it debugs, a port that the system has
/// assigned. There the first connection counts as the adapter's, so that a look would end the program.
fn is_debuggers(port: u16, command: &str) -> bool {
    let is_adapter = command.contains("debugpy/adapter\0");
    let is_debugged = command.split(['\0', '/']).any(|part| part == "debugpy");
    is_adapter || is_debugged && is_assigned(port)
}

fn is_assigned(port: u16) -> bool {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = range.unwrap_or_default();
    let mut bounds = range
        .split_whitespace()
        .filter_map(|bound| bound.parse::<u16>().ok());
    let (first, last) = (bounds.next(), bounds.next());
    first.is_some_and(|first| port >= first) && last.is_some_and(|last| port <= last)
}

/// Sends a signal to a process and its descendants. A wrapper, such as npm or a shell, doesn't always pass it on.
pub fn signal_family(root: u32, signal: Signal) {
    for pid in family(root) {
        if let Some(pid) = Pid::from_raw(pid.cast_signed()) {
            // It may have ended in the meantime.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Whether a group has only processes that have ended. Those stay in the table until their parent reads their exit
/// status; an orphan's parent is the system's first process, which may take its time.
pub fn has_ended(group: u32) -> bool {
    let mut members = processes()
        .filter_map(Stat::of)
        .filter(|stat| stat.group == group);
    is_shown() && members.all(|stat| stat.has_ended)
}

/// A process and its descendants.
pub fn family(root: u32) -> BTreeSet<u32> {
    let mut children = HashMap::<u32, Vec<u32>>::new();
    for pid in processes() {
        if let Some(stat) = Stat::of(pid) {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut family = BTreeSet::new();
    let mut next = vec![root];
    while let Some(pid) = next.pop() {
        if family.insert(pid) {
            next.extend(children.remove(&pid).unwrap_or_default());
        }
    }
    family
}
