//! Measured times, and their output.

use std::time::Duration;

/// How long a way is measured.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The first rounds plan statements and fill caches, so they aren't counted. Slow ways have fewer of them, but at
    /// least one.
    pub warm_up: usize,
    pub least: usize,
    pub most: usize,
    /// A time limit that includes the writes. When it has passed, only the minimum number of rounds is run.
    pub budget: Duration,
}

/// The rounds of a way so far.
#[derive(Debug, Default)]
pub struct Rounds {
    times: Vec<Duration>,
    warm_ups: usize,
    spent: Duration,
}

impl Rounds {
    /// Whether another round is needed.
    pub fn go_on(&self, pace: Pace) -> bool {
        let rounds = self.times.len();
        rounds < pace.most && (rounds < pace.least || self.spent < pace.budget)
    }

    /// Adds a round that took `time`, or `whole` with the writes. Returns whether it was only a warm-up.
    pub fn add(&mut self, pace: Pace, time: Duration, whole: Duration) -> bool {
        let may = self.warm_ups == 0 || self.spent < pace.budget / 10;
        let warms_up = self.times.is_empty() && self.warm_ups < pace.warm_up && may;
        if warms_up {
            self.warm_ups += 1;
        } else {
            self.times.push(time);
        }
        self.spent += whole;
        warms_up
    }

    pub fn measured(&self) -> usize {
        self.times.len()
    }

    pub fn end(self, label: impl Into<String>) -> Measured {
        Measured::new(label, self.times)
    }
}

/// The times of one way, round by round.
#[derive(Clone, Debug)]
pub struct Measured {
    pub label: String,
    /// In ascending order.
    times: Vec<Duration>,
}

impl Measured {
    pub fn new(label: impl Into<String>, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self {
            label: label.into(),
            times,
        }
    }

    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// In ms.
    fn percentile(&self, percent: usize) -> f64 {
        let last = self.times.len().saturating_sub(1);
        self.times
            .get(last * percent / 100)
            .map_or(0.0, |time| ms(*time))
    }

    /// The ratio to the other way's median.
    pub fn ratio(&self, other: &Self) -> f64 {
        self.median() / other.median()
    }
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A number with a reasonable number of digits.
pub fn rounded(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// Prints a table. Ratios are relative to the first row.
pub fn print(title: &str, ways: &[Measured]) {
    println!(
        "\n{title:<56} {:>10} {:>8} {:>8} {:>7}",
        "median, ms", "p99, ms", "ratio", "rounds"
    );
    for way in ways {
        println!(
            "{:<56} {:>10} {:>8} {:>8} {:>7}",
            way.label,
            rounded(way.median()),
            rounded(way.percentile(99)),
            rounded(way.ratio(&ways[0])),
            way.times.len()
        );
    }
}
