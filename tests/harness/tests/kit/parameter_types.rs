use bdd_harness::{Parameter, World, given};

#[given(expr = "{flight} has been delayed")]
fn delayed(_: &mut World, _: Flight) {}

#[derive(Parameter)]
#[param(name = "flight", regex = "([A-Z]{3})-([A-Z]{3})")]
struct Flight;

impl std::str::FromStr for Flight {
    type Err = std::convert::Infallible;

    fn from_str(_: &str) -> Result<Self, Self::Err> {
        Ok(Self)
    }
}
