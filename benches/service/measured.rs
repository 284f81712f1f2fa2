//! The times of a run, and their format.

use std::time::Duration;

/// The measured times of one kind of request over one number of connections.
#[derive(Clone, Debug)]
pub struct Measured {
    /// In ascending order.
    times: Vec<Duration>,
    lasted: Duration,
    /// The number of responses with a wrong status, and of lost connections.
    pub errors: u64,
    pub first_error: Option<String>,
}

impl Measured {
    pub fn new(
        mut times: Vec<Duration>,
        lasted: Duration,
        errors: u64,
        first_error: Option<String>,
    ) -> Self {
        times.sort_unstable();
        Self {
            times,
            lasted,
            errors,
            first_error,
        }
    }

    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.lasted.as_secs_f64()
    }

    /// In ms.
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.times.len().saturating_sub(1);
        self.times
            .get(last * percent / 100)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }

    /// In ms.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }
}

/// A number with three significant digits.
pub fn rounded(value: f64) -> String {
    match value {
        value if value.is_nan() => "—".to_owned(),
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}
