//! The order in which scenarios run. Everything else keeps the order of the files.

use std::{fmt, str::FromStr};

use cucumber::parser::Result as Parsed;
use futures::{StreamExt as _, stream::LocalBoxStream};
use gherkin::Feature;
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};

/// An order other than that of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By this seed.
    Random(u64),
    Reverse,
}

/// A seed, or `reverse`.
impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(seed) => Ok(Self::Random(seed)),
            Err(_) if text == "reverse" => Ok(Self::Reverse),
            Err(_) => Err("write a seed, which is a whole number, or `reverse`".to_owned()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(seed) => seed.fmt(f),
            Self::Reverse => f.write_str("reverse"),
        }
    }
}

impl Order {
    /// Orders the features, and the rules and scenarios in each.
    fn apply(self, features: &mut [Feature]) {
        let mut random = match self {
            Self::Random(seed) => Some(StdRng::seed_from_u64(seed)),
            Self::Reverse => None,
        };
        for feature in &mut *features {
            order(&mut feature.scenarios, random.as_mut());
            for rule in &mut feature.rules {
                order(&mut rule.scenarios, random.as_mut());
            }
            order(&mut feature.rules, random.as_mut());
        }
        order(features, random.as_mut());
    }
}

fn order<T>(items: &mut [T], random: Option<&mut StdRng>) {
    match random {
        Some(random) => items.shuffle(random),
        None => items.reverse(),
    }
}

/// The selected features in the form that cucumber's runner expects.
pub fn stream(
    mut features: Vec<Feature>,
    order: Option<Order>,
) -> LocalBoxStream<'static, Parsed<Feature>> {
    if let Some(order) = order {
        order.apply(&mut features);
    }
    futures::stream::iter(features.into_iter().map(Ok)).boxed_local()
}
