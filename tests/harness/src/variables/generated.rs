//! Generated values: `{{$uuid}}`, `{{$now}}`, `{{$seq}}` and `{{$fake.name}}`.

use std::collections::HashSet;

use crate::{
    duration::Span,
    failure::{Failure, nearest_first},
    json::Json,
};
use chrono::{SecondsFormat, TimeDelta, Utc};
use fake::{
    Fake,
    faker::{address, company, internet, job, lorem, name, phone_number},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// Generates realistic values. They are the same for the same seed, and no text comes twice.
#[derive(Debug)]
pub struct Maker {
    random: StdRng,
    /// The last `$seq`.
    counted: u64,
    /// The last number that was appended to keep values unique.
    numbered: u64,
    made: HashSet<String>,
}

type Make = fn(&mut Maker) -> Json;

/// The names behind `$fake.`, and how their values are generated.
const FAKES: &[(&str, Make)] = &[
    ("name", |m| m.text(|r| name::en::Name().fake_with_rng(r))),
    ("first_name", |m| {
        m.text(|r| name::en::FirstName().fake_with_rng(r))
    }),
    ("last_name", |m| {
        m.text(|r| name::en::LastName().fake_with_rng(r))
    }),
    ("username", Maker::username),
    ("email", Maker::email),
    ("password", Maker::password),
    ("phone", |m| {
        m.text(|r| phone_number::en::PhoneNumber().fake_with_rng(r))
    }),
    ("word", |m| m.text(|r| lorem::en::Word().fake_with_rng(r))),
    ("sentence", |m| {
        m.text(|r| lorem::en::Sentence(4..9).fake_with_rng(r))
    }),
    ("paragraph", |m| {
        m.text(|r| lorem::en::Paragraph(3..6).fake_with_rng(r))
    }),
    ("company", |m| {
        m.text(|r| company::en::CompanyName().fake_with_rng(r))
    }),
    ("job", |m| m.text(|r| job::en::Title().fake_with_rng(r))),
    ("street", |m| {
        m.text(|r| address::en::StreetName().fake_with_rng(r))
    }),
    ("city", |m| {
        m.text(|r| address::en::CityName().fake_with_rng(r))
    }),
    ("state", |m| {
        m.text(|r| address::en::StateName().fake_with_rng(r))
    }),
    ("postcode", |m| {
        m.text(|r| address::en::ZipCode().fake_with_rng(r))
    }),
    ("country", |m| {
        m.text(|r| address::en::CountryName().fake_with_rng(r))
    }),
    // `rgb(…)` because an expected `#a0b1c2` would be read as a matcher.
    ("color", |m| {
        m.text(|r| {
            let [red, green, blue]: [u8; 3] = r.random();
            format!("rgb({red}, {green}, {blue})")
        })
    }),
    ("url", Maker::url),
    ("ip", |m| m.text(|r| internet::en::IPv4().fake_with_rng(r))),
    ("user_agent", |m| {
        m.text(|r| internet::en::UserAgent().fake_with_rng(r))
    }),
    ("number", |m| m.random.random_range(1..=10_000_u64).into()),
    ("price", |m| {
        let cents = m.random.random_range(100..100_000);
        format!("{}.{:02}", cents / 100, cents % 100).into()
    }),
    ("boolean", |m| m.random.random::<bool>().into()),
];

impl Maker {
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            counted: 0,
            numbered: 0,
            made: HashSet::new(),
        }
    }

    /// Generates `uuid`, `now`, `seq` or `fake.…`. An unknown name fails with a list of all.
    pub fn make(&mut self, name: &str) -> Result<Json, Failure> {
        match name {
            "uuid" => Ok(uuid::Builder::from_random_bytes(self.random.random())
                .into_uuid()
                .to_string()
                .into()),
            "seq" => {
                self.counted += 1;
                Ok(self.counted.into())
            }
            _ => match name.strip_prefix("now") {
                Some(shift) => now(shift),
                None => self.fake(name),
            },
        }
    }

    fn fake(&mut self, name: &str) -> Result<Json, Failure> {
        let Some(wanted) = name.strip_prefix("fake.") else {
            return Err(format!(
                "`${name}` can't be generated: there are $uuid, $now, $now-1h, $seq and $fake.…"
            )
            .into());
        };
        if let Some((_, make)) = FAKES.iter().find(|(known, _)| *known == wanted) {
            return Ok(make(self));
        }
        let known = nearest_first(FAKES.iter().map(|(known, _)| *known), wanted);
        Err(format!(
            "`$fake.{wanted}` can't be generated: there are $fake.{}",
            known.join(", .")
        )
        .into())
    }

    /// A text that is new, without quotes and line breaks, which could break the SQL or JSON around it.
    fn text(&mut self, make: impl Fn(&mut StdRng) -> String) -> Json {
        const TRIES: usize = 50;
        let mut text = String::new();
        for _ in 0..TRIES {
            text = make(&mut self.random)
                .replace(['\'', '"', '\\'], "")
                .replace(['\n', '\r', '\t'], " ");
            if self.made.insert(text.clone()) {
                return text.into();
            }
        }
        // A small vocabulary is exhausted. A number makes the text unique.
        text = format!("{text} {}", self.next_number());
        text.into()
    }

    /// 3–50 ASCII letters, digits and `_`, beginning with a letter.
    fn username(&mut self) -> Json {
        format!("{}_{}", self.short_name(), self.next_number()).into()
    }

    fn email(&mut self) -> Json {
        format!("{}.{}@example.com", self.short_name(), self.next_number()).into()
    }

    /// 16 characters with letters of both cases, digits and a sign.
    fn password(&mut self) -> Json {
        const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
        let letters: String = (0..13)
            .map(|_| char::from(SIGNS[self.random.random_range(0..SIGNS.len())]))
            .collect();
        format!("{letters}-T7").into()
    }

    fn url(&mut self) -> Json {
        let word: String = lorem::en::Word().fake_with_rng(&mut self.random);
        format!("https://www.example.com/{word}-{}", self.next_number()).into()
    }

    fn short_name(&mut self) -> String {
        let name: String = name::en::FirstName().fake_with_rng(&mut self.random);
        name.to_lowercase()
            .chars()
            .filter(char::is_ascii_alphabetic)
            .take(30)
            .collect()
    }

    fn next_number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }
}

/// The time, or one before or after it: `-58s`, `+1h30m`.
fn now(shift: &str) -> Result<Json, Failure> {
    let wrong = || {
        Failure::new(format!(
            "`$now{shift}` can't be generated: write $now, or as in $now-58s, $now+1h30m, $now-720h"
        ))
    };
    let of = |text: &str| -> Result<TimeDelta, Failure> {
        let Span(span) = text.parse().map_err(|_| wrong())?;
        TimeDelta::from_std(span).map_err(|_| wrong())
    };
    let time = match shift.chars().next() {
        None => Some(Utc::now()),
        Some('-') => Utc::now().checked_sub_signed(of(&shift[1..])?),
        Some('+') => Utc::now().checked_add_signed(of(&shift[1..])?),
        Some(_) => None,
    };
    let time = time.ok_or_else(wrong)?;
    Ok(time.to_rfc3339_opts(SecondsFormat::Micros, true).into())
}
