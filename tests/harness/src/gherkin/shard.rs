//! `--shard I/N`: one of N parts of the selected scenarios. All parts take about the same time.
//!
//! Every part is computed from the same list in the same way, so that all parts together contain each scenario once.
//! Nothing random and nothing specific to the machine may affect it.

use std::{collections::BTreeMap, fmt, path::Path, str::FromStr};

use cucumber::feature::Ext as _;
use gherkin::{Feature, Scenario};

use super::walk;
use crate::failure::Misuse;

/// Milliseconds by `path:line`.
pub type Times = BTreeMap<String, f64>;

/// The time of a scenario if no time is known at all.
const USUAL: f64 = 20.0;
/// How many slots a `@serial` scenario blocks.
const NEIGHBOURS: f64 = 4.0;
/// The kind of work of all `@serial` scenarios.
const SERIAL: &str = "@serial";

/// The requested part, starting at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    pub index: usize,
    pub count: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no part: write I/N, from 1/N to N/N, such as 2/4");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let (index, count) = (index.parse(), count.parse());
        match (index, count) {
            (Ok(index), Ok(count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// A description of a part, for messages.
#[derive(Debug)]
pub struct Part {
    pub shard: Shard,
    pub scenarios: usize,
    pub of: usize,
    /// The number of scenarios whose time is known.
    pub known: usize,
    /// Equal in all runs that divide the scenarios in the same way.
    pub plan: u32,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            shard,
            scenarios,
            of,
            known,
            plan,
        } = self;
        let times = match known {
            0 => "no times of earlier runs are known".to_owned(),
            known => format!("times of {known} are known"),
        };
        write!(
            f,
            "shard {shard}: {scenarios} of {of} scenarios; {times}; all shards of this plan say {plan:08x}"
        )
    }
}

struct Item {
    key: String,
    /// The kind of work: scenarios of the same file mostly wait for the same things or use the same CPU time.
    kind: String,
    cost: f64,
}

/// Keeps the scenarios of the part.
pub fn keep(features: &mut Vec<Feature>, shard: Shard, times: &Times, root: &Path) -> Part {
    let mut items = Vec::new();
    for feature in &*features {
        for (rule, scenario) in walk::scenarios(feature) {
            let key = key(feature, scenario, root);
            let is_serial = walk::tags(feature, rule, scenario).any(|tag| tag == "serial");
            let (kind, factor) = if is_serial {
                (SERIAL.to_owned(), NEIGHBOURS)
            } else {
                (file_of(&key).to_owned(), 1.0)
            };
            items.push((key, kind, factor));
        }
    }
    let known: Vec<f64> = items
        .iter()
        .filter_map(|(key, ..)| times.get(key).copied())
        .collect();
    let usual = median(&known).unwrap_or(USUAL);
    let costs = items.into_iter().map(|(key, kind, factor)| Item {
        // One more millisecond for the reset and other costs around a scenario.
        cost: (times.get(&key).copied().unwrap_or(usual) + 1.0) * factor,
        kind,
        key,
    });
    let shares = shares(costs.collect(), shard.count);
    let of = shares.len();
    let plan = fingerprint(&shares, shard.count);
    let mut scenarios = 0;
    for feature in &mut *features {
        walk::retain(feature, |feature, _, scenario| {
            let is_ours = shares.get(&key(feature, scenario, root)) == Some(&(shard.index - 1));
            scenarios += usize::from(is_ours);
            is_ours
        });
    }
    features.retain(|feature| feature.count_scenarios() > 0);
    Part {
        shard,
        scenarios,
        of,
        known: known.len(),
        plan,
    }
}

/// Assigns the longest scenarios first, each to a part with little work. Of several such parts, the one with the least work
/// of its kind takes it: a scenario that waits takes as long as one that uses the CPU, but only one of them slows its
/// neighbours down.
fn shares(mut items: Vec<Item>, count: usize) -> BTreeMap<String, usize> {
    items.sort_by(|a, b| b.cost.total_cmp(&a.cost).then_with(|| a.key.cmp(&b.key)));
    let mut loads = vec![0.0_f64; count];
    let mut loads_by_kind: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut shares = BTreeMap::new();
    for Item { key, kind, cost } in items {
        let of_kind = loads_by_kind
            .entry(kind)
            .or_insert_with(|| vec![0.0; count]);
        let least = loads.iter().copied().fold(f64::MAX, f64::min);
        let chosen = (0..count)
            .filter(|part| loads[*part] <= least + cost)
            .min_by(|a, b| {
                let of_kind = of_kind[*a].total_cmp(&of_kind[*b]);
                of_kind.then(loads[*a].total_cmp(&loads[*b]))
            })
            .unwrap_or_default();
        loads[chosen] += cost;
        of_kind[chosen] += cost;
        shares.insert(key, chosen);
    }
    shares
}

fn file_of(key: &str) -> &str {
    key.rsplit_once(':').map_or(key, |(file, _)| file)
}

fn fingerprint(shares: &BTreeMap<String, usize>, count: usize) -> u32 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hash = DefaultHasher::new();
    (shares, count).hash(&mut hash);
    // Half of the hash is enough.
    (hash.finish() & u64::from(u32::MAX))
        .try_into()
        .unwrap_or_default()
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// `features/x.feature:12`, relative to the package's folder.
pub fn key(feature: &Feature, scenario: &Scenario, root: &Path) -> String {
    let path = feature.path.as_deref().unwrap_or(Path::new(""));
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.strip_prefix(root).unwrap_or(&path);
    format!("{}:{}", path.display(), scenario.position.line)
}

/// The times of earlier runs in a file, or in the file `name` of a folder. The file must exist.
pub fn named_times(path: &Path, name: &str) -> Result<Times, Misuse> {
    let file = if path.is_dir() {
        path.join(name)
    } else {
        path.to_owned()
    };
    if file.is_file() {
        return times(&file);
    }
    Err(Misuse(format!(
        "--times: there is no file {}",
        file.display()
    )))
}

/// The times of earlier runs; empty if the file doesn't exist.
pub fn times(file: &Path) -> Result<Times, Misuse> {
    match std::fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            Misuse(format!(
                "{}: the times of earlier runs can't be read: {error}; remove the file",
                file.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Times::new()),
        Err(error) => Err(Misuse(format!("{}: {error}", file.display()))),
    }
}
